# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the export tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.workshop import Workshop


@pytest.fixture(scope="session")
def zig_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One compiler cache for all builds of this folder."""
    return tmp_path_factory.mktemp("zig-cache")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Where models become firmware."""
    return Workshop(tmp_path_factory.mktemp("workshop"))
