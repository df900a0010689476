# SPDX-License-Identifier: Apache-2.0
"""The firmwares of a fleet: `fleet.toml` says of each what a build says in `name=value`, and for which targets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from sconnx.emulate.available import is_emulated_here
from sconnx.errors import SconnxError, each_of, raise_all
from sconnx.project.library_settings import OWN_BUILD, as_text
from sconnx.project.models import file_list
from sconnx.project.nearest import nearest
from sconnx.project.revision import resolve
from sconnx.project.settings import Settings, parse_settings, seen_from
from sconnx.project.variables import EXTERNALS, variables
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toml_file import Table, read_toml

OF_CALL = (*OWN_BUILD, "fleet", "base", "growth")
"""Variables of the command line; all others are in the file."""
OF_ALL = ("rules", *EXTERNALS)
"""Variables that must be the same for all firmwares, which share kernels."""


def fleet_builds(arguments: Mapping[str, str], targets: Sequence[str], root: Path = Path()) -> tuple[Settings, ...]:
    """The settings of each firmware, in the order of the file.

    Raises all problems at once: as `parse_settings`, and of the file E701 unknown keys, E702 malformed ones, E703 firmwares that
    would have the same files.
    """
    errors: list[SconnxError] = []
    if len(targets) > 1:
        what = f"fleet builds firmwares of its own, not '{' '.join(name for name in targets if name != 'fleet')}'"
        errors.append(SconnxError("E701", what, help="call it alone"))
    file = Path(arguments["fleet"])
    for name in sorted({name for name, value in arguments.items() if value} - {*OF_CALL}):
        errors.append(
            SconnxError("E702", f"{name}= is for a build of one firmware; those of a fleet are in {file.name}")
        )
    call = {name: value for name, value in arguments.items() if name in OF_CALL}
    parse_settings({name: value for name, value in call.items() if name != "fleet"}, root)
    raise_all(errors)
    builds: dict[str, list[Settings]] = {}
    for key, values in _firmwares(read_toml(root / file, file.name), errors):
        there = seen_from(values, str(file.parent))
        try:
            settings = parse_settings({**there, **call}, root)
            builds.setdefault(key, []).append(replace(settings, collection="fleet"))
        except SconnxError as error:
            errors += [_in_file(one, f"{file.name}, {key}") for one in each_of(error)]
    errors += _conflicts(builds, file.name)
    raise_all(list({str(error): error for error in errors}.values()))
    return tuple(settings for of_firmware in builds.values() for settings in of_firmware)


def _in_file(error: SconnxError, where: str) -> SconnxError:
    return SconnxError(error.code, error.what, where=where, why=error.why, help=error.help)


def _firmwares(table: Table, errors: list[SconnxError]) -> Iterator[tuple[str, dict[str, str]]]:
    """The key of each firmware with the variables of each of its builds; none where the file has errors."""
    common = _values(table.table("all", {}), errors)
    firmwares = table.table("firmware")
    table.end()
    found = []
    for label in firmwares.names():
        own = firmwares.table(label)
        key, exceptions = own.path, own.table("on", {})
        for name in OF_ALL:
            if name in own.names():
                errors.append(own.error(name, "must be in 'all': all firmwares share their kernels"))
        values = {**common, **_values(own, errors)}
        on = {target: _values(exceptions.table(target), errors) for target in exceptions.names()}
        targets = _choices(values, "target")
        errors += [exceptions.error(target, "is none of its targets") for target in on if target not in targets]
        for target in targets:
            build = {**values, **on.get(target, {}), "target": target}
            if "name" not in build and len(file_list(build.get("model", ""), Path())) == 1:
                build["name"] = label
            for toolchain, optimize in product(*(_choices(build, name) for name in ("toolchain", "optimize"))):
                found.append((key, {**build, "toolchain": toolchain, "optimize": optimize}))
    if not errors:
        yield from found


def _choices(values: Mapping[str, str], name: str) -> list[str]:
    """The words of a variable that may name several: a firmware for each."""
    return list(dict.fromkeys(filter(None, values.get(name, "").split(",")))) or [""]


def _values(table: Table, errors: list[SconnxError]) -> dict[str, str]:
    """The variables in a table, as on a command line."""
    known = [variable.name for variable in variables() if variable.name not in (*OF_CALL, "node", "audit", "history")]
    found = {}
    for name in table.names():
        value = table.value(name)
        parts = value if isinstance(value, list) else [value]
        if name not in known:
            hint = nearest(name, tuple(known))
            errors.append(SconnxError("E701", f"'{table.key(name)}' is no variable", where=table.file, help=hint))
        elif not all(isinstance(part, str | int | float) for part in parts):
            errors.append(table.error(name, "must be a text, a number, or a list of such"))
        else:
            found[name] = as_text(value, ":" if name == "rules" else ",")
    return found


def _conflicts(builds: Mapping[str, Sequence[Settings]], file: str) -> list[SconnxError]:
    """E703 for models whose files would be those of another firmware."""
    owners: dict[str, str] = {}
    errors = []
    for key, of_firmware in builds.items():
        for settings, model in ((build, model) for build in of_firmware for model in build.models):
            other = owners.setdefault(f"{settings.folder}/{model.name}", key)
            if other != key:
                what = f"'{model.name}' for {settings.target_name} is there already, in {other}"
                errors.append(SconnxError("E703", what, where=f"{file}, {key}", help="give it another name="))
    return errors


def is_run(settings: Settings) -> bool:
    """Whether its firmware is run for its figures: where its board is emulated on this machine."""
    return is_emulated_here(load_board(settings.board, load_cpu(settings.target)))


def fleet_options(builds: Sequence[Settings], has_base: bool) -> dict[str, Any]:
    """For the steps of the fleet: what the files of each firmware do not say."""
    rows = [{"is_run": is_run(build)} for build in builds]
    return {"rows": rows, "has_base": has_base, "growth": builds[0].growth}


def fleet_base_file(settings: Settings) -> Path | None:
    """The fleet.json of `base=`; None for a revision. Raises SconnxError E702 when it is the one to be built."""
    path = Path(settings.base)
    if not path.is_file():
        return None
    if path.absolute() == Path(settings.build, "fleet/fleet.json").absolute():
        raise SconnxError("E702", f"base={settings.base} is what is to be built", help="give a copy of it")
    return path.absolute()


def fleet_base_options(root: Path, settings: Settings) -> dict[str, Any]:
    """For the fleet of another revision. Raises SconnxError E701 when there is no such revision."""
    commit = resolve(root, settings.base)
    fleet = os.path.relpath(settings.fleet, root)
    return {"revision": commit, "export": f"{settings.build}/base/{commit}", "arguments": {"fleet": fleet}}
