# SPDX-License-Identifier: Apache-2.0
"""The planners by name; apart from what they do, so that reading settings stays quick."""

from __future__ import annotations

LIMIT_SECONDS = {"greedy": 0.0, "auto": 2.0, "exact": 60.0}
"""The planners, and how long each may search by default."""
