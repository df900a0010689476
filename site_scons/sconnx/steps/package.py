# SPDX-License-Identifier: Apache-2.0
"""package: generated code, and the kernels that lowered.json names -> a source package for another build system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.lowered import read_lowered
from sconnx.export.manifest import read_manifests
from sconnx.memory.meminfo import read_plan
from sconnx.package.formats import archive, package_files
from sconnx.package.package import Generated, make_package
from sconnx.places import places
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    here = places()
    libs = read_manifests(tuple(Path(folder) for folder in options["rules"]), here.kernels)
    package = make_package(_models(inputs), libs, here.kernels, load_cpu(options["target"]), options["version"])
    files = package_files(package, options["format"], here.licence.read_bytes())
    return (archive(files, package.name),)


def _models(inputs: Sequence[Path]) -> list[Generated]:
    """A model is its lowered.json, its meminfo.json, and its generated files."""
    starts = [position for position, path in enumerate(inputs) if path.name == "lowered.json"]
    models = []
    for start, end in zip(starts, [*starts[1:], len(inputs)], strict=True):
        lowered, meminfo, *code = inputs[start:end]
        models.append(
            Generated(
                lowered=read_lowered(lowered),
                plan=read_plan(meminfo),
                code={path.name: path.read_bytes() for path in code},
            )
        )
    return models
