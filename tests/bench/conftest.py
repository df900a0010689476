# SPDX-License-Identifier: Apache-2.0
"""Makes the `pipeline` fixture known here."""

from __future__ import annotations

from tests.tiny_pipeline import pipeline

__all__ = ["pipeline"]
