# SPDX-License-Identifier: Apache-2.0
"""The options of steps, as settings have them; each step takes those that it knows (`steps/names.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sconnx.project.models import ModelSettings, shown_file
from sconnx.project.settings import Settings


def build_options(settings: Settings, rules: Sequence[str]) -> dict[str, Any]:
    """What is the same for all models of a build.

    Args:
        rules: the folders of rules, that of sconnx first.
    """
    return {
        "target": settings.target,
        "board": settings.board,
        "rules": list(rules),
        "toolchain": settings.toolchain,
        "optimize": settings.optimize,
        "input": settings.input,
        "output": settings.output,
        "prune": settings.prune,
        "externals": settings.externals,
        "stack_bytes": settings.stack_bytes,
        "memories": settings.memories,
        "weights": settings.weights,
        "planner": settings.planner,
        "limit_seconds": settings.limit_seconds,
        "budgets": [asdict(budget) for budget in settings.budgets],
        "margin": asdict(settings.margin) if settings.margin else None,
        "sources": [shown_file(model.path) for model in settings.models],
        "audit": settings.audit,
        "format": settings.format,
        "version": settings.version,
    }


def model_options(model: ModelSettings) -> dict[str, Any]:
    """What each model has of its own."""
    return {"name": model.name, "node": model.node, "carry": model.carry}
