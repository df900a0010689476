# SPDX-License-Identifier: Apache-2.0
"""Selection: one implementation per node, by the order of the libs, in each lib the most specific first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.export.library import ExportLib, Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one candidate; no reason means that it fits.

    Args:
        distance: how much of CPU and operands is other than it wants; 0 where only the rule itself refuses.
    """

    lib: ExportLib
    spec: ImplSpec
    implementation: Implementation
    reason: str
    distance: int = 0

    @property
    def name(self) -> str:
        return f"{self.lib.name}.{type(self.implementation).__name__}"

    def __str__(self) -> str:
        return f"{self.name}: {self.reason or 'fits'}"


def judge(
    node: ExportNode, lib: ExportLib, spec: ImplSpec, implementation: Implementation, features: frozenset[str]
) -> Verdict:
    """Whether one implementation can take a node as it is."""
    missing = spec.missing_features(features)
    inputs = tuple(None if operand is None else operand.tensor for operand in node.inputs)
    mismatches = spec.mismatches(inputs, tuple(operand.tensor for operand in node.outputs))
    distance = len(missing) + sum(len(mismatch.aspects) for mismatch in mismatches)
    if missing:
        return Verdict(lib, spec, implementation, f"needs the CPU feature {', '.join(missing)}", distance)
    if mismatches:
        return Verdict(lib, spec, implementation, "; ".join(map(str, mismatches)), distance)
    return Verdict(lib, spec, implementation, implementation.reject(node) or "")


def verdicts(node: ExportNode, libs: Sequence[ExportLib], features: frozenset[str]) -> list[Verdict]:
    """All candidates of a node in the order in which they are tried; the first that fits is taken.

    Args:
        libs: in order of preference.
        features: what the CPU has.
    """
    return [
        judge(node, lib, spec, implementation, features)
        for lib in libs
        for spec, implementation in lib.candidates(node.type)
    ]


def first_fit(found: Sequence[Verdict]) -> Verdict | None:
    """The candidate that is taken."""
    return next((verdict for verdict in found if not verdict.reason), None)
