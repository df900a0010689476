# SPDX-License-Identifier: Apache-2.0
"""One built checkout for all tests of this folder, and copies of it for those that change something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.scons_checkout import Checkout, Outcome, clone, new_checkout


@pytest.fixture(scope="session")
def zig_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One compiler cache for all checkouts, but for those that must show that they do not need one."""
    return tmp_path_factory.mktemp("zig-cache")


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> tuple[Checkout, Outcome]:
    """A checkout with the example built and verified, and what its first build said."""
    checkout = new_checkout(tmp_path_factory.mktemp("built") / "checkout", zig_cache)
    outcome = checkout.build()
    checkout.build("verify")
    return checkout, outcome


@pytest.fixture(scope="session")
def built(first_build: tuple[Checkout, Outcome]) -> Checkout:
    """The built checkout; not to be changed."""
    return first_build[0]


@pytest.fixture
def checkout(built: Checkout, tmp_path: Path) -> Checkout:
    """A copy of the built checkout, to change at will."""
    return clone(built, tmp_path / "checkout")


@pytest.fixture
def fresh_checkout(tmp_path: Path, zig_cache: Path) -> Callable[[str], Checkout]:
    """Makes a checkout with nothing built, in a folder of the name given."""
    return lambda name: new_checkout(tmp_path / name, zig_cache)
