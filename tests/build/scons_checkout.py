# SPDX-License-Identifier: Apache-2.0
"""A private copy of the project to build in: what a stranger's checkout is, without its history."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "LICENSE",
    "SConstruct",
    "requirements.lock",
    "requirements-quantize.lock",
    "site_scons",
    "export_rules",
    "kernels",
    "examples",
)
# What a build may change although it built nothing.
PRIVATE = (".zig-cache", ".sconsign.dblite")
UNSET = ("CI", "SCONNX_CACHE")
"""Variables of this process that would change what a build prints or does."""
_STEP = re.compile(r"^  ([A-Z]{2,8}) +(build/\S.*)$", re.MULTILINE)
_ERROR = re.compile(r"^.*error\[E\d{3}\].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call of SCons. `output` is what it printed, standard error at the end."""

    status: int
    output: str

    @property
    def steps(self) -> list[str]:
        """`VERB file` of every step that ran, without the folder of the target."""
        return [f"{verb} {re.sub('^build/[^/]+/', '', path)}" for verb, path in _STEP.findall(self.output)]

    @property
    def errors(self) -> list[str]:
        return _ERROR.findall(self.output)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the project's files."""

    root: Path

    def scons(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Outcome:
        """Run SCons; `environment` replaces variables of this process."""
        done = subprocess.run(
            [sys.executable, "-m", "SCons", "-Q", *arguments],
            cwd=self.root,
            env={**{name: value for name, value in os.environ.items() if name not in UNSET}, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return Outcome(done.returncode, done.stdout + done.stderr)

    def build(self, *arguments: str) -> Outcome:
        """Run SCons, which must succeed."""
        outcome = self.scons(*arguments)
        assert outcome.status == 0, outcome.output
        return outcome

    def path(self, name: str) -> Path:
        return self.root / name

    def document(self, name: str, schema: str) -> Any:
        """A JSON file of the example's build for the default target."""
        return read_document(self.root / "build/cortex-m7/mnist" / name, schema)

    def append(self, name: str, text: str) -> None:
        with self.path(name).open("a", encoding="utf-8") as file:
            file.write(text)

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        self.path(name).write_text(text.replace(old, new), encoding="utf-8")

    def built(self, below: str = "build") -> dict[str, str]:
        """The SHA-256 of every built file."""
        folder = self.root / below
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not set(path.relative_to(folder).parts) & set(PRIVATE)
        }

    def everything(self) -> set[str]:
        """All files and folders outside build/, and without the interpreter's own."""
        return {
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.relative_to(self.root).parts[0] != "build" and "__pycache__" not in path.parts
        }


def new_checkout(root: Path, zig_cache: Path | None = None) -> Checkout:
    """Copy the project to the new folder `root`.

    Args:
        zig_cache: a cache to share with other checkouts; without one zig compiles everything itself.
    """
    root.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        else:
            shutil.copy2(source, root / part)
    if zig_cache is not None:
        (root / "build").mkdir()
        (root / "build/.zig-cache").symlink_to(zig_cache)
    return Checkout(root)


def clone(checkout: Checkout, root: Path) -> Checkout:
    """A copy of a checkout with all that is built, which is as up to date as the original."""
    shutil.copytree(checkout.root, root, symlinks=True)
    return Checkout(root)
