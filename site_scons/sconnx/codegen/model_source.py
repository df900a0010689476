# SPDX-License-Identifier: Apache-2.0
"""The contexts of <name>.h and <name>.c: every string that the templates print."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.interface import Interface, Port
from sconnx.codegen.names import c_comment
from sconnx.codegen.render import render
from sconnx.export.access import Window
from sconnx.export.lowered import Choice, Lowered
from sconnx.export.node import ExportNode, Operand, export_node
from sconnx.graph.tensor import Constant
from sconnx.memory.meminfo import MemoryPlan, scratch_key
from sconnx.schedule.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class PortText:
    """One graph input or output in the header."""

    identifier: str
    macro: str
    comment: str
    size_bytes: int
    scale: str
    zero_point: int
    location: str
    is_constant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowText:
    """The loop over output rows of a `Window` access; `others` are the rows of further operands."""

    kernel: int
    dilation: int
    first_row: str
    input: str
    in_height: int
    in_row_bytes: int
    out_height: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """One call, or one loop of row calls. `arguments` are the outputs and the scratch buffer."""

    function: str
    comment: str
    kernel: str
    params: str
    params_type: str
    rows: int
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    window: WindowText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantText:
    """A constant tensor that a kernel reads as rows, or that is a graph output."""

    name: str
    size: int


def constant_name(model: str, tensor: int) -> str:
    return f"{model}_t{tensor}"


def params_name(model: str, node: int) -> str:
    return f"{model}_p{node}"


def step_name(model: str, node: int) -> str:
    """The function that runs one node; the emulator finds the layers by it."""
    return f"{model}_step_{node}"


def row_constants(lowered: Lowered) -> tuple[int, ...]:
    """Constants that are read as rows or are graph outputs; the others are packed into parameters."""
    graph = lowered.graph
    wanted = {tensor for tensor in graph.outputs if isinstance(graph.tensors[tensor], Constant)}
    for node, choice in zip(graph.nodes, lowered.choices, strict=True):
        for position in choice.operands:
            tensor = node.inputs[position]
            if tensor is not None and isinstance(graph.tensors[tensor], Constant):
                wanted.add(tensor)
    return tuple(sorted(wanted))


def _location(model: str, operand: Operand, arena: str = "arena") -> str:
    """The C expression of a tensor's first byte."""
    return constant_name(model, operand.index) if operand.mem is None else f"{arena} + {operand.mem.offset_bytes}"


def _dims(operand: Operand) -> str:
    return "x".join(map(str, operand.dims))


def _window(model: str, node: ExportNode, choice: Choice, access: Window) -> WindowText:
    source, *others = (node.input(position) for position in choice.operands)
    first_row = "y" if access.stride == 1 else f"y * {access.stride}"
    return WindowText(
        kernel=access.kernel,
        dilation=access.dilation,
        first_row=f"{first_row} - {access.pad}" if access.pad else first_row,
        input=_location(model, source),
        in_height=source.height,
        in_row_bytes=source.row_bytes,
        out_height=node.output.height,
        others=tuple(f"{_location(model, other)} + y * {other.row_bytes}" for other in others),
    )


def _step(model: str, node: ExportNode, choice: Choice) -> StepText:
    access = choice.access
    window = _window(model, node, choice, access) if isinstance(access, Window) else None
    inputs = tuple(_location(model, node.input(position)) for position in choice.operands)
    outputs = [_location(model, output) for output in node.outputs]
    if window:
        outputs[0] += f" + y * {node.output.row_bytes}"
    scratch = [f"arena + {node.scratch.offset_bytes}"] if node.scratch else []
    return StepText(
        function=step_name(model, node.index),
        comment=c_comment(f"{node.type} {_dims(node.input(0))} -> {_dims(node.output)}: {node.name}"),
        kernel=choice.kernel,
        params=params_name(model, node.index),
        params_type=choice.params_type,
        rows=window.kernel + len(window.others) if window else max(len(inputs), 1),
        inputs=inputs,
        arguments=(*outputs, *scratch),
        window=window,
    )


def _ports(model: str, ports: tuple[Port, ...], what: str, lowered: Lowered, plan: MemoryPlan) -> tuple[PortText, ...]:
    places = plan.by_tensor()
    texts = []
    for port in ports:
        operand = Operand(index=port.tensor, tensor=lowered.graph.tensors[port.tensor], mem=places.get(port.tensor))
        texts.append(
            PortText(
                identifier=f"{model}_{what}_{port.identifier}",
                macro=f"{model}_{what}_{port.identifier}".upper(),
                comment=c_comment(f"{port.dtype} {_dims(operand)}: {port.name}"),
                size_bytes=operand.tensor.size_bytes,
                scale=f"{port.scale!r}f",
                zero_point=port.zero_point,
                location=_location(model, operand, "ctx->arena"),
                is_constant=operand.mem is None,
            )
        )
    return tuple(texts)


def generate(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, interface: Interface) -> tuple[bytes, bytes]:
    """<name>.h and <name>.c."""
    graph = lowered.graph
    model = graph.name
    places = plan.by_tensor()
    steps = tuple(
        _step(model, export_node(graph, index, places, places.get(scratch_key(index))), lowered.choices[index])
        for index in schedule.order
        if lowered.choices[index].kernel
    )
    context = {
        "name": model,
        "macro": model.upper(),
        "target": lowered.target,
        "rule": graph.rule.value,
        "arena_bytes": plan.arena_bytes,
        "arena_align": plan.alignment_bytes,
        "inputs": _ports(model, interface.inputs, "input", lowered, plan),
        "outputs": _ports(model, interface.outputs, "output", lowered, plan),
        "input_policy": schedule.input_policy,
        "headers": lowered.headers,
        "steps": steps,
        "constants": tuple(
            ConstantText(name=constant_name(model, tensor), size=graph.tensors[tensor].size)
            for tensor in row_constants(lowered)
        ),
        "needs_rows": any(step.window for step in steps),
    }
    return render("model.h.j2", **context), render("model.c.j2", **context)
