# SPDX-License-Identifier: Apache-2.0
"""Small models for tests of the pipeline: fixed ones, and random ones with every kind of access."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from sconnx.export.library import ExportLib, load_libs
from sconnx.export.lower import lower
from sconnx.export.lowered import Lowered
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Add, Conv2D, FullyConnected, MaxPooling2D, Operator, Relu, Reshape, Softmax, Transpose
from sconnx.graph.tensor import Computed, DType
from sconnx.reference.rule import Rule

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "export_rules"
QUANT = QuantValues.of(0.5, -3)
WEIGHTS = QuantValues.of(0.25)
CHANCE = QuantValues.of(1 / 256, -128)
PLANNING = {
    "input": "keep",
    "output": "arena",
    "optimize": "balanced",
    "memories": (),
    "weights": None,
    "pins": (),
    "planner": "auto",
    "limit_seconds": None,
}
"""The options of the steps between lower and generate, as a build has them by default."""


@functools.cache
def generic_lib() -> ExportLib:
    """The lib of portable kernels."""
    return load_libs((RULES,))["generic"]


def lowered_of(model: Model) -> Lowered:
    """The model with the portable rules, all that this CPU has."""
    return lower(model.graph, "cortex-m3", [generic_lib()], frozenset())


class Chain:
    """Builds models whose tensors are int8 with one common quantisation (but for Softmax, which has its own)."""

    def __init__(self, name: str = "tiny", rule: Rule = Rule.TFLITE) -> None:
        self.builder = ModelBuilder(name, rule)

    def input(self, *dims: int, name: str = "x") -> int:
        return self.builder.add_input(name, DType.INT8, dims, QUANT)

    def constant(self, *dims: int, name: str = "c", dtype: type[np.generic] = np.int8) -> int:
        values = (np.arange(int(np.prod(dims))) % 17 - 8).astype(dtype).reshape(dims)
        return self.builder.add_constant(name, values, WEIGHTS)

    def node(self, operator: Operator, *inputs: int | None, name: str = "", output: str = "") -> int:
        number = len(self.builder.nodes)
        return self.builder.add_node(
            operator,
            inputs,
            name=name or f"n{number}",
            source_index=number,
            output_name=output or f"t{number}",
            quantization=CHANCE if isinstance(operator, Softmax) else QUANT,
        )

    def build(self, *outputs: int) -> Model:
        return self.builder.build(list(outputs))


def tiny_model(name: str = "tiny", rule: Rule = Rule.TFLITE, hostile: str = "") -> Model:
    """Convolution, pooling, add, reshape, fully connected, softmax; `hostile` stands in every name of the source."""
    chain = Chain(name, rule)
    x = chain.input(1, 6, 5, 2, name=hostile or "x")
    weights = chain.constant(3, 3, 3, 2, name=hostile or "w")
    bias = chain.constant(3, name=hostile or "b", dtype=np.int32)
    same = Conv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1))
    conv = chain.node(same, x, weights, bias, name=hostile, output=hostile)
    relu = chain.node(Relu(), conv, name=hostile, output=hostile)
    total = chain.node(Add(), relu, conv, name=hostile, output=hostile)
    pool = chain.node(MaxPooling2D(kernel_dims=(2, 2), stride_dims=(2, 2)), total, name=hostile, output=hostile)
    flat = chain.node(Reshape(dims=(1, 18)), pool, name=hostile, output=hostile)
    logits = chain.node(FullyConnected(), flat, chain.constant(4, 18), chain.constant(4, dtype=np.int32), name=hostile)
    chance = chain.node(Softmax(), logits, name=hostile, output=hostile)
    return chain.build(chance, flat)


@st.composite
def random_models(draw: st.DrawFn, most_nodes: int = 8) -> Model:
    """A DAG of elementwise, row, whole-tensor and aliasing nodes with any tensors as outputs; inputs may be unused."""
    chain = Chain("random")
    tensors = [
        chain.input(1, draw(st.integers(1, 8)), draw(st.integers(1, 4)), draw(st.integers(1, 4)), name=f"x{i}")
        for i in range(draw(st.integers(1, 3)))
    ]
    for _ in range(draw(st.integers(0, most_nodes))):
        tensors.append(_random_node(draw, chain, tensors))
    outputs = draw(st.lists(st.sampled_from(tensors), min_size=1, max_size=3, unique=True))
    return chain.build(*outputs)


def _random_node(draw: st.DrawFn, chain: Chain, tensors: list[int]) -> int:
    known = chain.builder.tensors
    source = draw(st.sampled_from(tensors))
    _, height, width, channels = known[source].dims
    kind = draw(st.sampled_from(("relu", "add", "pool", "transpose", "reshape")))
    if kind == "relu":
        return chain.node(Relu(), source)
    if kind == "add":
        fitting = [tensor for tensor in tensors if known[tensor].dims == known[source].dims]
        other = draw(st.sampled_from([*fitting, None]))
        return chain.node(Add(), source, chain.constant(*known[source].dims) if other is None else other)
    if kind == "pool":
        kernel = draw(st.integers(1, height))
        stride = draw(st.integers(1, 3))
        top, bottom = (draw(st.integers(0, kernel - 1)) for _ in range(2))
        window = MaxPooling2D(kernel_dims=(kernel, 1), stride_dims=(stride, 1), padding=(top, 0, bottom, 0))
        return chain.node(window, source)
    if kind == "transpose":
        return chain.node(Transpose(permutation=draw(st.sampled_from(_PERMUTATIONS))), source)
    return chain.node(Reshape(dims=(1, width, channels, height)), source)


_PERMUTATIONS = [(0, *order) for order in itertools.permutations((1, 2, 3))]


def renumbered(model: Model, order: list[int]) -> Model:
    """The same model with tensor order[i] as number i."""
    graph, params = model.graph, model.params
    new = {old: number for number, old in enumerate(order)}

    def moved(indices: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(new[index] for index in indices)

    nodes = tuple(
        replace(
            node,
            inputs=tuple(None if index is None else new[index] for index in node.inputs),
            outputs=moved(node.outputs),
        )
        for node in graph.nodes
    )
    tensors = tuple(graph.tensors[old] for old in order)
    changed = replace(graph, tensors=tensors, nodes=nodes, inputs=moved(graph.inputs), outputs=moved(graph.outputs))
    values = [
        {new[key]: value for key, value in part.items()} for part in (params.value, params.scale, params.zero_point)
    ]
    return Model(changed, type(params)(*values))


def computed(model: Model) -> list[int]:
    """The tensors that nodes write."""
    return [index for index, tensor in enumerate(model.graph.tensors) if isinstance(tensor, Computed)]
