# SPDX-License-Identifier: Apache-2.0
"""`python -m sconnx STEP [--options FILE] INPUT... -o OUTPUT...`: each step of the pipeline as a command."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.steps.names import STEPS
from sconnx.steps.outputs import write_outputs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sconnx", description="From a neural network to Cortex-M firmware, step by step."
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
    command = commands.add_parser("show", help="print a step's JSON file in console form")
    command.add_argument("file", type=Path, metavar="FILE")
    return parser


def main(arguments: list[str]) -> int:
    """Run one step. Returns the exit status: 0, or 1 for a problem that the user can fix."""
    call = _parser().parse_args(arguments)
    if call.step == "show":
        from sconnx.report.show import show

        print(show(call.file))
        return 0
    step = STEPS[call.step]
    try:
        options = json.loads(call.options.read_text()) if call.options else {}
        module = importlib.import_module(f"sconnx.steps.{step.module}")
        write_outputs(call.outputs, module.run(options, call.inputs))
    except SconnxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
