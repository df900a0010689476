# SPDX-License-Identifier: Apache-2.0
"""Models of one node on plain numbers, and what the kernel that a rule chooses for it computes."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from kernel_cases import GENERIC, row_operands, rule_of, structure
from kernel_headers import structure_of
from kernel_library import Guarded, KernelLibrary, address
from kernel_strategies import Axis
from numpy.typing import NDArray

from sconnx.export.access import Fold, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode, export_node
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Dims, Operator
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

Values = NDArray[Any]


def plain_model(
    operator: Operator,
    inputs: Sequence[Dims | Values | None],
    outputs: int = 1,
    dtype: DType = DType.FLOAT32,
    quantizations: tuple[QuantValues | None, QuantValues | None] = (None, None),
    rule: Rule = Rule.ONNX,
    input_dtype: DType = DType.FLOAT32,
) -> Model:
    """A model of one node. An input is an array, which is a constant, or dims, which are those of an input, or absent.

    Args:
        quantizations: of the first input, and of the outputs.
    """
    builder = ModelBuilder("one", rule)
    operands: list[int | None] = []
    for position, item in enumerate(inputs):
        if item is None:
            operands.append(None)
        elif isinstance(item, np.ndarray):
            operands.append(builder.add_constant(f"c{position}", item))
        else:
            quantization = quantizations[0] if position == 0 else None
            operands.append(builder.add_input(f"x{position}", input_dtype, item, quantization))
    names = tuple(f"y{number}" for number in range(outputs))
    made = builder.add_node_of_many(
        operator,
        tuple(operands),
        name="n",
        source_index=0,
        output_names=names,
        dtype=dtype,
        quantization=quantizations[1],
    )
    return builder.build(list(made))


def kernel_outputs(model: Model, inputs: Sequence[Values], library: KernelLibrary) -> tuple[Values, ...]:
    """All outputs of the only node, by the kernel of lib `generic`, called as the access says."""
    node = export_node(model.graph, 0)
    rule = rule_of(node, GENERIC)
    parameters = structure(structure_of(rule.params_type), rule.pack(node, model.params))
    by_tensor = {**model.params.value, **dict(zip(model.graph.inputs, inputs, strict=True))}
    operands = [by_tensor[node.input(position).index] for position in rule.operands(node)]
    run = Calls(library, node, rule, parameters)
    return run.outputs([operand.reshape(-1).view(np.int8) for operand in operands])


class Calls:
    """The calls that make up one node."""

    def __init__(self, library: KernelLibrary, node: ExportNode, rule: Implementation, parameters: Any) -> None:
        self.node, self.rule, self.parameters = node, rule, parameters
        self.function = library.library[rule.kernel(node)]
        self.scratch = Guarded((rule.scratch_bytes(node),))
        self.buffers = [Guarded((operand.tensor.size_bytes,)) for operand in node.outputs]

    def outputs(self, operands: Sequence[NDArray[np.int8]]) -> tuple[Values, ...]:
        access = self.rule.access(self.node)
        outs = [buffer.address.value or 0 for buffer in self.buffers]
        if isinstance(access, Fold):
            self._fold(operands[0])
        elif isinstance(access, Window):
            for y in range(self.node.output.height):
                self._call(row_operands(access, self.node, operands, y), [outs[0] + y * self.node.output.row_bytes])
        else:
            self._call(operands, outs)
        self.scratch.checked()
        return tuple(
            buffer.checked().view(operand.tensor.dtype.value).reshape(operand.dims)
            for buffer, operand in zip(self.buffers, self.node.outputs, strict=True)
        )

    def _fold(self, image: NDArray[np.int8]) -> None:
        lines = image.reshape(self.node.input(0).height, -1)
        for y, line in enumerate(lines):
            last = y == len(lines) - 1
            rows = (ctypes.c_void_p * 2)(address(line), self.scratch.address if y else None)
            out = self.buffers[0].address if last else None
            self.function(ctypes.byref(self.parameters), rows, out, self.scratch.address)

    def _call(self, rows: Sequence[NDArray[np.int8] | None], outs: Sequence[int]) -> None:
        pointers = (ctypes.c_void_p * len(rows))(*(None if row is None else address(row) for row in rows))
        further = [ctypes.c_void_p(out) for out in outs]
        self.function(ctypes.byref(self.parameters), pointers, *further, self.scratch.address)


def agrees(
    libraries: tuple[KernelLibrary, ...],
    model: Model,
    *inputs: np.ndarray,
    rtol: float = 1e-5,
    atol: float = 1e-5,
    magnitude: float = 0.0,
) -> None:
    """Every library computes what the reference does.

    Args:
        atol: for sums that cancel out, as a share of the largest output or of `magnitude`.
        magnitude: of the addends, where a clamp hides it: |x| * |w| + |b|, which bounds the rounding of a sum.
    """
    expected = execute(model, inputs)
    for library in libraries:
        actual = kernel_outputs(model, inputs, library)
        for tensor, values in zip(model.graph.nodes[0].outputs, actual, strict=True):
            scale = np.nanmax(np.abs(expected[tensor]), initial=0.0, where=np.isfinite(expected[tensor]))
            np.testing.assert_allclose(
                values,
                expected[tensor],
                rtol=rtol,
                atol=atol * max(float(scale), magnitude, 1e-30),
                err_msg=library.name,
            )


def random_floats(rng: np.random.Generator, *dims: int) -> NDArray[np.float32]:
    """Values of ordinary size, or (one time in four) of very different ones, exact zeros among them."""
    values = rng.standard_normal(dims)
    if rng.integers(4) == 0:
        values *= rng.choice([0.0, 1.0, 1e-6, 300.0], dims)
    return values.astype(np.float32)


def sliding_fields(*axes: Axis) -> dict[str, Any]:
    """The attributes of an operator whose window slides along these axes."""
    return {
        "kernel_dims": tuple(axis.kernel for axis in axes),
        "stride_dims": tuple(axis.stride for axis in axes),
        "dilation_dims": tuple(axis.dilation for axis in axes),
        "padding": (*(axis.before for axis in axes), *(axis.after for axis in axes)),
    }
