# SPDX-License-Identifier: Apache-2.0
"""The builds of a bench: every model alone, for each CPU, compiler and mode that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from sconnx.bench.peers import load_peers
from sconnx.emulate.available import emulated_cpus
from sconnx.errors import SconnxError, each_of, raise_all
from sconnx.project.settings import Settings, parse_settings
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import OPTIMIZE, find_toolchain

REFERENCE_MODELS = "../shared/models/mlperf_tiny"
"""Where the models that others publish figures of may be, beside the checkout; without them the example is measured."""


def reference_models(root: Path) -> dict[str, str]:
    """`model=` and `name=` of the reference models that are there; empty when there is none."""
    found = {model.name: f"{REFERENCE_MODELS}/{model.file}" for model in load_peers().models}
    found = {name: path for name, path in found.items() if (root / path).is_file()}
    return {"model": ",".join(found.values()), "name": ",".join(found)} if found else {}


def bench_builds(arguments: Mapping[str, str], targets: Sequence[str], root: Path = Path()) -> tuple[Settings, ...]:
    """The settings of each CPU, compiler and mode, with all models.

    `target=`, `toolchain=` and `optimize=` may name several; without them it is all CPUs that can be emulated, the default
    compiler, all modes. Inputs are kept in all modes unless `input=` says otherwise, so that modes differ in nothing else.
    Raises the problems of all builds at once: as `parse_settings`; E701, something else is to be built, too.
    """
    if len(targets) > 1:
        what = f"bench builds firmwares of its own, not '{' '.join(name for name in targets if name != 'bench')}'"
        raise SconnxError("E701", what, help="call it alone")
    models = {} if arguments.get("model") else reference_models(root)
    common = {"input": "keep", **{name: value for name, value in arguments.items() if value}, **models}
    choices = {
        "toolchain": (common.get("toolchain") or "zig").split(","),
        "target": common["target"].split(",") if "target" in common else emulated_cpus(),
        "optimize": common["optimize"].split(",") if "optimize" in common else OPTIMIZE,
    }
    builds: list[Settings] = []
    problems: dict[str, SconnxError] = {}
    for values in product(*(dict.fromkeys(filter(None, named)) for named in choices.values())):
        try:
            settings = parse_settings({**common, **dict(zip(choices, values, strict=True))}, root)
            builds.append(replace(settings, collection="bench", concurrent=False))
        except SconnxError as error:
            problems |= {str(each): each for each in each_of(error)}
    raise_all(list(problems.values()))
    return tuple(builds)


def firmwares(build: Settings) -> tuple[Settings, ...]:
    """The settings of a build's firmwares, one per model."""
    return tuple(replace(build, models=(model,)) for model in build.models)


def bench_options(builds: Sequence[Settings]) -> dict[str, Any]:
    """For the step `bench`: what its input files do not say, a row per firmware."""
    rows = []
    for build in builds:
        toolchain = find_toolchain(build.toolchain, load_cpu(build.target))
        flags = [*toolchain.compile_flags, *toolchain.optimize_flags(build.optimize)]
        row = {"flags": flags, "input": build.input, "output": build.output, "externals": sorted(build.externals)}
        rows += [{"folder": f"{build.folder}/{model.name}", **row} for model in build.models]
    return {"rows": rows}
