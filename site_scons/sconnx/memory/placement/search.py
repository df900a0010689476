# SPDX-License-Identifier: Apache-2.0
"""Complete search for a placement within a capacity: place a block at its lowest offset, or keep it from there.

Two rivals a, b are in one of two orders: b after a, offset[b] >= offset[a] + high(b, a), or a after b. `earliest` of a block is
a lower bound of its offset. In a solution with the least sum of offsets no block can move down alone, so each is at 0, at the
end of a fixed rival's rule, or supported by a rival it is after: offset[b] = offset[a] + high(b, a), up to alignment. From this:

- A block that no unplaced rival can be before (earliest[a] + high(b, a) > earliest[b] for all a) is ready. Either it is at
  its earliest offset, and then all unplaced rivals are after it; or it is supported by one of them, which raises its
  earliest offset (`_postpone`). These are the two branches; both raise something, so the search ends.
- A block whose earliest offset nothing supports yet must be supported by an unplaced rival, and is raised to the first one.
- The blocks of one step that are not yet placed need room above their earliest offsets: for every t, those with
  earliest >= t cover at least the sum of their weights from t upwards. Gaps lower the weights (`domain.py`).
- A block without gaps that has no room for the others above it is not the lowest of its step: it is after one of them.

With gaps, high may be zero or negative, and then in rare cases every block has a rival that may be before it. There, the
search branches on the order of such a pair (`_order`); with all orders known, the longest paths are the solution.

Placing from low to high offsets, bounds by the contents of steps and trying several priorities in turn with growing limits
follow MiniMalloc (Moffitt, ASPLOS 2023, doi 10.1145/3623278.3624752); place-or-postpone is Le Pape's for schedules; what is
branched on is the step with the fewest candidates per failure, as dom/wdeg (Boussemart et al., ECAI 2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import le

from sconnx.memory.placement.domain import Domain
from sconnx.memory.placement.propagation import NEVER, Bounds


class Search(Bounds):
    """One search; `run` may be called again with higher limits, and then starts anew with what it learnt.

    Args:
        domain: blocks, rules and capacity.
        priority: "candidates", "slack", "product" or "floor": which step is worked on next; "lowest": the lowest ready block.
        preference: for each block, how much it is preferred among the candidates of that step.
    """

    __slots__ = ("_preference", "_priority", "nodes")

    def __init__(self, domain: Domain, priority: str, preference: Sequence[float]) -> None:
        super().__init__(domain)
        self._priority = priority
        self._preference = preference
        self.nodes = 0

    def prefer(self, preference: Sequence[float]) -> None:
        """Set the preferences for the next run."""
        self._preference = preference

    def run(self, limit_steps: int, limit_nodes: int = NEVER) -> list[int] | bool | None:
        """Offsets in cells; False where there are none; None where a limit ended the search."""
        end, last_node = self.steps + limit_steps, self.nodes + limit_nodes
        stack: list[tuple[int, tuple[int, ...]]] = []
        fine = all(map(le, self._earliest, self._latest)) and self._propagate()
        while True:
            if not fine:
                while stack:
                    mark, choice = stack.pop()
                    self._undo(mark)
                    if self._refute(choice):
                        fine = True
                        break
                else:
                    return False
            elif not self._left:
                return list(self._offsets)
            elif self.steps >= end or self.nodes >= last_node:
                self._undo(stack[0][0] if stack else 0)
                return None
            else:
                self.nodes += 1
                choice = self._choose()
                stack.append((len(self._trail), choice))
                fine = self._take(choice)

    def _take(self, choice: tuple[int, ...]) -> bool:
        done = self._place(choice[0]) if len(choice) == 1 else self._order(choice[0], choice[1])
        return done and self._propagate()

    def _refute(self, choice: tuple[int, ...]) -> bool:
        done = self._postpone(choice[0]) if len(choice) == 1 else self._order(choice[1], choice[0])
        return done and self._propagate()

    def _place(self, block: int) -> bool:
        """Put the block at its earliest offset; all unplaced rivals are after it."""
        offset, trail, base = self._earliest[block], self._trail, self._base
        offsets, ordered, grains = self._offsets, self._ordered, self.domain.grains
        trail.append((offsets, block, -1))
        offsets[block] = offset
        self._left -= 1
        for part in self.domain.parts[block]:
            rest = self._unplaced[part]
            trail.append((self._unplaced, part, rest))
            self._unplaced[part] = [other for other in rest if other != block]
            trail.append((self._totals, part, self._totals[part]))
            self._totals[part] -= self.domain.weights[block]
        self._touch(block)
        ends = []
        for other, after, before in self.domain.rivals[block]:
            if offsets[other] >= 0:
                continue
            if ordered and (other, block) in ordered:
                if not self._lower(other, offset - after):
                    return False
                continue
            end = offset + before
            if grains[other] > 1:
                end = -(-end // grains[other]) * grains[other]
            if base[other] < end:
                trail.append((base, other, base[other]))
                base[other] = end
            ends.append((other, end))
        # Only now: what a rival is raised for must not be missed as the support of another one.
        for other, end in ends:
            if self._witness[other] == block:
                self._loose.append(other)
            if self._earliest[other] < end and not self._raise(other, end):
                return False
        return True

    def _postpone(self, block: int) -> bool:
        """Keep the block, and those that are the same in all respects, above its earliest offset."""
        at = self._earliest[block]
        for twin in self.domain.twins[block]:
            if (
                self._offsets[twin] < 0
                and self._earliest[twin] == at
                and not self._raise(twin, self._next_support(twin, at + 1))
            ):
                return False
        return True

    def _order(self, a: int, b: int) -> bool:
        """Let b be after a."""
        self._ordered.add((a, b))
        self._trail.append((None, a, b))
        self._loose.append(a)
        return True

    def _choose(self) -> tuple[int, ...]:
        """The block to place next; or a pair to be ordered where no block is ready."""
        unplaced = [block for block, offset in enumerate(self._offsets) if offset < 0]
        if self._priority == "lowest":
            self.steps += len(unplaced) // 2
            earliest, preference = self._earliest, self._preference
            for _, _, block in sorted([(earliest[block], -preference[block], block) for block in unplaced]):
                if self._is_supported(block) and self._before(block) < 0:
                    return (block,)
        parts = [part for part, blocks in enumerate(self._unplaced) if blocks]
        self.steps += len(parts) // 4
        urgency = self._urgency()
        block = self._candidate(min(parts, key=urgency))
        if block >= 0:
            return (block,)
        for part in sorted(parts, key=urgency)[1:]:
            block = self._candidate(part)
            if block >= 0:
                return (block,)
        for block in unplaced:
            if self._before(block) < 0:
                return (block,)
        return (self._before(unplaced[0]), unplaced[0])

    def _candidate(self, part: int) -> int:
        """The preferred block among those that are ready and may be the lowest of a step; -1 without one."""
        earliest, preference = self._earliest, self._preference
        _, slack, floor = self._record[part]
        candidates = [block for block in self._unplaced[part] if earliest[block] <= floor + slack]
        candidates.sort(key=lambda block: (-preference[block], block))
        for block in candidates:
            if self._is_supported(block) and self._before(block) < 0:
                return block
        return -1

    def _urgency(self) -> Callable[[int], float]:
        """The key of steps by which the smallest is worked on next."""
        record, failures = self._record, self._failures
        unit = self.domain.capacity or 1
        if self._priority == "candidates":
            return lambda part: (record[part][0] * 1000 + record[part][1] / unit) / failures[part]
        if self._priority == "slack":
            return lambda part: (record[part][1] * 1024 / unit + record[part][0]) / failures[part]
        if self._priority == "product":
            return lambda part: record[part][0] * (record[part][1] + unit / 50) / failures[part]
        return lambda part: (record[part][2] + record[part][1] / 1000) / failures[part]

    def _before(self, block: int) -> int:
        """An unplaced rival that may be before the block where it is, the order of the two being open; -1 without one."""
        earliest, offsets, ordered = self._earliest, self._offsets, self._ordered
        at = earliest[block]
        for other, after, _ in self.domain.rivals[block]:
            if offsets[other] < 0 and earliest[other] + after <= at:
                if ordered and ((other, block) in ordered or (block, other) in ordered):
                    continue
                return other
        return -1
