# SPDX-License-Identifier: Apache-2.0
"""All steps from a model to its C code in one process, and what they read, for CMake's DEPFILE."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from sconnx.cmake.request import Request
from sconnx.places import PACKAGE
from sconnx.project.dependencies import external_data, step_dependencies
from sconnx.steps.names import STEPS
from sconnx.steps.outputs import write_outputs

GENERATION = ("import", "lower", "schedule", "memory", "generate", "params")


def generate(request: Request, folder: Path) -> list[Path]:
    """Run the steps; files whose content stays the same are not written. Returns all files that were read."""
    name, model, samples = request.model.name, Path(request.model.path), request.model.samples
    read = [model, *external_data(model), *([Path(samples)] if samples else [])]
    quantized = folder / STEPS["quantize"].outputs[0]
    given = {"model": quantized if samples else model, "model.onnx": model, "samples.npz": Path(samples)}
    for step in ("quantize", *GENERATION) if samples else GENERATION:
        entry = STEPS[step]
        inputs = [given.get(file) or folder / file for file in entry.inputs]
        options = {key: request.options[key] for key in entry.options}
        contents = importlib.import_module(f"sconnx.steps.{entry.module}").run(options, inputs)
        write_outputs([folder / file for file in made_files(name, [step])], contents)
        read += step_dependencies(step, request.rules, request.settings.board, request.settings.target)
    read += PACKAGE.glob("cmake/*.py")
    return sorted(set(read))


def made_files(name: str, steps: Sequence[str] = GENERATION) -> list[str]:
    """What these steps write for a model, by name."""
    return [file.replace("<name>", name) for step in steps for file in STEPS[step].outputs]


def depfile(target: Path, read: Iterable[Path]) -> str:
    """A rule of make without a command, as compilers write it."""
    return f"{_escaped(target)}: \\\n  " + " \\\n  ".join(_escaped(path.absolute()) for path in read) + "\n"


def _escaped(path: Path) -> str:
    """As gcc does it, whose files CMake reads."""
    return str(path).replace("\\", "\\\\").replace(" ", "\\ ").replace("#", "\\#").replace("$", "$$")
