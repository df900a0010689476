# SPDX-License-Identifier: Apache-2.0
"""The order that the rules state is the kernels' own: wherever it lets an output row lie over an input row, nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_cases import (
    ARM_DSP,
    CASES,
    GENERIC,
    MVE,
    STRUCTURES,
    Case,
    fitting,
    model_of,
    row_operands,
    rule_of,
    structure,
)
from kernel_library import KernelLibrary
from kernel_strategies import int8_tensor

from sconnx.export.access import Columns, Window
from sconnx.export.library import ExportLib
from sconnx.export.node import Operand, export_node
from sconnx.graph.operator import Add, Conv2D, DepthwiseConv2D, Mul, Operator, Relu, Softmax
from sconnx.reference.rule import Rule
from tests.tiny_models import Chain


def may_lie(columns: Columns, source: Operand, target: Operand, shift_bytes: int) -> bool:
    """Whether an output row may begin `shift_bytes` behind an input row: block by block, from what may still be read."""
    pixel, out_pixel = source.row_bytes // source.width, target.row_bytes // target.width
    for block in range(0, target.width, columns.block):
        end = min(block + columns.block, target.width)
        written = range(shift_bytes + block * out_pixel, shift_bytes + end * out_pixel)
        for x in range(end if columns.reads_first else block, target.width):
            for tap in range(columns.kernel):
                column = x * columns.stride - columns.pad + tap * columns.dilation
                first, last = max(column * pixel, written.start), min((column + 1) * pixel, written.stop)
                if 0 <= column < source.width and first < last:
                    return False
    return True


def states_an_order(lib: ExportLib, case: Case) -> bool:
    """Whether the lib has a rule for a case that says more than which rows are read."""
    node = export_node(model_of(*case, Rule.TFLITE, np.random.default_rng(0)).graph, 0)
    rule = fitting(node, lib)
    access = None if rule is None else rule.access(node)
    return isinstance(access, Window) and access.columns is not None


WIDE: list[Case] = [
    (Conv2D(kernel_dims=(1, 1), stride_dims=(1, 2)), [(1, 3, 19, 20)], (6, 1, 1, 20), False),
    (DepthwiseConv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1)), [(1, 5, 19, 20)], (3, 3, 20), False),
]
"""More pixels and channels than a vector kernel takes at a time."""
ORDERS = [(lib, case) for lib in (GENERIC, ARM_DSP, MVE) for case in [*CASES, *WIDE] if states_an_order(lib, case)]


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(("lib", "case"), ORDERS, ids=[f"{lib.name}-{type(case[0]).__name__}" for lib, case in ORDERS])
def test_an_output_row_may_lie_over_an_input_row(
    libraries: tuple[KernelLibrary, ...], lib: ExportLib, case: Case, rule: Rule
) -> None:
    rng = np.random.default_rng(4)
    model = model_of(*case, rule, rng)
    node = export_node(model.graph, 0)
    implementation = rule_of(node, lib, GENERIC)
    access = implementation.access(node)
    assert isinstance(access, Window) and access.columns is not None
    kernel = implementation.kernel(node).removeprefix("sx_")
    operands = [int8_tensor(rng, *case[1][position]) for position in implementation.operands(node)]
    rows = row_operands(access, node, operands, node.output.height // 2)
    size_bytes, scratch_bytes = node.output.row_bytes, implementation.scratch_bytes(node)
    shifts = [
        shift
        for shift in range(1 - size_bytes, node.input(0).row_bytes)
        if may_lie(access.columns, node.input(0), node.output, shift)
    ]
    assert shifts or node.output.width <= access.columns.block
    for library in libraries:
        parameters = structure(STRUCTURES[implementation.params_type], implementation.pack(node, model.params))
        expected = library.run(kernel, parameters, rows, (size_bytes,), scratch_bytes=scratch_bytes)
        for over in (position for position, row in enumerate(rows) if row is not None):
            for shift in shifts:
                actual = library.run_over(kernel, parameters, rows, over, shift, size_bytes, scratch_bytes)
                np.testing.assert_array_equal(actual, expected, f"{library.name}, {shift} bytes behind row {over}")


def access_of(operator: Operator, dims: tuple[int, ...], inputs: int = 1) -> object:
    chain = Chain()
    node = export_node(chain.build(chain.node(operator, *(chain.input(*dims) for _ in range(inputs)))).graph, 0)
    return rule_of(node).access(node)


def test_what_the_rules_state() -> None:
    row = Window(kernel=1, stride=1, dilation=1, pad=0, columns=Columns(1, 1, 1, 0, reads_first=True))
    for operator, inputs in ((Add(), 2), (Mul(), 2), (Relu(), 1), (Softmax(), 1)):
        assert access_of(operator, (1, 3, 4, 5), inputs) == row
        assert access_of(operator, (1, 3, 1, 1), inputs) == row
        one_pixel = access_of(operator, (1, 3, 1, 5), inputs)
        assert one_pixel == Window(1, 1, 1, 0, Columns(1, 1, 1, 0, reads_first=False))
        for dims in ((3, 5), (1, 4, 5), (1, 1, 4, 5), (2, 3, 4, 5)):
            assert type(access_of(operator, dims, inputs)).__name__ == "Elementwise"
    chain = Chain()
    conv = Conv2D(kernel_dims=(3, 2), stride_dims=(2, 4), dilation_dims=(1, 3), padding=(1, 2, 0, 0))
    x, weights = chain.input(1, 8, 9, 4), chain.constant(3, 3, 2, 4)
    node = export_node(chain.build(chain.node(conv, x, weights, None)).graph, 0)
    assert rule_of(node).access(node) == Window(3, 2, 1, 1, Columns(kernel=2, stride=4, dilation=3, pad=2, block=1))
