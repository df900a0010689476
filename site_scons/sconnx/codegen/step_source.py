# SPDX-License-Identifier: Apache-2.0
"""The function of one node: one call, a loop of row calls, or, in a segment that streams, one row call."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.names import c_comment
from sconnx.codegen.place import Places
from sconnx.codegen.symbols import params_name, step_name
from sconnx.export.access import Fold, Window
from sconnx.export.lowered import Choice, Lowered
from sconnx.export.node import ExportNode, Operand, export_node
from sconnx.memory.meminfo import MemoryPlan, scratch_key


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """One kernel call with its rows, and the loop around it.

    Args:
        parameters: of the function; `int32_t y` where a segment asks for single rows.
        loop: the head of the loop over rows, if the function has one.
        rows: length of the array of row pointers.
        window: the call that fills the first of them, if any.
        assignments: (index, expression) of the others.
        arguments: the kernel's, after parameters and rows.
    """

    function: str
    comment: str
    parameters: str
    loop: str
    kernel: str
    params: str
    params_type: str
    rows: int
    window: str
    assignments: tuple[tuple[int, str], ...]
    arguments: tuple[str, ...]


def dims_text(operand: Operand) -> str:
    return "x".join(map(str, operand.dims)) or "scalar"


def _source_text(node: ExportNode) -> str:
    """The dims of the first input; an operator may have none."""
    return next((f"{dims_text(operand)} " for operand in node.inputs if operand is not None), "")


def step_text(
    lowered: Lowered, plan: MemoryPlan, places: Places, index: int, *, streams: bool, is_reversed: bool
) -> StepText:
    """The text of a node's function.

    Args:
        streams: whether it makes one row a call.
        is_reversed: whether its own loop goes from the last row to the first.
    """
    choice, mems = lowered.choices[index], plan.by_tensor()
    node = export_node(lowered.graph, index, mems, mems.get(scratch_key(index)))
    by_rows = isinstance(choice.access, Window | Fold)
    count = _call_count(node, choice)
    loop = ""
    if by_rows and not streams:
        upwards = f"int32_t y = 0; y < {count}; ++y"
        loop = f"for ({f'int32_t y = {count - 1}; y >= 0; --y' if is_reversed else upwards})"
    window, assignments, arguments = _call(node, choice, places, count)
    return StepText(
        function=step_name(places.model, index),
        comment=c_comment(f"{node.type} {_source_text(node)}-> {dims_text(node.output)}: {node.name}"),
        parameters=f"const {places.model}_ctx *ctx" + (", int32_t y" if streams else ""),
        loop=loop,
        kernel=choice.kernel,
        params=params_name(places.model, index),
        params_type=choice.params_type,
        rows=max(
            [position for position, _ in assignments]
            + [choice.access.kernel - 1 if isinstance(choice.access, Window) else 0]
        )
        + 1,
        window=window,
        assignments=tuple(assignments),
        arguments=tuple(arguments),
    )


def _call_count(node: ExportNode, choice: Choice) -> int:
    if isinstance(choice.access, Window):
        return node.output.height
    return node.input(choice.operands[0]).height if isinstance(choice.access, Fold) else 1


def _call(node: ExportNode, choice: Choice, places: Places, count: int) -> tuple[str, list[tuple[int, str]], list[str]]:
    """What fills the window, the other rows, and the arguments of the kernel."""
    operands = [node.input(position) for position in choice.operands]
    scratch = [places.memory(node.scratch)] if node.scratch else []
    if isinstance(choice.access, Window):
        kernel = choice.access.kernel
        others = [(kernel + i, places.row(other, "y")) for i, other in enumerate(operands[1:])]
        outputs = [places.row(output, "y") for output in node.outputs]
        arguments = [*outputs, *scratch]
        if _is_one_row(operands[0], choice.access, count):
            return "", [(0, places.row(operands[0], _first_row(choice.access))), *others], arguments
        return _window(operands[0], choice.access, places), others, arguments
    if isinstance(choice.access, Fold):
        rows = [(0, places.row(operands[0], "y")), (1, f"(y == 0) ? NULL : {scratch[0]}")]
        return "", rows, [f"(y == {count - 1}) ? {places.tensor(node.output)} : NULL", *scratch]
    rows = [(i, places.tensor(operand)) for i, operand in enumerate(operands)]
    return "", rows, [*(places.tensor(output) for output in node.outputs), *scratch]


def _first_row(access: Window) -> str:
    """The number of the first row of a call's window."""
    first = "y" if access.stride == 1 else f"y * {access.stride}"
    if access.pad:
        first += f" - {access.pad}" if access.pad > 0 else f" + {-access.pad}"
    return first


def _is_one_row(source: Operand, access: Window, count: int) -> bool:
    """Whether each call has a window of one row, which is no padding, of a tensor that is there as a whole."""
    is_whole = source.mem is None or source.mem.ring_rows is None
    return is_whole and access.kernel == 1 and access.pad == 0 and (count - 1) * access.stride < source.height


def _window(source: Operand, access: Window, places: Places) -> str:
    ring_rows = None if source.mem is None else source.mem.ring_rows
    rows = f"rows, {access.kernel}, {places.tensor(source)}, {source.height}, {source.row_bytes}"
    if ring_rows is None:
        return f"sx_window({rows}, {_first_row(access)}, {access.dilation})"
    return f"sx_ring_window({rows}, {ring_rows}, {_first_row(access)}, {access.dilation})"
