# SPDX-License-Identifier: Apache-2.0
"""The audit of a run: every load and store of the model's functions must be in a buffer that the running node may touch then.

A load must also find what it expects: the last store to each of its bytes was to the tensor, of a ring to the row, that is read.
What the application does between the functions of the model is not watched; its inputs count as written when it calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sconnx.codegen.names import c_comment
from sconnx.codegen.symbols import segment_name, step_name
from sconnx.emulate.memory_watch import Allowed, MemoryWatch, Span, Violation
from sconnx.emulate.permits import Permit, Permits
from sconnx.errors import SconnxError
from sconnx.memory.blocks import label
from sconnx.memory.meminfo import MemInfo

Callback = Callable[[], None]
MOST_BUFFERS = 4
"""How many buffers at one address a message names."""


@dataclass(frozen=True, slots=True)
class AuditCount:
    """What was watched in a run, all of it in live buffers."""

    loads: int
    stores: int


@dataclass(frozen=True, slots=True)
class _Running:
    """A function that runs.

    Args:
        node, step: that it belongs to; None of run and push_row.
        kernel: of the node, where it runs; its call counts those for this node in this inference.
    """

    function: str
    allowed: Allowed
    node: int | None = None
    step: int | None = None
    kernel: str = ""
    call: int = 0


@dataclass(slots=True)
class Auditor:
    """Audits one run of a firmware."""

    permits: Permits
    _watch: MemoryWatch | None = None
    _between: Allowed | None = None
    _running: list[_Running] = field(default_factory=list)
    _known: dict[tuple[int, int], tuple[Permit, Allowed]] = field(default_factory=dict)
    _calls: dict[int, int] = field(default_factory=dict)
    _rows: int = 0
    _vector: int = 0

    def start(self, new_watch: Callable[[list[tuple[int, int]]], MemoryWatch]) -> None:
        """Begin, with a watch that knows the owners of all bytes that hold tensors."""
        self._watch = new_watch([(first, end) for _, first, end in self.permits.areas()])
        self._between = self._allowed(self.permits.between())

    def count(self) -> AuditCount:
        return AuditCount(self.watch.loads, self.watch.stores)

    @property
    def watch(self) -> MemoryWatch:
        assert self._watch is not None
        return self._watch

    def on_enter(self) -> dict[str, Callback]:
        """What to call before the first instruction of each function of the model, and of each kernel."""
        lowered, schedule = self.permits.lowered, self.permits.schedule
        model = lowered.graph.name
        found: dict[str, Callback] = {f"{model}_run": partial(self._run, f"{model}_run")}
        for step, segment in enumerate(schedule.segments):
            if segment.streams:
                found[segment_name(model, step)] = partial(self._enter, segment_name(model, step), None, step)
            if segment.pushed is not None:
                found[f"{model}_push_row"] = partial(self._push, f"{model}_push_row", segment.pushed)
            for node in segment.nodes:
                if schedule.calls(lowered, node):
                    found[step_name(model, node)] = partial(self._enter, step_name(model, node), node, step)
                    kernel = lowered.choices[node].kernel
                    found[kernel] = partial(self._kernel, kernel)
        return found

    def on_return(self) -> dict[str, Callback]:
        """What to call when a function has returned."""
        return {name: partial(self._leave, name) for name in self.on_enter()}

    def check(self) -> None:
        """Raise SconnxError E512 for the first access that was not allowed."""
        violation = self.watch.violation
        if violation is not None:
            raise self._error(violation)

    def _allowed(self, permit: Permit) -> Allowed:
        return self.watch.allowed(permit.load, permit.store)

    def _run(self, name: str) -> None:
        if not any(segment.pushed is not None for segment in self.permits.schedule.segments):
            self._start_inference(self.permits.inputs())
        self._begin(_Running(name, self._allowed(self.permits.run())))

    def _push(self, name: str, tensor: int) -> None:
        if self._rows == 0:
            self._start_inference([])
        for span in self.permits.pushed(tensor, self._rows):
            self.watch.own(span)
        self._rows += 1
        self._enter(name, None, None)

    def _start_inference(self, written: Sequence[Span]) -> None:
        """Nothing is there but what the application has written, and states."""
        self.watch.forget()
        for span in (*written, *self.permits.states()):
            self.watch.own(span)

    def _enter(self, name: str, node: int | None, step: int | None) -> None:
        assert self._between is not None
        self._begin(_Running(name, self._between, node, step))

    def _kernel(self, name: str) -> None:
        """A kernel of the running node; one that another calls as its helper may do what that may."""
        caller = self._running[-1]
        if caller.node is None or caller.kernel or self.permits.lowered.choices[caller.node].kernel != name:
            self._running.append(caller)
            return
        call = self._calls.get(caller.node, 0)
        self._calls[caller.node] = call + 1
        if (caller.node, call) not in self._known:
            permit = self.permits.kernel(caller.node, caller.step in self.permits.plan.reversed_steps, call)
            self._known[caller.node, call] = permit, self._allowed(permit)
        permit, allowed = self._known[caller.node, call]
        for span in permit.fresh:
            self.watch.own(span)
        self._begin(_Running(caller.function, allowed, caller.node, caller.step, name, call))

    def _begin(self, running: _Running) -> None:
        self._running.append(running)
        self.watch.set(running.allowed)

    def _leave(self, name: str) -> None:
        self._running.pop()
        self.watch.set(self._running[-1].allowed if self._running else None)
        if name == f"{self.permits.lowered.graph.name}_run":
            self._calls.clear()
            self._rows = 0
            self._vector += 1

    def _error(self, violation: Violation) -> SconnxError:
        running, graph = self._running[-1], self.permits.lowered.graph
        who = running.function
        if running.node is not None:
            node = graph.nodes[running.node]
            who = f"layer {running.node} '{c_comment(node.name)}' ({node.type})"
        access = f"{'stores' if violation.is_store else 'loads'} {violation.size_bytes} byte"
        plural = "s" if violation.size_bytes > 1 else ""
        return SconnxError(
            "E512",
            f"{who} {access}{plural} at {self._place(violation.address)}, {self._wrong(violation)}",
            where=graph.name,
            why=f"vector {self._vector}, {self._code(violation, running)}: {self._there(violation, running.step)}",
            help="the kernel does not keep to the access and the scratch that its rule states, or the memory plan is wrong",
        )

    def _code(self, violation: Violation, running: _Running) -> str:
        """`call 3 of sx_softmax_s8_tflite in kws_step_12, at memcpy`."""
        function = self.permits.image.function_at(violation.counter)
        name = function.name if function else f"0x{violation.counter:08x}"
        by = f"call {running.call} of {running.kernel} in {running.function}" if running.kernel else running.function
        return by if name in (running.kernel, running.function) else f"{by}, at {name}"

    def _place(self, address: int) -> str:
        """`offset 12 of kws_arena in ram`."""
        region = self.permits.board.region_at(address)
        inside = f" in {region.name}" if region else ""
        for symbol, first, end in self.permits.areas():
            if first <= address < end:
                return f"offset {address - first:,} of {symbol}{inside}"
        return f"0x{address:08x}{inside or ' in no memory'}"

    def _wrong(self, violation: Violation) -> str:
        if violation.found_owner is None:
            return f"where it may not {'store' if violation.is_store else 'load'}"
        if violation.found_owner:
            return f"last written as {self.permits.owner_text(violation.found_owner)}"
        return "written by nobody in this inference"

    def _there(self, violation: Violation, step: int | None) -> str:
        """What lies at the first byte that is wrong."""
        number = violation.first_wrong - violation.address
        there = f"at byte {number} of these lies" if number else "there lies"
        found = self.permits.buffers_at(violation.first_wrong, step)
        if not found:
            return f"{there} nothing that is alive" + (f" in step {step}" if step is not None else "")
        named = [_lifetime(mem) for mem in found[:MOST_BUFFERS]]
        return f"{there} {', '.join(named)}" + (", ..." if len(found) > MOST_BUFFERS else "")


def _lifetime(mem: MemInfo) -> str:
    return f"{label(mem)}, alive in steps [{mem.first}, {mem.last})"
