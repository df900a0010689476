# SPDX-License-Identifier: Apache-2.0
"""Recipes: the structure that a MetaOperator stands for, from which it is recognised in a graph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """One member of a recipe.

    Args:
        name: within the recipe.
        operator: its type.
        inputs: each the name of a member, or of an input of the recipe; a trailing `?` marks an input that may be absent.
    """

    name: str
    operator: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The structure that a MetaOperator stands for.

    Args:
        name: of the MetaOperator.
        members: in running order; the last one is where matching starts.
        outputs: names of the members whose outputs are seen outside, the last member's first when not given.
    """

    name: str
    members: tuple[Pattern, ...]
    outputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [member.name for member in self.members]
        if len(set(names)) != len(names) or not names:
            raise ValueError(f"recipe {self.name}: member names {names} must be unique, and there must be one")
        seen: set[str] = set()
        for member in self.members:
            later = {name.rstrip("?") for name in member.inputs} & (set(names) - seen)
            if later:
                raise ValueError(f"recipe {self.name}: {member.name} reads {sorted(later)} before it is computed")
            seen.add(member.name)
        idle = set(names) - self._leading_to(names[-1])
        if idle:
            raise ValueError(f"recipe {self.name}: {sorted(idle)} lead to no input of the last member, {names[-1]}")
        unknown = set(self.outputs) - set(names)
        if unknown:
            raise ValueError(f"recipe {self.name}: outputs {sorted(unknown)} are no members")
        if not self.outputs:
            object.__setattr__(self, "outputs", (names[-1],))

    def _leading_to(self, last: str) -> set[str]:
        """The members that the member `last` depends on, and itself."""
        found = {last}
        for member in reversed(self.members):
            if member.name in found:
                found.update(name for name in member.inputs if self.pattern(name) is not None)
        return found

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what comes from outside, in order of first use, without the `?`."""
        members = {member.name for member in self.members}
        names = (name.rstrip("?") for member in self.members for name in member.inputs)
        return tuple(dict.fromkeys(name for name in names if name not in members))

    def pattern(self, name: str) -> Pattern | None:
        return next((member for member in self.members if member.name == name), None)
