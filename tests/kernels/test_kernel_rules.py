# SPDX-License-Identifier: Apache-2.0
"""The rules: what they pack makes their kernels compute what the reference computes, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernel_cases import (
    ARM_DSP,
    CASES,
    FEATURES,
    GENERIC,
    MVE,
    STRUCTURES,
    Case,
    model_of,
    row_operands,
    rule_of,
    structure,
)
from kernel_library import KernelLibrary
from kernel_strategies import int8_tensor

from sconnx.codegen.c_value import Array
from sconnx.export.access import Fold, Window
from sconnx.export.library import ExportLib
from sconnx.export.node import export_node
from sconnx.export.selection import verdicts
from sconnx.graph.model import Model
from sconnx.graph.operator import AveragePooling1D, Conv2D, DepthwiseConv2D, MaxPooling1D, Operator, Pad2D
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule


def computed(
    model: Model,
    inputs: list[np.ndarray[Any, np.dtype[np.int8]]],
    library: KernelLibrary,
    libs: tuple[ExportLib, ...] = (GENERIC,),
) -> Any:
    """The output of the only node, by the kernel that its rule chooses, called as the access says."""
    node = export_node(model.graph, 0)
    rule = rule_of(node, *libs)
    scratch_bytes = rule.scratch_bytes(node)
    parameters = structure(STRUCTURES[rule.params_type], rule.pack(node, model.params))
    kernel, access = rule.kernel(node).removeprefix("sx_"), rule.access(node)
    operands = [inputs[position] for position in rule.operands(node)]
    if isinstance(access, Fold):
        (image,) = inputs
        return library.fold(kernel, parameters, image[0], node.output.dims, scratch_bytes)
    if not isinstance(access, Window):
        return library.run(kernel, parameters, operands, node.output.dims)
    lines = [
        library.run(
            kernel,
            parameters,
            row_operands(access, node, operands, y),
            (node.output.row_bytes,),
            scratch_bytes=scratch_bytes,
        )
        for y in range(node.output.height)
    ]
    return np.concatenate(lines).reshape(node.output.dims)


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("libs", [(GENERIC,), (ARM_DSP, GENERIC)], ids=["generic", "arm_dsp"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case[0]).__name__)
def test_rule(libraries: tuple[KernelLibrary, ...], case: Case, libs: tuple[ExportLib, ...], rule: Rule) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        model = model_of(*case, rule, rng)
        inputs = [int8_tensor(rng, *dims) for dims in case[1]]
        (expected,) = execute(model, inputs).values()
        for library in libraries:
            np.testing.assert_array_equal(computed(model, inputs, library, libs), expected, library.name)


@pytest.mark.parametrize("lib", [ARM_DSP, MVE], ids=lambda lib: lib.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case[0]).__name__)
def test_what_packed_weights_take(case: Case, lib: ExportLib) -> None:
    """The memory plan has room for what a rule packs."""
    model = model_of(*case, Rule.TFLITE, np.random.default_rng(1))
    node = export_node(model.graph, 0)
    rule = rule_of(node, lib, GENERIC)
    fields = rule.pack(node, model.params)
    arrays = [value for value in (fields.get("weights"), fields.get("bias")) if isinstance(value, Array)]
    packed = rule.packed_bytes(node)
    if packed is None:
        packed = node.input(1).size + 4 * node.output.channels if arrays else 0
    assert packed == sum(array.size_bytes for array in arrays)


def test_padding_may_count_in_an_average(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(2)
    operator = AveragePooling1D(kernel_dims=(3,), padding=(1, 2), count_include_pad=True)
    model = model_of(operator, [(1, 10, 3)], None, False, Rule.ONNX, rng)
    x = int8_tensor(rng, 1, 10, 3)
    (expected,) = execute(model, [x]).values()
    for library in libraries:
        np.testing.assert_array_equal(computed(model, [x], library), expected, library.name)


def test_only_one_image_or_sequence() -> None:
    """The rows of a batch are no rows of one image."""
    rng = np.random.default_rng(3)
    for operator, dims in ((MaxPooling1D(kernel_dims=(2,)), (2, 5, 3)), (Pad2D(padding=(1, 1, 1, 1)), (2, 5, 5, 3))):
        node = export_node(model_of(operator, [dims], None, True, Rule.ONNX, rng).graph, 0)
        spec, _ = GENERIC.candidates(node.type)[0]
        wanted = "x".join(["1"] + ["?"] * (len(dims) - 1))
        reason = f"input 0 has dims {'x'.join(map(str, dims))}, not {wanted}"
        found = spec.mismatches((node.input(0).tensor,), (node.output.tensor,))
        assert str(found[0]) == reason


@pytest.mark.parametrize(
    ("operator", "dims", "weights", "reason", "kernel"),
    [
        (
            Conv2D(kernel_dims=(1, 2), dilation_dims=(1, 20_000)),
            (1, 1, 20_001, 2),
            (1, 1, 2, 2),
            "run_step_bytes is 40,000, the limit is 32,767",
            "sx_conv2d_s8_dsp_tflite",
        ),
        (
            DepthwiseConv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1)),
            (1, 1, 32_768, 1),
            (3, 3, 1),
            "in_width is 32,768, the limit is 32,767",
            "sx_depthwise_conv2d_s8_dsp_tflite",
        ),
    ],
)
def test_lengths_that_have_no_room(
    operator: Operator, dims: tuple[int, ...], weights: tuple[int, ...], reason: str, kernel: str
) -> None:
    """Where an int16 field is too short another rule takes the node."""
    graph = model_of(operator, [dims], weights, False, Rule.TFLITE, np.random.default_rng(4)).graph
    node = export_node(graph, 0)
    assert reason in {verdict.reason for verdict in verdicts(node, [ARM_DSP, GENERIC], FEATURES["arm_dsp"])}
    assert rule_of(node, ARM_DSP, GENERIC).kernel(node) == kernel
