# SPDX-License-Identifier: Apache-2.0
"""What a build may ask of a schedule; apart from the scheduler, so that reading settings stays quick."""

from __future__ import annotations

INPUT_POLICIES = ("keep", "clobber", "stream")
OUTPUT_POLICIES = ("arena", "caller")
