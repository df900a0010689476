# SPDX-License-Identifier: Apache-2.0
"""Rules, kernels and tools are found beside the package in a checkout, inside of it when it is installed."""

from __future__ import annotations

from pathlib import Path

import sconnx
from sconnx.places import PACKAGE, Places, places
from tests.tiny_models import ROOT


def test_a_checkout_has_them_beside_the_package() -> None:
    assert places() == Places(
        root=ROOT / "site_scons",
        rules=ROOT / "export_rules",
        kernels=ROOT / "kernels",
        site_tools=ROOT / "site_scons/site_tools",
        sconstruct=ROOT / "SConstruct",
        licence=ROOT / "LICENSE",
        is_checkout=True,
    )
    assert Path(sconnx.site_tools(), "sconnx_sources.py").is_file()
    assert (PACKAGE / "py.typed").is_file()


def test_an_installed_package_has_them_inside(tmp_path: Path) -> None:
    package = tmp_path / "site-packages/sconnx"
    (package / "export_rules").mkdir(parents=True)
    assert places(package) == Places(
        root=tmp_path / "site-packages",
        rules=package / "export_rules",
        kernels=package / "kernels",
        site_tools=package / "site_tools",
        sconstruct=package / "SConstruct",
        licence=package / "LICENSE",
        is_checkout=False,
    )
