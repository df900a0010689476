# SPDX-License-Identifier: Apache-2.0
"""The comparison of layers and outputs, the attribution of symbols, and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sconnx.elf.image import Symbol
from sconnx.emulate.firmware import Firmware, Observation
from sconnx.emulate.layers import Layer
from sconnx.emulate.vectors import Vector, seeded_vectors
from sconnx.errors import SconnxError
from sconnx.graph.model import QuantValues
from sconnx.graph.node import Node
from sconnx.graph.operator import Add, Quantize, Sigmoid
from sconnx.graph.tensor import Computed, DType
from sconnx.reference.execute import execute
from sconnx.reference.plain import PLAIN
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.rule import Rule
from sconnx.report.columns import columns
from sconnx.report.compare import compare_layers, verify
from sconnx.report.parts import part_in, part_of
from sconnx.steps.import_model import interface_of
from tests.mixed_graphs import Mixed
from tests.tiny_models import tiny_model


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("kws_arena", "arena"),
        ("kws_p3_weights", "weights"),
        ("kws_t12", "weights"),
        ("kws_p3_bias", "biases"),
        ("kws_p3", "parameters and tables"),
        ("kws_p3_requantize_shift", "parameters and tables"),
        ("kws_step_3", "generated code"),
        ("kws_params", "generated code"),
        ("sx_conv", "kernels"),
        ("sx_conv.constprop.0", "kernels"),
        ("arm_convolve_s8", "kernels"),
        ("sx_io_read.input", "semihosting"),
        ("memcpy", "compiler helpers"),
        ("__aeabi_lmul", "compiler helpers"),
        ("__udivmoddi4", "library of the compiler"),
        ("Reset_Handler", "start-up"),
        ("sx_vectors", "start-up"),
    ],
)
def test_the_part_of_a_symbol(name: str, part: str) -> None:
    symbol = Symbol(name, 0, 4, "object", True, ".rodata", "flash")
    assert part_of(symbol, "kws") == part


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("kws.c", "generated code"),
        ("startup.c", "start-up"),
        ("main.c", "main program"),
        ("float32.c", "compiler helpers"),
        ("sx_conv.c", "kernels"),
    ],
)
def test_the_part_of_a_local_symbol_is_that_of_its_source(file: str, part: str) -> None:
    """A static function of a header belongs to who includes it."""
    assert part_of(Symbol("sx_window", 0, 4, "function", False, ".text", "flash", file), "kws") == part


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("kws_arena", "arena of kws"),
        ("vad_arena_dtcm", "arena of vad"),
        ("sx_shared_arena", "shared arena"),
        ("sx_shared_arena_dtcm", "shared arena"),
        ("vad_caller_y", "caller's outputs"),
        ("vad_p3_weights", "weights"),
        ("kws_step_3", "generated code"),
        ("sx_conv", "kernels"),
        ("main", "main program"),
    ],
)
def test_the_part_of_a_symbol_among_several_models(name: str, part: str) -> None:
    symbol = Symbol(name, 0, 4, "object", True, ".rodata", "flash")
    assert part_in(symbol, ("kws", "vad")) == part


@pytest.mark.parametrize("name", ["kws_arena", "kws_arena_dtcm", "kws_p3_bias", "kws_run", "sx_conv", "main"])
def test_one_model_needs_no_telling_apart(name: str) -> None:
    symbol = Symbol(name, 0, 4, "object", True, ".rodata", "flash")
    assert part_in(symbol, ("kws",)) == part_of(symbol, "kws")


@given(st.lists(st.tuples(st.text("ab \u00e9", max_size=6), st.text("12,", max_size=6)), min_size=1, max_size=5))
def test_columns_line_up(rows: list[tuple[str, str]]) -> None:
    lines = columns(rows, "lr")
    left = max(len(row[0]) for row in rows)
    right = max(len(row[1]) for row in rows)
    for (first, second), line in zip(rows, lines, strict=True):
        assert line == "  " + f"{first:<{left}}  {second:>{right}}".rstrip()


def layer(values: NDArray[np.generic]) -> Layer:
    """A layer of which every row was made."""
    return Layer(values.copy(), np.ones(values.shape[1] if values.ndim == 4 else 1, np.bool_))


def observed(layers: bool = True) -> tuple[Firmware, Any, list[Vector], Observation]:
    """What an exact firmware shows."""
    model = tiny_model()
    interface = interface_of(model)
    vectors = seeded_vectors(interface)
    stub = cast(Firmware, SimpleNamespace(interface=interface, graph=model.graph, board=SimpleNamespace(name="desk")))
    values = [execute(model, vector.inputs) for vector in vectors]
    outputs = [[cast(NDArray[np.int8], seen[port.tensor]) for port in interface.outputs] for seen in values]
    by_tensor = [
        {node.outputs[0]: layer(seen[node.outputs[0]]) for index, node in enumerate(model.graph.nodes) if index != 4}
        for seen in values
    ]
    observation = Observation(cast(Any, None), outputs, by_tensor if layers else [])
    return stub, model, vectors, observation


@pytest.mark.parametrize("layers", [True, False])
def test_an_exact_firmware(layers: bool) -> None:
    firmware, model, vectors, observation = observed(layers)
    verdict = verify(firmware, model, vectors, observation, "seeded")
    assert verdict == {
        "schema": "sconnx.verify/1",
        "model": "tiny",
        "rule": "tflite",
        "board": "desk",
        "vectors": 3,
        "golden_outputs": 0,
        "layers": 6 if layers else 0,
        "audit": None,
        "exact": True,
        "tolerance": None,
    }


def failure(call: Callable[[], object]) -> str:
    with pytest.raises(SconnxError) as caught:
        call()
    return str(caught.value)


def test_the_first_diverging_layer_is_named() -> None:
    firmware, model, vectors, observation = observed()
    for vector, node, where in ((2, 0, (0, 0, 0, 0)), (1, 5, (0, 2)), (1, 3, (0, 1, 1, 2))):
        values = cast(NDArray[np.int8], observation.layers[vector][model.graph.nodes[node].outputs[0]].values)
        values[where] ^= 1
        wanted, have = values[where] ^ 1, values[where]
        name = model.graph.nodes[node].type
        assert failure(lambda: verify(firmware, model, vectors, observation, "seeded")) == (
            f"tiny: error[E510]: layer {node} 'n{node}' ({name}) is the first that diverges from the reference:"
            f" vector {vector}: 1 of {values.size} values differ, first at {list(where)}: {have} instead of {wanted}"
            " (help: the layers before it are exact: look at this layer's kernel)"
        )


def test_the_order_of_the_observed_layers_does_not_matter() -> None:
    _, model, vectors, observation = observed()
    expected = execute(model, vectors[0].inputs)
    layers = dict(reversed(observation.layers[0].items()))
    compare_layers(model.graph, 0, layers, expected)
    for node in (6, 1):
        tensor = model.graph.nodes[node].outputs[0]
        layers[tensor] = layer(cast(NDArray[np.int8], layers[tensor].values) ^ np.int8(1))
    assert "layer 1 'n1' (Relu) is the first" in failure(lambda: compare_layers(model.graph, 0, layers, expected))


def test_rows_that_nobody_asked_for_are_not_compared() -> None:
    _, model, vectors, observation = observed()
    expected = execute(model, vectors[0].inputs)
    tensor = model.graph.nodes[0].outputs[0]
    values = cast(NDArray[np.int8], observation.layers[0][tensor].values)
    values[0, 5] ^= 1
    assert "first at [0, 5, 0, 0]" in failure(lambda: compare_layers(model.graph, 0, observation.layers[0], expected))
    observation.layers[0][tensor].made[5] = False
    compare_layers(model.graph, 0, observation.layers[0], expected)


def test_an_output_that_is_not_the_references() -> None:
    firmware, model, vectors, observation = observed(layers=False)
    observation.outputs[1][1] = observation.outputs[1][1] ^ np.int8(1)
    message = failure(lambda: verify(firmware, model, vectors, observation, "seeded"))
    assert message.startswith(
        "tiny: error[E511]: output 't4' differs from the reference: vector 1: 18 of 18 values differ"
    )


def test_golden_outputs() -> None:
    firmware, model, vectors, observation = observed()
    ports = firmware.interface.outputs
    golden = []
    for k, vector in enumerate(vectors):
        integers, reals = observation.outputs[k]
        expected = (integers.ravel(), dequantize(reals, ports[1].scale, ports[1].zero_point))
        golden.append(replace(vector, expected=expected))
    verdict = verify(firmware, model, golden, observation, "golden.npz")
    assert verdict["golden_outputs"] == 6
    golden[2] = replace(golden[2], expected=(golden[2].expected[0], golden[2].expected[1] + np.float32(0.5)))
    message = failure(lambda: verify(firmware, model, golden, observation, "golden.npz"))
    assert message.startswith(
        "tiny: error[E511]: output 't4' differs from golden.npz: vector 2: 18 of 18 values differ"
    )


@pytest.fixture
def float_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the two operators of `observed_floats` compute."""
    monkeypatch.setitem(PLAIN, Add, lambda run: run.operands[0] + run.operands[1])
    monkeypatch.setitem(PLAIN, Quantize, lambda run: quantize(Rule.ONNX, run.operands[0], 0.25, 0))


def observed_floats() -> tuple[Firmware, Any, list[Vector], Observation]:
    """y = x + c, and what rounds it to int8."""
    mixed = Mixed()
    builder, x = mixed.builder, mixed.input(DType.FLOAT32, 1, 8)
    total = mixed.node(Add(), x, builder.add_constant("c", np.linspace(-1, 1, 8, dtype=np.float32).reshape(1, 8)))
    rounded = builder.add_node(
        Quantize(),
        (total,),
        name="q",
        source_index=1,
        output_name="q",
        dtype=DType.INT8,
        quantization=QuantValues.of(0.25),
    )
    model = builder.build([total, rounded])
    interface = interface_of(model)
    vectors = seeded_vectors(interface, 1)
    stub = cast(Firmware, SimpleNamespace(interface=interface, graph=model.graph, board=SimpleNamespace(name="desk")))
    c = model.params.value[1]
    y = vectors[0].inputs[0] + c
    q = quantize(Rule.ONNX, cast(NDArray[np.float32], y), 0.25, 0)
    observation = Observation(cast(Any, None), [[y, q]], [{2: layer(y), 3: layer(q)}])
    return stub, model, vectors, observation


@pytest.mark.usefixtures("float_references")
def test_float_layers_may_be_off_by_a_thousandth() -> None:
    firmware, model, vectors, observation = observed_floats()
    for relative, text in ((0.0, "0"), (5e-4, "0.0005")):
        seen = observation.layers[0][2].values
        largest = int(np.abs(seen).argmax())
        seen[0, largest] *= np.float32(1 + relative)
        # What is rounded is what the layer before gave.
        observation.layers[0][3].values[:] = quantize(Rule.ONNX, cast(NDArray[np.float32], seen), 0.25, 0)
        observation.outputs[0] = [seen.copy(), observation.layers[0][3].values.copy()]
        verdict = verify(firmware, model, vectors, observation, "seeded")
        assert verdict["exact"] is False
        assert f"{cast(dict[str, float], verdict['tolerance'])['largest_error']:.1g}" == text
    observation.layers[0][2].values[0, largest] *= np.float32(1.01)
    message = failure(lambda: verify(firmware, model, vectors, observation, "seeded"))
    assert f"vector 0: 1 of 8 values differ by more than 0.001, first at [0, {largest}]: " in message
    assert "; the largest error is 0.01" in message


@pytest.mark.usefixtures("float_references")
def test_integers_behind_float_layers_are_judged_by_what_they_read() -> None:
    firmware, model, vectors, observation = observed_floats()
    observation.layers[0][3].values[0, 0] += 1
    message = failure(lambda: verify(firmware, model, vectors, observation, "seeded"))
    assert (
        "layer 1 'q' (Quantize) is the first that diverges" in message and "1 of 8 values differ, first at" in message
    )


@pytest.mark.usefixtures("float_references")
def test_a_golden_integer_behind_float_layers_may_be_a_step_off() -> None:
    firmware, model, vectors, observation = observed_floats()
    y, q = observation.outputs[0]
    for steps in (0, 1, 2):
        far = cast(NDArray[np.int8], q.copy())
        far[0, 2] += steps
        golden = [replace(vectors[0], expected=(y, far))]
        if steps < 2:
            verdict = verify(firmware, model, golden, observation, "golden.npz")
            assert cast(dict[str, int], verdict["tolerance"])["golden_steps"] == steps
        else:
            message = failure(lambda given=golden: verify(firmware, model, given, observation, "golden.npz"))  # type: ignore[misc]
            assert message.endswith("; at most 2 steps of the scale")


@pytest.mark.usefixtures("float_references")
def test_where_a_golden_float_of_a_quantised_model_may_come_from() -> None:
    firmware, model, vectors, observation = observed_floats()
    y, q = observation.outputs[0]
    golden = [replace(vectors[0], expected=(cast(NDArray[np.float32], y) * np.float32(1.01), q))]
    message = failure(lambda: verify(firmware, model, golden, observation, "golden.npz"))
    assert message.endswith(
        " (help: every layer equals the reference; where rule onnx may differ by 1: ARCHITECTURE.md, Numbers)"
    )


def test_what_lowering_computes_in_float32_may_be_a_step_off() -> None:
    firmware, model, vectors, observation = observed(layers=True)
    first, second = (node.outputs[0] for node in model.graph.nodes[:2])
    tensors = [*model.graph.tensors, Computed(name="real", dtype=DType.FLOAT32, dims=(1,))]
    nodes = list(model.graph.nodes)
    real = Node(operator=Sigmoid(), name="", source_index=0, inputs=(len(tensors) - 1,), outputs=(second,))
    nodes[1] = replace(real, operator=Quantize(), inputs=(first,))
    lowered = replace(model.graph, tensors=tuple(tensors), nodes=tuple(nodes))
    adapted = cast(Firmware, SimpleNamespace(interface=firmware.interface, graph=lowered, board=firmware.board))
    values = cast(NDArray[np.int8], observation.layers[0][second].values)
    values[0, 0, 0, 0] ^= 1
    for node in model.graph.nodes[2:]:
        observation.layers[0].pop(node.outputs[0], None)
    observation.outputs[0] = [
        cast(
            NDArray[np.int8], execute(model, vectors[0].inputs, adopt=lambda t, v: values if t == second else v)[tensor]
        )
        for tensor in model.graph.outputs
    ]
    verify(adapted, model, vectors[:1], observation, "seeded")
    assert "layer 1 'n1' (Relu) is the first" in failure(
        lambda: verify(firmware, model, vectors[:1], observation, "seeded")
    )
    values[0, 0, 0, 0] ^= 3
    assert "(Quantize) is the first" in failure(lambda: verify(adapted, model, vectors[:1], observation, "seeded"))


def test_hostile_layer_names_stay_on_one_line() -> None:
    model = tiny_model(hostile="a\nb\x1b[31m")
    expected = execute(model, [np.zeros((1, 6, 5, 2), np.int8)])
    tensor = model.graph.nodes[0].outputs[0]
    layers = {tensor: layer(cast(NDArray[np.int8], expected[tensor]) ^ np.int8(1))}
    message = failure(lambda: compare_layers(model.graph, 0, layers, expected))
    assert "layer 0 'a?b?[31m' (Conv2D)" in message and message.isprintable()
