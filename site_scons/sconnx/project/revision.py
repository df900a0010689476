# SPDX-License-Identifier: Apache-2.0
"""Builds of an earlier revision of the project's git repository."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.places import places
from sconnx.project.scons_command import scons_command, scons_environment

PATHS = ("model", "vectors", "quantize", "target", "board", "cmsis_nn", "fleet")
"""Variables that may name files."""
OWN = ("base", "growth", "history", "build", "cache", "launcher", "verbose")
"""Variables that say how to compare and to build, not what."""


def resolve(root: Path, revision: str) -> str:
    """The commit that a revision names. Raises SconnxError E701 when there is none, or no repository."""
    done = git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if done is None or done.returncode:
        hint = "give a report.json, or a commit, branch or tag of this repository"
        raise SconnxError("E701", f"base={revision} is neither a file nor a revision of git", help=hint)
    return done.stdout.decode().strip()


def export(root: Path, commit: str, folder: Path) -> None:
    """Put the files of a commit into a folder, once. Raises SconnxError E602 when git fails."""
    done = folder / ".exported"
    if done.exists():
        return
    archive = git(root, "archive", "--format=tar", commit)
    if archive is None or archive.returncode:
        raise SconnxError("E602", f"git cannot export {commit}", where="base")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    done.touch()


def build(
    root: Path, folder: Path, arguments: Mapping[str, str], targets: Sequence[str], files: Sequence[Path]
) -> tuple[bytes, ...]:
    """Run SCons in the folder; the bytes of these files, which it makes, too, when budgets do not hold there.

    Raises SconnxError E602 with what it said first when one is not made.
    """
    for file in files:
        file.unlink(missing_ok=True)
    words = [f"{name}={value}" for name, value in _there(root, folder, arguments).items()]
    if places().is_checkout:
        command = [sys.executable, "-m", "SCons", "-Q"]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    else:
        command, environment = scons_command(), scons_environment()
    command += ["-k", *words, *targets]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if not all(file.is_file() for file in files):
        said = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line] or [done.stdout[-200:]]
        raise SconnxError("E602", "the base cannot be built", where="base", why=said[0])
    return tuple(file.read_bytes() for file in files)


def _there(root: Path, folder: Path, arguments: Mapping[str, str]) -> dict[str, str]:
    """The arguments of this build for that folder: files of the repository are that revision's, others are the same."""

    def path(value: str) -> str:
        inside = not os.path.isabs(value) and not value.startswith("..") and (folder / value).exists()
        is_path = (root / value).exists()
        return os.path.relpath(root / value, folder) if value and is_path and not inside else value

    changed = dict(arguments)
    for name in changed:
        if name in PATHS:
            changed[name] = ",".join(map(path, changed[name].split(",")))
        elif name == "rules":
            changed[name] = ":".join(map(path, changed[name].split(":")))
    return changed


def git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    """What git did in a folder; None where there is no git."""
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except OSError:
        return None
