# SPDX-License-Identifier: Apache-2.0
"""What states become: copies at the end of a run, in an order in which none reads what another one has overwritten."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from sconnx.errors import SconnxError, raise_all
from sconnx.export.lowered import Lowered
from sconnx.graph.graph import StateUpdate
from sconnx.schedule.sharing import Sharing


def state_copies(lowered: Lowered, sharing: Sharing, output_policy: str) -> tuple[StateUpdate, ...]:
    """The updates that need a copy.

    Raises:
        SconnxError: E304, states become each other's old content, or an output is the old content of a state.
    """
    graph = lowered.graph
    if output_policy == "arena":
        raise_all(_lost_outputs(lowered, sharing))
    copies = {update.state: update for update in graph.states if sharing.root_of[update.next] != (update.state, 0)}
    # Who reads the old content of a state comes before the copy that overwrites it.
    readers: dict[int, set[int]] = {state: set() for state in copies}
    for update in copies.values():
        root, _ = sharing.root_of[update.next]
        if root in copies:
            readers[root].add(update.state)
    try:
        return tuple(copies[state] for state in TopologicalSorter(readers).static_order())
    except CycleError as error:
        names = ", ".join(f"'{graph.tensors[state].name}'" for state in sorted(set(error.args[1])))
        raise SconnxError(
            "E304",
            f"the states {names} take each other's content",
            where=graph.name,
            help="compute one of them by a node that is no reshape",
        ) from None


def _lost_outputs(lowered: Lowered, sharing: Sharing) -> list[SconnxError]:
    """Outputs whose bytes are those of a state, which the end of the run overwrites."""
    graph = lowered.graph
    states = {update.state for update in graph.states}
    return [
        SconnxError(
            "E304",
            f"output '{graph.tensors[tensor].name}' is what state '{graph.tensors[sharing.root_of[tensor][0]].name}' was "
            "before the run, which overwrites it",
            where=graph.name,
            help="use output=caller",
        )
        for tensor in graph.outputs
        if tensor in sharing.root_of and sharing.root_of[tensor][0] in states
    ]
