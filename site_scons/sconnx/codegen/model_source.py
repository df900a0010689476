# SPDX-License-Identifier: Apache-2.0
"""The contexts of <name>.h, <name>.hpp and <name>.c: every string that the templates print."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sconnx.codegen.c_value import C_TYPES
from sconnx.codegen.constants import row_constants, starts_at_zero
from sconnx.codegen.interface import Interface
from sconnx.codegen.place import Places
from sconnx.codegen.port_source import arena_texts, caller_text, operand_of, port_texts, pushed_text
from sconnx.codegen.render import render
from sconnx.codegen.segment_source import SegmentText, segment_text
from sconnx.codegen.step_source import step_text
from sconnx.codegen.symbols import constant_name, segment_name, step_name
from sconnx.export.access import Window
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import CALLER, MemoryPlan
from sconnx.schedule.schedule import Schedule


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
        operand = operand_of(lowered, plan, port.tensor)
        if operand.mem is None or operand.mem.region != CALLER:
            target = caller_text(port).first_byte
            found.append(CopyText(target=target, source=places.tensor(operand), size_bytes=operand.tensor.size_bytes))
    return tuple(found)


def _state_copies(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, places: Places) -> tuple[CopyText, ...]:
    """What states become, at the end of a run."""
    return tuple(
        CopyText(
            target=f"({places.tensor(operand_of(lowered, plan, copy.state))})",
            source=places.tensor(operand_of(lowered, plan, copy.next)),
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
                target=f"({places.tensor(operand_of(lowered, plan, update.state))})",
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
    """<name>.h and <name>.c. A part of the header's hash is in the name of what `init` calls, which links no other header's."""
    context = {
        **_interface_context(lowered, schedule, plan, interface),
        **_body_context(lowered, schedule, plan, interface),
    }
    unmarked = render("model.h.j2", **context, mark="")
    marked = {**context, "mark": hashlib.sha256(unmarked).hexdigest()[:8]}
    return render("model.h.j2", **marked), render("model.c.j2", **marked)


def generate_wrapper(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, interface: Interface) -> bytes:
    """<name>.hpp: the header of C++, over <name>.h."""
    return render("model.hpp.j2", **_interface_context(lowered, schedule, plan, interface))


def _interface_context(
    lowered: Lowered, schedule: Schedule, plan: MemoryPlan, interface: Interface
) -> dict[str, object]:
    """What the headers print."""
    model = lowered.graph.name
    places = Places.of(model, plan, interface)
    pushed = pushed_text(lowered, schedule, plan, places, interface)
    by_caller = schedule.output_policy == "caller"
    caller_outputs = tuple(caller_text(port) for port in interface.outputs) if by_caller else ()
    constant_ctx = "" if pushed or by_caller else "const "
    arenas = arena_texts(model, plan)
    kept = (segment.counters for segment in _segments(lowered, schedule, plan) if segment.keeps_state)
    inputs = port_texts(interface.inputs, "input", lowered, plan, places)
    outputs = port_texts(interface.outputs, "output", lowered, plan, places)
    return {
        "name": model,
        "macro": model.upper(),
        "rule": lowered.graph.rule.value,
        "arenas": arenas,
        "what_to_place": f"an arena of {arenas[0].macro}_BYTES bytes"
        if len(arenas) == 1
        else f"{len(arenas)} arenas of the sizes below, each in its memory",
        "init_parameters": f"{model}_ctx *ctx"
        + "".join(f", void *{a.member}, size_t {a.member}_bytes" for a in arenas),
        "init_arguments": "ctx" + "".join(f", {a.member}, {a.member}_bytes" for a in arenas),
        "arena_align": plan.alignment_bytes,
        "inputs": inputs,
        "outputs": outputs,
        "addressed": (() if pushed else inputs) + (() if by_caller else outputs),
        "how_to_run": _HOW_TO_RUN[pushed is not None].format(name=model),
        "what_of_inputs": _WHAT_OF_INPUTS[schedule.input_policy],
        "what_of_states": _WHAT_OF_STATES.format(name=model) if lowered.graph.states else "",
        "first_states": _first_states(lowered, plan, places),
        "pushed": pushed,
        "counters": next(kept, 1 if pushed else 0),
        "caller_outputs": caller_outputs,
        "run_parameters": ", ".join(
            [f"{constant_ctx}{model}_ctx *ctx", *(f"{output.c_type} *{output.name}" for output in caller_outputs)]
        ),
    }


def _segments(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> tuple[SegmentText, ...]:
    """The segments whose nodes take turns."""
    steps = (step for step, segment in enumerate(schedule.segments) if segment.streams)
    return tuple(segment_text(lowered, schedule, plan, step) for step in steps)


def _body_context(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, interface: Interface) -> dict[str, object]:
    """What <name>.c prints besides."""
    model = lowered.graph.name
    places = Places.of(model, plan, interface)
    by_caller = schedule.output_policy == "caller"
    segments = _segments(lowered, schedule, plan)
    steps = tuple(
        step_text(
            lowered,
            plan,
            places,
            node,
            streams=segment.streams,
            is_reversed=step in plan.reversed_steps,
        )
        for step, segment in enumerate(schedule.segments)
        for node in segment.nodes
        if schedule.calls(lowered, node)
    )
    return {
        "target": lowered.target,
        "state_copies": _state_copies(lowered, schedule, plan, places),
        "headers": lowered.headers,
        "steps": steps,
        "segments": segments,
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
