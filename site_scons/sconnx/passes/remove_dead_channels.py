# SPDX-License-Identifier: Apache-2.0
"""Dead channels: those whose values no output depends on, and those that have one value whatever the inputs are.

A channel stays where an output needs it. From the graph's outputs and inputs, which keep their dims, need spreads backwards
through weights that are not 0 and in both directions through operators that work channel by channel, until nothing changes;
the rest goes, with the weights that make it and those that read it. A convolution or fully connected layer needs no channel
of one value: what that value adds to its accumulators becomes part of its bias. Where the layer pads, only the zero point is
such a value, since a tap sees either the channel or the padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.graph import Graph, Removed
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.node import Node
from sconnx.graph.operator import FullyConnected, Operator, Reshape, Split
from sconnx.graph.tensor import Constant
from sconnx.passes.couplings import Channels, Coupling, couplings, mixes
from sconnx.passes.intervals import Intervals, accumulators, channel_count, intervals
from sconnx.passes.rewrite import reopen
from sconnx.passes.weighted import WEIGHTED, weighted
from sconnx.reference.fixed_point import INT32_MAX, INT32_MIN

Mask = NDArray[np.bool_]


def remove_dead_channels(model: Model) -> Model:
    """The model without its dead channels; every output stays the same, bit for bit.

    A tensor of which nothing is needed keeps one channel, as dims are at least 1. Grouped convolutions, softmax, transposes
    that move the channels and operators from outside keep all of theirs.
    """
    mixers = mixers_of(model)
    kept = live_channels(model.graph, mixers)
    if all(mask.all() for mask in kept.values()):
        return model
    builder = reopen(model)
    cut = _Cut(model, builder, kept)
    for position, node in enumerate(model.graph.nodes):
        builder.nodes[position] = cut.node(node, mixers.get(position))
    smaller = builder.build(list(model.graph.outputs))
    return replace(smaller, graph=replace(smaller.graph, removed=_difference(model.graph, smaller.graph)))


def _difference(before: Graph, after: Graph) -> Removed:
    totals = [
        (
            sum(channel_count(graph, node.outputs[0]) for node in graph.nodes if isinstance(node.operator, WEIGHTED)),
            sum(graph.macs(node) for node in graph.nodes),
            sum(graph.tensors[constant].size_bytes for constant in graph.constants),
        )
        for graph in (before, after)
    ]
    channels, macs, constant_bytes = (old - new for old, new in zip(*totals, strict=True))
    return Removed(channels=channels, macs=macs, constant_bytes=constant_bytes)


@dataclass(frozen=True, slots=True, eq=False)
class Mixer:
    """A node whose outputs are sums over all its input channels.

    Attributes:
        needs: [outputs, inputs]: whether an output depends on an input channel that the bias cannot stand for.
        constants: int64 [outputs, inputs]: what each input channel of one value adds to the accumulators; 0 for other channels.
        settled: (outputs,): whether an output has one value, so that it needs no input at all.
        accumulator: int64 (outputs,): one from which a settled output gets its value.
    """

    needs: Mask
    constants: NDArray[np.int64]
    settled: Mask
    accumulator: NDArray[np.int64]


def mixers_of(model: Model) -> dict[int, Mixer]:
    """The mixing nodes by their position."""
    known = intervals(model)
    return {
        position: _mixer(model, node, known)
        for position, node in enumerate(model.graph.nodes)
        if mixes(model.graph, node) and node.reads[0] in known
    }


def _mixer(model: Model, node: Node, known: Intervals) -> Mixer:
    layer = weighted(model, node)
    assert layer is not None
    x, zero_point = known[node.reads[0]], int(model.params.zero_point[node.reads[0]][0])
    values = x.low.astype(np.int64) - zero_point
    constants = layer.factors.sum(axis=1).astype(np.int64) * np.where(x.is_constant, values, 0)
    # A bias is an int32, whatever becomes part of it.
    fits = (np.abs(constants).sum(axis=1) + np.abs(layer.bias)).max() <= INT32_MAX
    has_bias_for = (values == 0) | (fits and not layer.is_padded)
    settled = known[node.outputs[0]].is_constant
    needs = (layer.factors != 0).any(axis=1) & ~(x.is_constant & has_bias_for) & ~settled[:, None]
    least, _ = accumulators(layer, x, zero_point)
    return Mixer(needs, constants, settled, np.clip(least, INT32_MIN, INT32_MAX))


def live_channels(graph: Graph, mixers: dict[int, Mixer]) -> dict[int, Mask]:
    """Which channels stay, by tensor, weights and biases left out: the least fixed point of what needs what."""
    kept = {index: np.zeros(channel_count(graph, index), bool) for index in _data(graph)}
    coupled = [couplings(graph, node) for node in graph.nodes]
    whole = {*graph.given, *graph.kept}
    for node, pairs in zip(graph.nodes, coupled, strict=True):
        if pairs is None:
            whole.update((*node.reads, *node.outputs))
    for tensor in whole.intersection(kept):
        kept[tensor][:] = True
    while _spread(graph, mixers, coupled, kept) or _keep_least(graph, kept):
        pass
    return kept


def _data(graph: Graph) -> set[int]:
    """The tensors that nodes work on: all but weights and biases."""
    found = {*graph.given, *graph.kept}
    for node in graph.nodes:
        found.update(node.reads[:1] if isinstance(node.operator, WEIGHTED) else node.reads, node.outputs)
    return found


def _spread(
    graph: Graph, mixers: dict[int, Mixer], coupled: list[tuple[Coupling, ...] | None], kept: dict[int, Mask]
) -> bool:
    """Let need spread once through all nodes, backwards; False when it had already come everywhere."""
    before = _total(kept)
    for position in reversed(range(len(graph.nodes))):
        node = graph.nodes[position]
        if position in mixers:
            kept[node.reads[0]] |= mixers[position].needs[kept[node.outputs[0]]].any(axis=0)
        for first, first_channels, second, second_channels in coupled[position] or ():
            both = kept[first][first_channels] | kept[second][second_channels]
            kept[first][first_channels[both]] = True
            kept[second][second_channels[both]] = True
    return _total(kept) > before


def _total(kept: dict[int, Mask]) -> int:
    return sum(int(mask.sum()) for mask in kept.values())


def _keep_least(graph: Graph, kept: dict[int, Mask]) -> bool:
    """Keep a channel of the last tensor that has too few, as it may need others before it; False when there is none.

    A fully connected layer of one weights scale is rounded otherwise than one of several, so two of several stay.
    """
    for node in reversed(graph.nodes):
        least = 2 if isinstance(node.operator, FullyConnected) else 1
        for mask in (kept[tensor] for tensor in node.outputs):
            if mask.sum() < min(least, mask.size):
                mask[np.argmin(mask)] = True
                return True
    return False


class _Cut:
    """Nodes and tensors reduced to what is kept. Constants are copied, once for each way in which they are cut."""

    def __init__(self, model: Model, builder: ModelBuilder, kept: dict[int, Mask]) -> None:
        self.model = model
        self.builder = builder
        self.kept = {tensor: np.flatnonzero(mask) for tensor, mask in kept.items() if not mask.all()}
        self.copies: dict[tuple[int, tuple[int, ...], bytes, bytes], int] = {}
        for tensor, channels in self.kept.items():
            known = builder.tensors[tensor]
            if not isinstance(known, Constant):
                builder.tensors[tensor] = replace(known, dims=(*known.dims[:-1], len(channels)))

    def node(self, node: Node, mixer: Mixer | None) -> Node:
        """The node on what is left of its tensors."""
        if self.kept.keys().isdisjoint((*node.reads, *node.outputs)):
            return node
        if isinstance(node.operator, WEIGHTED):
            return replace(node, inputs=(node.inputs[0], *self._weights(node, mixer)))
        inputs = tuple(None if tensor is None else self._operand(tensor) for tensor in node.inputs)
        return replace(node, operator=self._operator(node), inputs=inputs)

    def _operator(self, node: Node) -> Operator:
        """With the attributes that follow from the dims of the outputs."""
        dims = [self.builder.tensors[output].dims for output in node.outputs]
        if isinstance(node.operator, Reshape):
            return replace(node.operator, dims=dims[0])
        if isinstance(node.operator, Split):
            return replace(node.operator, sizes=tuple(each[node.operator.axis] for each in dims))
        return node.operator

    def _operand(self, tensor: int) -> int:
        if tensor not in self.kept or not isinstance(self.builder.tensors[tensor], Constant):
            return tensor
        value = self.model.params.value[tensor][..., self.kept[tensor]]
        return self._copy(tensor, value, self.builder.quantizations.get(tensor))

    def _copy(self, tensor: int, value: NDArray[np.generic], quantization: QuantValues | None) -> int:
        scales = b"" if quantization is None else quantization.scale.tobytes()
        key = tensor, value.shape, value.tobytes(), scales
        if key not in self.copies:
            self.copies[key] = self.builder.add_constant(self.builder.tensors[tensor].name, value, quantization)
        return self.copies[key]

    def _weights(self, node: Node, mixer: Mixer | None) -> Iterator[int]:
        """Weights, and a bias where there is one or one is needed now."""
        x, y, tensor = node.reads[0], node.outputs[0], node.reads[1]
        params, graph = self.model.params, self.model.graph
        inputs, outputs = (self.kept.get(index, np.arange(channel_count(graph, index))) for index in (x, y))
        scales = self._scales(tensor, outputs)
        bias = node.inputs[2] if len(node.inputs) > 2 else None
        sums = np.zeros(len(outputs), np.int64) if bias is None else params.value[bias].astype(np.int64)[outputs]
        if mixer is None:
            yield self._copy(tensor, params.value[tensor][..., outputs], scales)
        else:
            settled = mixer.settled[outputs]
            weights = params.value[tensor][outputs][..., inputs]
            weights[settled] = params.zero_point[tensor][0]
            yield self._copy(tensor, weights, scales)
            sums = sums + np.delete(mixer.constants, inputs, axis=1).sum(axis=1)[outputs]
            sums[settled] = mixer.accumulator[outputs][settled]
        if bias is not None:
            yield self._copy(bias, sums.astype(np.int32), self._scales(bias, outputs))
        elif sums.any() and scales is not None:
            unit = QuantValues.of(params.scale[x][0] * scales.scale)
            yield self.builder.add_constant(f"{node.name}/bias", sums.astype(np.int32), unit)

    def _scales(self, tensor: int, outputs: Channels) -> QuantValues | None:
        """The scales of a constant, those of the outputs that are left where each has its own."""
        known = self.builder.quantizations.get(tensor)
        if known is None or known.scale.size == 1:
            return known
        return replace(known, scale=known.scale[outputs], zero_point=known.zero_point[outputs])
