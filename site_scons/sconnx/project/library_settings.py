# SPDX-License-Identifier: Apache-2.0
"""The models of somebody else's firmware: the arguments of `NeuralModel` in a build file of theirs, as settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256

from sconnx.errors import ErrorGroup, SconnxError, each_of, raise_all
from sconnx.project.nearest import nearest
from sconnx.project.settings import Settings, parse_settings, seen_from
from sconnx.project.variables import variables
from sconnx.target.cpu import cpu_names, load_cpu

OWN_BUILD = ("build", "cache", "launcher", "verbose")
"""Variables that say how sconnx builds, which a build of somebody else's decides."""
OWN_FIRMWARE = (
    *OWN_BUILD,
    "toolchain",
    "vectors",
    "node",
    "audit",
    "base",
    "growth",
    "history",
    "fleet",
    "format",
    "version",
)
"""Variables that say how our own firmware is compiled, run, compared and packaged; a library for another one has none of that."""
GIVEN = ("model", "name")


def argument_names() -> tuple[str, ...]:
    """What a build file may say of its models besides their names and files."""
    return tuple(v.name for v in variables() if v.name not in (*OWN_FIRMWARE, *GIVEN))


def as_text(value: object, separator: str) -> str:
    """A value as on a command line: True is 1, the parts of a list are joined, None is the default."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str | os.PathLike):
        return os.fspath(value)
    if isinstance(value, Iterable):
        return separator.join(as_text(part, separator) for part in value)
    return str(value)


def _from_top(text: str, folder: str) -> str:
    """`#x`, which SCons reads as x in the top folder, as a path relative to `folder`."""
    return os.path.relpath(text[1:].lstrip("/") or ".", folder) if text.startswith("#") else text


def library_settings(
    models: Mapping[str, object], arguments: Mapping[str, object], folder: str = "", made: Collection[str] = ()
) -> Settings:
    """Check what a build file says. Paths in the settings are relative to the current folder, the top of the build.

    Args:
        models: the file of each model by its name; of several models all are for one firmware.
        arguments: `target` and any of `argument_names`, as texts, numbers, truth values or lists of these.
        folder: what relative paths start from; one that begins with `#` starts from the current folder.
        made: models that the build makes first, relative to the current folder.

    Raises:
        SconnxError: all problems at once: E701 unknown names and values, E702 malformed ones, E101 files that are not there.
    """
    known = argument_names()
    errors = [
        SconnxError("E701", f"unknown argument '{name}'", help=nearest(name, known))
        for name in arguments
        if name not in known
    ]
    if not arguments.get("target"):
        hint = "target='cortex-m7', the CPU that your firmware is compiled for"
        errors.append(SconnxError("E702", "target= is missing", help=hint))
    raise_all(errors)
    start = os.path.relpath(folder or ".")
    values = {"model": list(models.values()), "name": list(models), **arguments}
    texts = {
        name: as_text(
            [_from_top(as_text(part, ""), start) for part in value] if isinstance(value, list | tuple) else value,
            ":" if name == "rules" else ",",
        )
        for name, value in values.items()
    }
    texts = {name: _from_top(text, start) for name, text in texts.items()}
    return parse_settings(seen_from(texts, start), made=made)


def check_cpu(target: str, flags: str) -> None:
    """Raise SconnxError E702 when the code is for a CPU that has more than the one that the flags compile for.

    Args:
        target: a CPU, or its file.
        flags: of the compiler. Where no `-mcpu=` names a CPU of sconnx, nothing is known of it.
    """
    found = re.findall(r"-mcpu=(cortex-m\w+)", flags)
    if not found or found[-1] not in cpu_names():
        return
    missing = sorted(set(load_cpu(target).features) - set(load_cpu(found[-1]).features))
    if missing:
        what = f"target='{target}' is for another CPU than -mcpu={found[-1]}, which has no {', '.join(missing)}"
        raise SconnxError("E702", what, help=f"target='{found[-1]}'")


def locate(error: SconnxError, place: str) -> SconnxError:
    """The same problems, each with the place in the build file, `SConstruct:9`, that they come from."""
    problems = each_of(error)
    for each in problems:
        each.where = f"{place}: {each.where}" if each.where else place
        each.file = place.rpartition(":")[0]
    return ErrorGroup(list(problems))


def kernel_folder(*words: str) -> str:
    """A name for the objects of kernels that are compiled by a command of these words: another one for other words."""
    return f"kernels-{sha256(chr(0).join(words).encode()).hexdigest()[:8]}"


def check_new(settings: Settings, folder: str, is_made: Callable[[str], bool]) -> None:
    """Raise SconnxError E703 for models that are made already in this folder.

    Args:
        is_made: tells whether the build makes the file.
    """
    errors = [
        SconnxError(
            "E703",
            f"'{model.name}' for {settings.target_name} is there already, in {folder}",
            help="use what the first call returned, or give this one another name or folder=",
        )
        for model in settings.models
        if is_made(f"{folder}/{model.name}/{model.name}.h")
    ]
    raise_all(errors)
