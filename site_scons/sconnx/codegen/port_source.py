# SPDX-License-Identifier: Apache-2.0
"""What an application sees of a model, as strings for the headers of C and C++: inputs, outputs, arenas, pushed rows."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.c_value import C_TYPES
from sconnx.codegen.interface import Interface, Port
from sconnx.codegen.names import c_comment
from sconnx.codegen.place import Places, arena_member
from sconnx.codegen.step_source import dims_text
from sconnx.codegen.symbols import constant_name, segment_name
from sconnx.export.lowered import Lowered
from sconnx.export.node import Operand
from sconnx.graph.tensor import DType
from sconnx.memory.meminfo import MemoryPlan
from sconnx.schedule.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class PortText:
    """One graph input or output in the header.

    Args:
        member: its name in the class of C++.
        c_type: of an element; `view_type` the same with const, where the application may only read.
        length: the elements, as an expression.
        scale, zero_point: literals; empty where the elements are not quantised.
    """

    identifier: str
    member: str
    macro: str
    comment: str
    c_type: str
    view_type: str
    length: str
    size_bytes: int
    scale: str
    zero_point: str
    location: str
    is_constant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaText:
    """The arena of one region; `member` is its name in the ctx and in init, `type_name` that of its class of C++."""

    member: str
    type_name: str
    macro: str
    definer: str
    comment: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedText:
    """The input whose rows the application pushes; `segment` is the function that computes with them, if one does."""

    identifier: str
    member: str
    macro: str
    c_type: str
    location: str
    rows: int
    row_bytes: int
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerText:
    """An output of the caller's: the argument of `run`, and its first byte, which the member of the ctx of that name holds."""

    name: str
    c_type: str
    first_byte: str


def operand_of(lowered: Lowered, plan: MemoryPlan, tensor: int) -> Operand:
    return Operand(index=tensor, tensor=lowered.graph.tensors[tensor], mem=plan.by_tensor().get(tensor))


def _typed(first_byte: str, port: Port, *, is_constant: bool) -> str:
    """The address of a port's first element."""
    if DType(port.dtype) is DType.INT8:
        return first_byte
    const = "const " if is_constant else ""
    return f"({const}{C_TYPES[port.dtype]} *)({const}void *)({first_byte})"


def port_texts(
    ports: tuple[Port, ...], what: str, lowered: Lowered, plan: MemoryPlan, places: Places
) -> tuple[PortText, ...]:
    model = lowered.graph.name
    texts = []
    for port in ports:
        operand = operand_of(lowered, plan, port.tensor)
        member = f"{what}_{port.identifier}"
        macro, c_type = f"{model}_{member}".upper(), C_TYPES[port.dtype]
        texts.append(
            PortText(
                identifier=f"{model}_{member}",
                member=member,
                macro=macro,
                comment=c_comment(f"{port.dtype} {dims_text(operand)}: {port.name}"),
                size_bytes=operand.tensor.size_bytes,
                c_type=c_type,
                view_type=f"const {c_type}" if what == "output" else c_type,
                length=f"{macro}_BYTES / sizeof({c_type})",
                scale="" if port.scale is None else f"{port.scale!r}f",
                zero_point="" if port.zero_point is None else str(port.zero_point),
                location=constant_name(model, port.tensor)
                if operand.mem is None
                else _typed(places.tensor(operand), port, is_constant=what == "output"),
                is_constant=operand.mem is None,
            )
        )
    return tuple(texts)


def arena_texts(model: str, plan: MemoryPlan) -> tuple[ArenaText, ...]:
    members = [arena_member(plan, arena.region) for arena in plan.arenas]
    return tuple(
        ArenaText(
            member=member,
            type_name=member.capitalize(),
            macro=f"{model}_{member}".upper(),
            definer=f"{model}_define_{member}".upper(),
            comment=f"Tensors in {arena.region}",
            size_bytes=arena.size_bytes,
        )
        for arena, member in zip(plan.arenas, members, strict=True)
    )


def pushed_text(
    lowered: Lowered, schedule: Schedule, plan: MemoryPlan, places: Places, interface: Interface
) -> PushedText | None:
    found = [(step, segment) for step, segment in enumerate(schedule.segments) if segment.pushed is not None]
    if not found:
        return None
    ((step, segment),) = found
    assert segment.pushed is not None
    tensor = lowered.graph.tensors[segment.pushed]
    port = interface.inputs[0]
    identifier = f"{lowered.graph.name}_input_{port.identifier}"
    operand = operand_of(lowered, plan, segment.pushed)
    row_bytes = tensor.size_bytes // tensor.height
    ring_rows = operand.mem.ring_rows if operand.mem else None
    # Behind the last row there is no further one: its place is that of the first.
    slot = f"(ctx->rows[0] % {ring_rows or tensor.height})"
    return PushedText(
        identifier=identifier,
        member=f"input_{port.identifier}",
        macro=identifier.upper(),
        c_type=C_TYPES[port.dtype],
        location=_typed(f"{places.tensor(operand)} + {slot} * {row_bytes}", port, is_constant=False),
        rows=tensor.height,
        row_bytes=row_bytes,
        segment=segment_name(lowered.graph.name, step) if segment.streams else "",
    )


def caller_text(port: Port) -> CallerText:
    name = f"output_{port.identifier}"
    is_bytes = DType(port.dtype) is DType.INT8
    return CallerText(
        name=name,
        c_type=C_TYPES[port.dtype],
        first_byte=name if is_bytes else f"((int8_t *)(void *){name})",
    )
