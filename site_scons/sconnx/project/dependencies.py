# SPDX-License-Identifier: Apache-2.0
"""Which files of sconnx a step depends on: its modules (by following imports), templates, data and rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from sconnx.places import PACKAGE, places
from sconnx.steps.names import STEPS
from sconnx.target.cpu import load_cpu

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(sconnx[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+(sconnx[\w.]*))", re.MULTILINE
)
_NAME = re.compile(r"\w+")
# Where an ONNX tensor with external data says so: the key "location", the length of its value in one byte or two.
_LOCATION = re.compile(rb"\x0a\x08location\x12([\x00-\x7f]|[\x80-\xff][\x01-\x7f])")
# Loaded by name in __main__, which every step runs through.
_ENTRY = ("sconnx", "sconnx.__main__")


@lru_cache(maxsize=1)
def _modules() -> dict[str, Path]:
    """The package's modules by dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def _imports(path: Path) -> frozenset[Path]:
    """The package's files that a file may import: `from a.b import c` may mean a.b and a.b.c, and loads a as well."""
    names: set[str] = set()
    for match in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        module = match[1] or match[3]
        names.update(f"{module}.{name}" for name in _NAME.findall(match[2] or ""))
        while module:
            names.add(module)
            module = module.rpartition(".")[0]
    modules = _modules()
    return frozenset(modules[name] for name in names if name in modules)


def _closure(roots: Iterable[Path]) -> set[Path]:
    """All files of the package that the roots import, directly or not, the roots included."""
    seen: set[Path] = set()
    pending = set(roots)
    while pending:
        seen |= pending
        pending = {found for path in pending for found in _imports(path)} - seen
    return seen


@cache
def step_dependencies(step: str, rules: tuple[Path, ...] = (), board: str = "", target: str = "") -> tuple[Path, ...]:
    """Every file that the step reads besides its inputs, sorted: of sconnx, and where its options name them, the rules and
    the user's files of the board and the CPU. In a checkout also the versions of all packages that it may import.
    """
    entry = STEPS[step]
    roots = [_modules()[module] for module in (*_ENTRY, "sconnx.steps", f"sconnx.steps.{entry.module}")]
    found = [path for pattern in entry.rules for folder in rules for path in folder.glob(pattern)]
    roots += [path for path in found if path.suffix == ".py"]
    data = [path for path in found if path.suffix != ".py"]
    data += [path for pattern in entry.data for path in PACKAGE.glob(pattern) if path.is_file()]
    data += [path for pattern in entry.kernels for path in places().kernels.glob(pattern)]
    if "target" in entry.options and target.endswith(".toml"):
        data.append(Path(target))
        board = board or load_cpu(target).board
    if "board" in entry.options and board.endswith(".toml"):
        data.append(Path(board))
    lock = places().root.parent / entry.lock
    data += [lock] if lock.is_file() else []
    return tuple(sorted(_closure(roots) | set(data)))


def external_data(model: Path) -> tuple[Path, ...]:
    """The files beside an ONNX model that hold its tensors; sorted.

    Found by the bytes of their entries, because every build asks and to parse the model takes too long. A match that is none
    costs nothing: it would have to be the name of a file.
    """
    try:
        content = model.read_bytes()
    except OSError:
        return ()
    found = set()
    for match in _LOCATION.finditer(content):
        length = match[1][0] if len(match[1]) == 1 else match[1][0] & 0x7F | match[1][1] << 7
        name = content[match.end() : match.end() + length].decode(errors="replace")
        if "\0" not in name and (model.parent / name).is_file():
            found.add(model.parent / name)
    return tuple(sorted(found))
