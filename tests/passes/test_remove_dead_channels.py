# SPDX-License-Identifier: Apache-2.0
"""remove_dead_channels: outputs stay the same bit for bit, what is planted goes, and what went had no say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.frontend.read import read_model
from sconnx.graph.graph import Removed
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling2D,
    Operator,
    Reshape,
    Softmax,
    Transpose,
)
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.passes.remove_dead_channels import live_channels, mixers_of, remove_dead_channels
from sconnx.passes.weighted import DEPTHWISE, WEIGHTED
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.passes.planted import Planted, inputs_of, planted

MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"
QUANT = QuantValues.of(0.05, -7)


def check_same_outputs(model: Model, other: Model) -> None:
    for x in inputs_of(model):
        before, after = execute(model, x), execute(other, x)
        for old, new in zip(model.graph.outputs, other.graph.outputs, strict=True):
            np.testing.assert_array_equal(before[old], after[new])


@settings(max_examples=120, deadline=None)
@given(network=planted())
def test_planted(network: Planted) -> None:
    model = network.build()
    smaller = remove_dead_channels(model)
    assert smaller.graph.removed.channels >= network.planted
    check_same_outputs(model, smaller)
    assert remove_dead_channels(smaller) is smaller


def scrambled(model: Model, random: np.random.Generator) -> Model:
    """The original model with noise in the weights and biases of all dead channels, which live ones do not read.

    What a channel of one value adds to the layers behind it is in the biases of the smaller model.
    """
    graph, smaller = model.graph, remove_dead_channels(model)
    live = live_channels(graph, mixers_of(model))
    cut = {node.source_index: node for node in smaller.graph.nodes}
    value = {index: array.copy() for index, array in model.params.value.items()}
    for node in graph.nodes:
        if not isinstance(node.operator, WEIGHTED):
            continue
        x, weights, bias = node.reads
        rows, columns = live[node.outputs[0]], live[x]
        left = cut[node.source_index].reads
        value[bias] = random.integers(-20000, 20000, value[bias].shape).astype(np.int32)
        value[bias][rows] = smaller.params.value[left[2]]
        array = value[weights] = random.integers(-127, 128, value[weights].shape).astype(np.int8)
        if isinstance(node.operator, DEPTHWISE):
            array[..., rows] = smaller.params.value[left[1]]
        else:
            array[np.ix_(rows, *map(range, array.shape[1:-1]), ~columns)] = 0
            array[np.ix_(rows, *map(range, array.shape[1:-1]), columns)] = smaller.params.value[left[1]]
    return Model(graph, Params(value, model.params.scale, model.params.zero_point))


@settings(max_examples=40, deadline=None)
@given(network=planted(), seed=st.integers(0, 2**16))
def test_what_went_had_no_say(network: Planted, seed: int) -> None:
    model = network.build()
    check_same_outputs(model, scrambled(model, np.random.default_rng(seed)))


@pytest.mark.skipif(not MODELS.exists(), reason="the shared model folder is absent")
@pytest.mark.parametrize("file", ["mlperf_tiny/{}.tflite", "mlperf_tiny_onnx_qdq/{}.qdq.onnx"])
def test_half_of_a_reference_model_is_dead(file: str) -> None:
    """At least what an analysis of the zero points alone finds: 3,731,093 MACs and 29,231 weights stay."""
    model = read_model(MODELS / file.format("vww_96_int8"), "vww")
    smaller = remove_dead_channels(model)
    macs, smaller_macs = (sum(map(each.graph.macs, each.graph.nodes)) for each in (model, smaller))
    assert macs == 7_489_664
    assert smaller_macs <= 3_731_093
    assert smaller.graph.removed == Removed(channels=1724, macs=macs - smaller_macs, constant_bytes=185_942)
    random = np.random.default_rng(0)
    noise = scrambled(model, random)
    results = set()
    for scale in (1, 2, 4, 8, 16):
        coarse = random.normal(0, 70, (1, 96 // scale, 96 // scale, 3))
        x = np.clip(coarse.repeat(scale, axis=1).repeat(scale, axis=2), -128, 127).astype(np.int8)
        outputs = [execute(each, [x])[each.graph.outputs[0]] for each in (model, smaller, noise)]
        np.testing.assert_array_equal(outputs[0], outputs[1])
        np.testing.assert_array_equal(outputs[0], outputs[2])
        results.add(outputs[0].tobytes())
    assert len(results) > 1


@pytest.mark.skipif(not MODELS.exists(), reason="the shared model folder is absent")
@pytest.mark.parametrize("name", ["ad01_int8", "kws_ref_model", "pretrainedResnet_quant"])
def test_other_reference_models_have_none(name: str) -> None:
    model = read_model(MODELS / f"mlperf_tiny/{name}.tflite", name)
    assert remove_dead_channels(model) is model


class Chain:
    """One layer after the other, all tensors in one quantisation."""

    def __init__(self, *dims: int, rule: Rule = Rule.TFLITE) -> None:
        self.builder = ModelBuilder("chain", rule)
        self.random = np.random.default_rng(3)
        self.input = self.last = self.builder.add_input("x", DType.INT8, dims, QUANT)

    def add(self, operator: Operator, *others: int | None, quant: QuantValues = QUANT) -> int:
        count = len(self.builder.nodes)
        self.last = self.builder.add_node(
            operator, (self.last, *others), name=f"n{count}", source_index=count, output_name=f"t{count}",
            quantization=quant,
        )  # fmt: skip
        return self.last

    def conv(self, outputs: int, saturated: int, kernel: int = 1, padding: int = 0, has_bias: bool = True) -> int:
        """A convolution whose first channels are always 127."""
        depth = self.builder.tensors[self.last].dims[-1]
        values = self.random.integers(-127, 128, (outputs, kernel, kernel, depth)).astype(np.int8)
        weights = self.builder.add_constant("w", values, QuantValues.of(np.full(outputs, 0.003), 0, 0))
        bias = np.where(np.arange(outputs) < saturated, 10**7, 100).astype(np.int32)
        constants = (weights, self.builder.add_constant("b", bias)) if has_bias else (weights,)
        return self.add(Conv2D(kernel_dims=(kernel, kernel), padding=(padding,) * 4), *constants)

    def build(self, *outputs: int) -> Model:
        return self.builder.build(list(outputs) or [self.last])


def channels(model: Model) -> list[int]:
    return [model.graph.tensors[node.outputs[0]].dims[-1] for node in model.graph.nodes]


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("has_bias", [True, False])
def test_a_constant_moves_into_the_bias(rule: Rule, has_bias: bool) -> None:
    chain = Chain(1, 4, 4, 3, rule=rule)
    chain.conv(5, saturated=2)
    chain.conv(4, saturated=0, kernel=2, has_bias=has_bias)
    model = chain.build()
    smaller = remove_dead_channels(model)
    assert channels(smaller) == [3, 4]
    assert smaller.graph.removed.channels == 2
    check_same_outputs(model, smaller)


def test_a_constant_beside_padding_stays() -> None:
    """Taps at the border see the padding, those within the constant."""
    chain = Chain(1, 4, 4, 3)
    chain.conv(5, saturated=2)
    chain.conv(4, saturated=0, kernel=3, padding=1)
    model = chain.build()
    assert remove_dead_channels(model) is model


def test_no_bias_is_beyond_int32() -> None:
    chain = Chain(1, 1, 1, 1)
    chain.conv(3, saturated=1)
    chain.conv(2, saturated=2)
    (weights, bias) = chain.builder.nodes[-1].reads[1:]
    chain.builder.values[bias] = np.array([2**31 - 1, 5], np.int32)
    chain.builder.values[weights][:] = -1
    model = chain.build()
    assert remove_dead_channels(model) is model


def test_what_an_output_shows_stays() -> None:
    chain = Chain(1, 4, 4, 3)
    seen = chain.conv(5, saturated=2)
    model = chain.build(seen, chain.conv(4, saturated=4))
    assert remove_dead_channels(model) is model


@pytest.mark.parametrize("operator", [Softmax(), Transpose(permutation=(0, 3, 1, 2)), Reshape(dims=(1, 4, 4, 5))])
def test_operators_that_need_all(operator: Operator) -> None:
    chain = Chain(1, 5, 4, 4)
    chain.conv(4, saturated=2)
    chain.add(operator, quant=QuantValues.of(1 / 256, -128) if isinstance(operator, Softmax) else QUANT)
    chain.conv(2, saturated=0)
    model = chain.build()
    assert remove_dead_channels(model) is model


def test_grouped_convolutions_keep_their_channels() -> None:
    chain = Chain(1, 4, 4, 3)
    chain.conv(4, saturated=2)
    weights = chain.builder.add_constant("w", np.ones((6, 1, 1, 2), np.int8), QuantValues.of(0.1))
    chain.add(Conv2D(kernel_dims=(1, 1), groups=2), weights)
    model = chain.build(chain.conv(2, saturated=0))
    assert remove_dead_channels(model) is model


def test_a_tensor_keeps_one_channel() -> None:
    chain = Chain(1, 4, 4, 3)
    chain.conv(5, saturated=5)
    chain.conv(4, saturated=4)
    chain.conv(2, saturated=0)
    model = chain.build()
    smaller = remove_dead_channels(model)
    assert channels(smaller) == [1, 1, 2]
    check_same_outputs(model, smaller)


@pytest.mark.parametrize("rule", Rule)
def test_a_dense_layer_of_several_scales_keeps_two(rule: Rule) -> None:
    """With one scale the TFLite rule rounds the product of the scales to float32 first."""
    chain = Chain(1, 8, rule=rule)
    for outputs, dead in ((6, 5), (3, 0)):
        depth = chain.builder.tensors[chain.last].dims[-1]
        values = chain.random.integers(-127, 128, (outputs, depth)).astype(np.int8)
        scales = QuantValues.of(chain.random.uniform(0.001, 0.003, outputs), 0, 0)
        bias = np.where(np.arange(outputs) < dead, 10**8, 100).astype(np.int32)
        chain.add(
            FullyConnected(), chain.builder.add_constant("w", values, scales), chain.builder.add_constant("b", bias)
        )
    model = chain.build()
    smaller = remove_dead_channels(model)
    assert channels(smaller) == [2, 3]
    check_same_outputs(model, smaller)


def test_constants_of_sums_and_shared_weights_are_cut() -> None:
    """A constant operand loses the channels of its sum; weights that two layers share are cut for each."""
    chain = Chain(1, 2, 2, 3)
    x = chain.last
    chain.conv(4, saturated=1)
    addend = chain.random.integers(-3, 4, (1, 2, 2, 4)).astype(np.int8)
    addend[..., 0] = 127
    first = chain.add(Add(), chain.builder.add_constant("c", addend, QUANT))
    chain.conv(4, saturated=0)
    shared = chain.builder.nodes[-1].reads[1:]
    chain.last = x
    chain.conv(4, saturated=0)
    chain.add(Conv2D(kernel_dims=(1, 1)), *shared)
    model = chain.build(chain.last, first + 3)
    smaller = remove_dead_channels(model)
    assert smaller.graph.tensors[smaller.graph.nodes[1].inputs[1] or 0].dims == (1, 2, 2, 3)
    assert sorted(smaller.graph.tensors[node.reads[1]].dims for node in smaller.graph.nodes[2:]) == [
        (4, 1, 1, 3), (4, 1, 1, 3), (4, 1, 1, 4)
    ]  # fmt: skip
    check_same_outputs(model, smaller)


def test_a_multiplier_and_a_flattening_are_followed() -> None:
    chain = Chain(1, 3, 3, 2)
    chain.conv(4, saturated=1)
    values = chain.random.integers(-127, 128, (3, 3, 8)).astype(np.int8)
    # Channels 0 and 1 read the constant, and channel 5 belongs to one that also makes channel 4.
    bias = np.array([10**7, 10**7, 0, 0, 0, 10**7, 0, 0], np.int32)
    chain.add(
        DepthwiseConv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1), channel_multiplier=2),
        chain.builder.add_constant("w", values, QuantValues.of(0.003)),
        chain.builder.add_constant("b", bias),
    )
    chain.add(MaxPooling2D(kernel_dims=(2, 2)))
    chain.add(Reshape(dims=(1, 32)))
    dense = chain.random.integers(-127, 128, (3, 32)).astype(np.int8)
    chain.add(FullyConnected(activation=Activation.RELU), chain.builder.add_constant("w", dense, QuantValues.of(0.002)))
    model = chain.build()
    smaller = remove_dead_channels(model)
    assert channels(smaller) == [3, 6, 6, 24, 3]
    check_same_outputs(model, smaller)
