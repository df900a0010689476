# SPDX-License-Identifier: Apache-2.0
"""Where sconnx keeps what is no module of the package.

In a checkout rules, kernels and SCons' files lie beside the package, installed (from a wheel) inside of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and files of one sconnx, absolute.

    Args:
        root: the folder that Python finds the package in.
        rules: of sconnx itself, `export_rules/`.
        kernels: of sconnx itself, C sources by lib.
        site_tools: the tools of SCons.
        sconstruct: the build of `sconnx build`.
        licence: of sconnx, which its kernels are under.
        is_checkout: whether the repository is there, with its tests and examples.
    """

    root: Path
    rules: Path
    kernels: Path
    site_tools: Path
    sconstruct: Path
    licence: Path
    is_checkout: bool


def places(package: Path = PACKAGE) -> Places:
    """Where all of it is, for the sconnx that `package` is the folder of."""
    is_installed = (package / "export_rules").is_dir()
    shared = package if is_installed else package.parents[1]
    return Places(
        root=package.parent,
        rules=shared / "export_rules",
        kernels=shared / "kernels",
        site_tools=(package if is_installed else package.parent) / "site_tools",
        sconstruct=shared / "SConstruct",
        licence=shared / "LICENSE",
        is_checkout=not is_installed,
    )


def site_tools() -> str:
    """The folder for `toolpath=` of SCons."""
    return str(places().site_tools)
