# SPDX-License-Identifier: Apache-2.0
"""The options of the steps from a model to its library, as settings have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sconnx.project.models import ModelSettings, shown_file
from sconnx.project.settings import Settings


def limit_options(settings: Settings) -> dict[str, Any]:
    """What the report of a firmware or a library is held against, and the files that it names."""
    return {
        "budgets": [asdict(budget) for budget in settings.budgets],
        "margin": asdict(settings.margin) if settings.margin else None,
        "sources": [shown_file(model.path) for model in settings.models],
    }


def build_options(settings: Settings, rules: Sequence[str]) -> dict[str, Any]:
    """What is the same for all models; `rules` are the folders of rules, that of sconnx first."""
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
    }


def model_options(model: ModelSettings) -> dict[str, Any]:
    """What each model has of its own."""
    return {"name": model.name, "node": model.node, "carry": model.carry}
