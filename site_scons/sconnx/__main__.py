# SPDX-License-Identifier: Apache-2.0
"""`python -m sconnx STEP [--options FILE] INPUT... -o OUTPUT...`: each step of the pipeline as a command."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from sconnx.annotations import tell
from sconnx.errors import SconnxError
from sconnx.steps.names import STEPS, Step
from sconnx.steps.outputs import write_outputs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sconnx",
        description="From a neural network to Cortex-M firmware, step by step.",
        epilog="Without -o: `sconnx build [MODEL...] [NAME=VALUE...] [TARGET...]` builds in the folder build/ here, and a target "
        "may stand in the place of `build`: `sconnx check kws.tflite`, `sconnx verify kws.tflite target=cortex-m4`. "
        "`sconnx build -h` tells all variables and targets.",
    )
    commands = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    for name, step in STEPS.items():
        options = ", ".join(step.options) or "none"
        command = commands.add_parser(
            name,
            help=step.summary,
            description=f"{step.summary.capitalize()}. Reads {', '.join(step.inputs)}; writes {', '.join(step.outputs)}.",
        )
        command.add_argument("--options", type=Path, metavar="FILE", help=f"JSON object with the keys: {options}")
        command.add_argument("inputs", nargs="*", type=Path, metavar="INPUT")
        command.add_argument("-o", dest="outputs", nargs="+", type=Path, required=True, metavar="OUTPUT")
    command = commands.add_parser("show", help="print a step's JSON file in console form, or several")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    return parser


def _options(path: Path | None, step: Step) -> dict[str, Any]:
    """The options file of a step. Raises SconnxError E101 or E702."""
    try:
        options = json.loads(path.read_text()) if path else {}
        missing = [key for key in step.options if key not in options]
    except OSError as error:
        raise SconnxError(
            "E101", "cannot read the options", where=str(path), why=error.strerror or str(error)
        ) from error
    except (ValueError, TypeError) as error:
        raise SconnxError("E702", "the options are no JSON object", where=str(path), why=str(error)) from error
    if missing:
        raise SconnxError("E702", f"the options lack {', '.join(missing)}", where=str(path or "--options"))
    return dict(options)


def _check_files(name: str, step: Step, inputs: list[Path], outputs: list[Path]) -> None:
    """Raise SconnxError E702 for too few or too many files, E101 for an input that is not there."""
    inputs_fit, outputs_fit = step.takes(len(inputs), len(outputs))
    for role, wanted, given, fits in (
        ("reads", step.inputs, inputs, inputs_fit),
        ("writes", step.outputs, outputs, outputs_fit),
    ):
        if not fits:
            files = ", ".join(wanted) or "nothing"
            raise SconnxError("E702", f"{name} {role} {files}; given: {len(given)} files")
    for path in inputs:
        if not path.is_file():
            raise SconnxError("E101", "no such file", where=str(path))


def _build(arguments: list[str]) -> int | None:
    """The exit status of what is no step but a build; None for a step. By name: no step depends on how builds are started."""
    if not arguments or "-o" in arguments or arguments[0] in ("show", "-h", "--help"):
        return None
    command = importlib.import_module("sconnx.project.command")
    return int(command.build(arguments)) if arguments[0] in command.names() else None


def main(arguments: list[str]) -> int:
    """Run one step, or a build. Returns the exit status: 0, or 1 for a problem that the user can fix, also one that a shown
    file tells of; that of SCons where it is started.
    """
    inputs: list[Path] = []
    try:
        status = _build(arguments)
        if status is not None:
            return status
        call = _parser().parse_args(arguments)
        if call.step == "show":
            # By name, as the steps are: what a step prints is no dependency of it.
            show = importlib.import_module("sconnx.report.show")
            print(show.show_all(call.files))
            return int(show.has_problems(call.files))
        step = STEPS[call.step]
        inputs = call.inputs
        options = _options(call.options, step)
        _check_files(call.step, step, call.inputs, call.outputs)
        module = importlib.import_module(f"sconnx.steps.{step.module}")
        write_outputs(call.outputs, module.run(options, call.inputs))
    except SconnxError as error:
        tell(error, inputs)
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "sconnx").partition(".")[0] == "sconnx":
            raise
        print(_missing(error.name or ""), file=sys.stderr)
        return 1
    return 0


def _missing(module: str) -> SconnxError:
    """A package that is not installed; which Python it is for is not obvious where SCons starts it."""
    name = module.partition(".")[0]
    package = {"elftools": "pyelftools"}.get(name, name)
    hint = f"{sys.executable} -m pip install {package}"
    return SconnxError("E601", f"the package '{package}' is not installed", help=hint)


def command() -> None:
    """The command `sconnx`."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    command()
