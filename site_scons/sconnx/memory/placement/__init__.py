# SPDX-License-Identifier: Apache-2.0
"""Offsets for blocks of bytes in one address space: heuristics, lower bounds and an exact search. Knows nothing of graphs."""

from sconnx.memory.placement.place import fit, place
from sconnx.memory.placement.problem import Block, Gap, Placement, Problem, violations

__all__ = ["Block", "Gap", "Placement", "Problem", "fit", "place", "violations"]
