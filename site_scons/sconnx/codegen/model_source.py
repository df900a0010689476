# SPDX-License-Identifier: Apache-2.0
"""The contexts of <name>.h and <name>.c: every string that the templates print."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.c_value import C_TYPES
from sconnx.codegen.constants import row_constants, starts_at_zero
from sconnx.codegen.interface import Interface, Port
from sconnx.codegen.names import c_comment
from sconnx.codegen.place import Places, arena_member
from sconnx.codegen.render import render
from sconnx.codegen.segment_source import segment_text
from sconnx.codegen.step_source import dims_text, step_text
from sconnx.codegen.symbols import constant_name, segment_name, step_name
from sconnx.export.access import Window
from sconnx.export.lowered import Lowered
from sconnx.export.node import Operand
from sconnx.graph.tensor import DType
from sconnx.memory.meminfo import CALLER, MemoryPlan
from sconnx.schedule.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class PortText:
    """One graph input or output in the header.

    Args:
        c_type: of an element.
        scale, zero_point: literals; empty where the elements are not quantised.
    """

    identifier: str
    macro: str
    comment: str
    c_type: str
    size_bytes: int
    scale: str
    zero_point: str
    location: str
    is_constant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaText:
    """The arena of one region; `member` is its name in the ctx and in init."""

    member: str
    macro: str
    comment: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedText:
    """The input whose rows the application pushes; `segment` is the function that computes with them, if one does."""

    identifier: str
    macro: str
    c_type: str
    location: str
    rows: int
    row_bytes: int
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallText:
    """What `run` calls in one step."""

    function: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyText:
    """Bytes to copy: an output that cannot be computed where the caller wants it, or a state; without source: to set to 0."""

    target: str
    source: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantText:
    """A constant tensor that a kernel reads as rows, or that is a graph output."""

    name: str
    c_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerText:
    """An output of the caller's: the argument of `run`, and its first byte, which the member of the ctx of that name holds."""

    name: str
    c_type: str
    first_byte: str


def _operand(lowered: Lowered, plan: MemoryPlan, tensor: int) -> Operand:
    return Operand(index=tensor, tensor=lowered.graph.tensors[tensor], mem=plan.by_tensor().get(tensor))


def _typed(first_byte: str, port: Port, *, is_constant: bool) -> str:
    """The address of a port's first element."""
    if DType(port.dtype) is DType.INT8:
        return first_byte
    const = "const " if is_constant else ""
    return f"({const}{C_TYPES[port.dtype]} *)({const}void *)({first_byte})"


def _ports(
    ports: tuple[Port, ...], what: str, lowered: Lowered, plan: MemoryPlan, places: Places
) -> tuple[PortText, ...]:
    model = lowered.graph.name
    texts = []
    for port in ports:
        operand = _operand(lowered, plan, port.tensor)
        texts.append(
            PortText(
                identifier=f"{model}_{what}_{port.identifier}",
                macro=f"{model}_{what}_{port.identifier}".upper(),
                comment=c_comment(f"{port.dtype} {dims_text(operand)}: {port.name}"),
                size_bytes=operand.tensor.size_bytes,
                c_type=C_TYPES[port.dtype],
                scale="" if port.scale is None else f"{port.scale!r}f",
                zero_point="" if port.zero_point is None else str(port.zero_point),
                location=constant_name(model, port.tensor)
                if operand.mem is None
                else _typed(places.tensor(operand), port, is_constant=what == "output"),
                is_constant=operand.mem is None,
            )
        )
    return tuple(texts)


def _arenas(model: str, plan: MemoryPlan) -> tuple[ArenaText, ...]:
    members = [arena_member(plan, arena.region) for arena in plan.arenas]
    return tuple(
        ArenaText(
            member=member,
            macro=f"{model}_{member}".upper(),
            comment=f"Tensors in {arena.region}",
            size_bytes=arena.size_bytes,
        )
        for arena, member in zip(plan.arenas, members, strict=True)
    )


def _pushed(
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
    operand = _operand(lowered, plan, segment.pushed)
    row_bytes = tensor.size_bytes // tensor.height
    ring_rows = operand.mem.ring_rows if operand.mem else None
    # Behind the last row there is no further one: its place is that of the first.
    slot = f"(ctx->rows[0] % {ring_rows or tensor.height})"
    return PushedText(
        identifier=identifier,
        macro=identifier.upper(),
        c_type=C_TYPES[port.dtype],
        location=_typed(f"{places.tensor(operand)} + {slot} * {row_bytes}", port, is_constant=False),
        rows=tensor.height,
        row_bytes=row_bytes,
        segment=segment_name(lowered.graph.name, step) if segment.streams else "",
    )


def _calls(lowered: Lowered, schedule: Schedule) -> tuple[CallText, ...]:
    """What `run` calls; a segment that the application drives was done before."""
    functions = []
    for step, segment in enumerate(schedule.segments):
        if segment.pushed is not None:
            continue
        if segment.streams:
            functions.append(segment_name(lowered.graph.name, step))
        elif schedule.calls(lowered, segment.nodes[0]):
            functions.append(step_name(lowered.graph.name, segment.nodes[0]))
    return tuple(CallText(function=function, number=number) for number, function in enumerate(functions))


def _copies(lowered: Lowered, plan: MemoryPlan, places: Places, interface: Interface) -> tuple[CopyText, ...]:
    found = []
    for port in interface.outputs:
        operand = _operand(lowered, plan, port.tensor)
        if operand.mem is None or operand.mem.region != CALLER:
            target = _caller(port).first_byte
            found.append(CopyText(target=target, source=places.tensor(operand), size_bytes=operand.tensor.size_bytes))
    return tuple(found)


def _caller(port: Port) -> CallerText:
    name = f"output_{port.identifier}"
    is_bytes = DType(port.dtype) is DType.INT8
    return CallerText(
        name=name,
        c_type=C_TYPES[port.dtype],
        first_byte=name if is_bytes else f"((int8_t *)(void *){name})",
    )


def _state_copies(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, places: Places) -> tuple[CopyText, ...]:
    """What states become, at the end of a run."""
    return tuple(
        CopyText(
            target=f"({places.tensor(_operand(lowered, plan, copy.state))})",
            source=places.tensor(_operand(lowered, plan, copy.next)),
            size_bytes=lowered.graph.tensors[copy.state].size_bytes,
        )
        for copy in schedule.state_copies
    )


def _first_states(lowered: Lowered, plan: MemoryPlan, places: Places) -> tuple[CopyText, ...]:
    """What states are before the first run."""
    found = []
    for update in lowered.graph.states:
        tensor = lowered.graph.tensors[update.state]
        name = constant_name(lowered.graph.name, update.state)
        found.append(
            CopyText(
                target=f"({places.tensor(_operand(lowered, plan, update.state))})",
                source="" if starts_at_zero(tensor) else f"(const int8_t *){name}",
                size_bytes=tensor.size_bytes,
            )
        )
    return tuple(found)


_WHAT_OF_STATES = " What {name}_init or {name}_reset sets goes on from run to run, so its arenas are its own."
_HOW_TO_RUN = {
    False: "write the inputs, call {name}_run and read the outputs",
    True: "write each row of the input to where {name}_input_..._row says and call {name}_push_row, then call\n"
    " * {name}_run and read the outputs",
}
_WHAT_OF_INPUTS = {
    "keep": "Inputs are intact after a run.",
    "clobber": "Inputs are overwritten by a run.",
    "stream": "Rows of the input are kept no longer than needed.",
}


def generate(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, interface: Interface) -> tuple[bytes, bytes]:
    """<name>.h and <name>.c."""
    model = lowered.graph.name
    places = Places.of(model, plan, interface)
    streaming = [step for step, segment in enumerate(schedule.segments) if segment.streams]
    steps = tuple(
        step_text(
            lowered,
            plan,
            places,
            node,
            streams=step in streaming,
            is_reversed=step in plan.reversed_steps,
        )
        for step, segment in enumerate(schedule.segments)
        for node in segment.nodes
        if schedule.calls(lowered, node)
    )
    pushed = _pushed(lowered, schedule, plan, places, interface)
    segments = tuple(segment_text(lowered, schedule, plan, step) for step in streaming)
    by_caller = schedule.output_policy == "caller"
    caller_outputs = tuple(_caller(port) for port in interface.outputs) if by_caller else ()
    constant_ctx = "" if pushed or by_caller else "const "
    arenas = _arenas(model, plan)
    context = {
        "name": model,
        "macro": model.upper(),
        "target": lowered.target,
        "rule": lowered.graph.rule.value,
        "arenas": arenas,
        "what_to_place": f"an arena of {arenas[0].macro}_BYTES bytes"
        if len(arenas) == 1
        else f"{len(arenas)} arenas of the sizes below, each in its memory",
        "arena_align": plan.alignment_bytes,
        "inputs": _ports(interface.inputs, "input", lowered, plan, places),
        "outputs": _ports(interface.outputs, "output", lowered, plan, places),
        "how_to_run": _HOW_TO_RUN[pushed is not None].format(name=model),
        "what_of_inputs": _WHAT_OF_INPUTS[schedule.input_policy],
        "what_of_states": _WHAT_OF_STATES.format(name=model) if lowered.graph.states else "",
        "first_states": _first_states(lowered, plan, places),
        "state_copies": _state_copies(lowered, schedule, plan, places),
        "headers": lowered.headers,
        "steps": steps,
        "segments": segments,
        "pushed": pushed,
        "counters": next((segment.counters for segment in segments if segment.keeps_state), 1 if pushed else 0),
        "caller_outputs": caller_outputs,
        "run_parameters": ", ".join(
            [f"{constant_ctx}{model}_ctx *ctx", *(f"{output.c_type} *{output.name}" for output in caller_outputs)]
        ),
        "calls": _calls(lowered, schedule),
        "copies": _copies(lowered, plan, places, interface) if by_caller else (),
        "constants": tuple(
            ConstantText(
                name=constant_name(model, tensor),
                c_type=C_TYPES[lowered.graph.tensors[tensor].dtype.value],
                size=lowered.graph.tensors[tensor].size,
            )
            for tensor in row_constants(lowered)
        ),
        "needs_rows": any(isinstance(choice.access, Window) for choice in lowered.choices) or bool(segments),
    }
    return render("model.h.j2", **context), render("model.c.j2", **context)
