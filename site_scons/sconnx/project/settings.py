# SPDX-License-Identifier: Apache-2.0
"""The variables of a build, checked: what was said of it, as sizes, regions, models and words."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sconnx.codegen.names import firmware_name
from sconnx.diff.gate import parse_limits
from sconnx.errors import SconnxError, each_of, raise_all
from sconnx.project.budgets import MEMORIES, Budget, Margin, parse_budgets, parse_margin, reserved_stack
from sconnx.project.models import ModelSettings, check_file, file_list, parse_models
from sconnx.project.nearest import nearest
from sconnx.project.sizes import parse_size
from sconnx.project.variables import EXTERNALS, FILES, FOLDERS, variables
from sconnx.target.cpu import target_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The variables of one build, checked. Sizes are in bytes; None is no margin, or the board's default.

    `collection` is empty, or what it is one build of several of: bench or fleet.
    """

    target: str
    board: str
    models: tuple[ModelSettings, ...]
    concurrent: bool
    toolchain: str
    optimize: str
    input: str
    output: str
    prune: bool
    planner: str
    limit_seconds: float | None
    memories: tuple[tuple[str, int | None], ...]
    weights: tuple[str, int | None] | None
    budgets: tuple[Budget, ...]
    margin: Margin | None
    stack_bytes: int | None
    rules: tuple[str, ...]
    externals: dict[str, str]
    audit: bool
    build: str
    cache: str
    launcher: str
    verbose: str
    base: str
    growth: str
    history: str
    format: str
    version: str
    fleet: str
    collection: str = ""

    @property
    def name(self) -> str:
        """What the firmware is called, and its folder in build/: the model's name, or those of all models."""
        return firmware_name([model.name for model in self.models])

    @property
    def planned_together(self) -> tuple[tuple[ModelSettings, ...], ...]:
        """The models in groups that share one memory plan."""
        return (self.models,) if self.concurrent else tuple((model,) for model in self.models)

    @property
    def target_name(self) -> str:
        """The CPU's name: what its folder in build/ is called."""
        return target_name(self.target)

    @property
    def folder(self) -> str:
        """Of all that is built for the CPU. In a collection also of the compiler and mode, whose builds stay side by side."""
        above = f"{self.build}/{self.collection}/{self.toolchain}-{self.optimize}" if self.collection else self.build
        return f"{above}/{self.target_name}"


def _seconds(text: str, errors: list[SconnxError]) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        errors.append(SconnxError("E702", f"limit={text} is no number of seconds"))
        return None
    return float(text)


def _version(text: str, errors: list[SconnxError]) -> str:
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        errors.append(SconnxError("E702", f"version={text} is no version", help="three numbers, like 1.0.0"))
    return text


def _regions(name: str, text: str, errors: list[SconnxError]) -> tuple[tuple[str, int | None], ...]:
    """`dtcm:64K,sram` as (region, bytes); None is no limit."""
    found: dict[str, int | None] = {}
    for part in filter(None, text.split(",")):
        region, _, size = part.partition(":")
        if region in found:
            errors.append(SconnxError("E702", f"{name}={text} names '{region}' twice"))
        found[region] = parse_size(name, size, errors)
    return tuple(found.items())


def _weights(text: str, errors: list[SconnxError]) -> tuple[str, int | None] | None:
    found = _regions("weights", text, errors)
    if len(found) > 1:
        errors.append(SconnxError("E702", f"weights={text} names {len(found)} regions, not one"))
    return found[0] if found else None


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that the environment has a say in: a cache for all builds of a user, few lines in CI."""
    is_ci = environment.get("CI", "").lower() not in ("", "0", "false")
    return {"cache": environment.get("SCONNX_CACHE", ""), "verbose": "quiet" if is_ci else ""}


def _is_path(name: str, value: str) -> bool:
    """Whether the value of a variable that also takes other words is the path of a file."""
    if name in ("target", "board", "base"):
        return value.endswith((".toml", ".json"))
    return name == "launcher" and "/" in value


def seen_from(arguments: Mapping[str, str], folder: str) -> dict[str, str]:
    """The arguments with paths that are relative to `folder` made relative to the current one; empty: they are already."""

    def path(value: str) -> str:
        return os.path.relpath(os.path.join(folder, value)) if value and not os.path.isabs(value) else value

    changed = dict(arguments)
    for name, value in arguments.items() if folder else ():
        if name in FILES:
            changed[name] = ",".join(path(part) for part in file_list(value, Path(folder)))
        elif name in (*EXTERNALS, *FOLDERS, "fleet", "history") or _is_path(name, value):
            changed[name] = path(value)
        elif name == "rules":
            changed[name] = ":".join(path(part) for part in value.split(":"))
    return changed


def _unknown(arguments: Mapping[str, str], values: Mapping[str, str]) -> list[SconnxError]:
    """E701 for each name and each value that there is not."""
    known = {variable.name: variable for variable in variables()}
    errors = [
        SconnxError("E701", f"unknown variable '{name}'", help=nearest(name, tuple(known)))
        for name in arguments
        if name not in known
    ]
    for name, variable in known.items():
        is_file = name == "target" and values[name].endswith(".toml")
        if variable.values and values[name] and values[name] not in variable.values and not is_file:
            hint = nearest(values[name], variable.values)
            errors.append(SconnxError("E701", f"unknown value '{values[name]}' of {name}=", help=hint))
    return errors


def _check_paths(
    arguments: Mapping[str, str],
    values: Mapping[str, str],
    root: Path,
    made: Collection[str],
    errors: list[SconnxError],
) -> None:
    """Add E101 for each file and folder that is not there."""
    for name in FILES:
        for file in file_list(values[name], root) if name in arguments else ():
            if file not in made:
                check_file(name, file, root, errors)
    if values["target"].endswith(".toml"):
        check_file("target", values["target"], root, errors)
    folders = [("rules", folder) for folder in values["rules"].split(":")]
    for name, folder in (*folders, *((name, values[name]) for name in EXTERNALS)):
        if folder and not (root / folder).is_dir():
            errors.append(SconnxError("E101", f"{name}={folder}: no such folder"))


def parse_settings(
    arguments: Mapping[str, str], root: Path = Path(), made: Collection[str] = (), needs_model: bool = True
) -> Settings:
    """Check `name=value` arguments.

    Args:
        root: the folder that relative paths start from.
        made: files that need not be there, because the build makes them first.
        needs_model: whether no model is a problem, too.

    Raises:
        SconnxError: all problems at once: E701 unknown names and values, E702 malformed ones, E101 files.
    """
    known = {variable.name: variable for variable in variables()}
    values = {name: arguments.get(name) or variable.default for name, variable in known.items()}
    errors = _unknown(arguments, values)
    _check_paths(arguments, values, root, made, errors)
    try:
        parse_limits(values["growth"])
    except SconnxError as error:
        errors += each_of(error)
    models = parse_models(values, root, errors) if values["model"] or needs_model else ()
    names = [model.name for model in models]
    settings = Settings(
        target=values["target"],
        board=values["board"],
        models=models,
        concurrent=values["concurrent"] == "1",
        toolchain=values["toolchain"],
        optimize=values["optimize"],
        input=values["input"] or ("clobber" if values["optimize"] == "ram" else "keep"),
        output=values["output"],
        prune=values["prune"] == "1",
        planner=values["planner"],
        limit_seconds=_seconds(values["limit"], errors),
        memories=_regions("memory", values["memory"], errors),
        weights=_weights(values["weights"], errors),
        budgets=tuple(budget for name in MEMORIES for budget in parse_budgets(name, values[name], names, errors)),
        margin=parse_margin(values["margin"], errors),
        stack_bytes=reserved_stack(values["stack"], errors),
        rules=tuple(filter(None, values["rules"].split(":"))),
        externals={name: values[name] for name in EXTERNALS if values[name]},
        audit=values["audit"] == "1",
        fleet=values["fleet"],
        build=os.path.normpath(values["build"]),
        cache=values["cache"],
        launcher=values["launcher"],
        verbose=values["verbose"],
        base=values["base"],
        growth=values["growth"],
        history=values["history"],
        format=values["format"],
        version=_version(values["version"], errors),
    )
    if settings.weights and len(settings.models) > 1:
        what = f"weights= is for one model, the firmware has {len(settings.models)}"
        errors.append(SconnxError("E702", what, help="leave weights= out"))
    raise_all(errors)
    return settings
