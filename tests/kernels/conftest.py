# SPDX-License-Identifier: Apache-2.0
"""The kernels, compiled for this machine once per session."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "site_scons"), str(Path(__file__).parent)]

from kernel_library import KernelLibrary, chosen_configurations, compile_library  # noqa: E402

from tests.emulate.firmware_build import builder  # noqa: E402

__all__ = ["builder"]


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> tuple[KernelLibrary, ...]:
    """One library per compiler and configuration that this machine has."""
    folder = tmp_path_factory.mktemp("kernels")
    return tuple(compile_library(configuration, folder) for configuration in chosen_configurations())
