# SPDX-License-Identifier: Apache-2.0
"""`python -m sconnx.cmake configure|generate|report REQUEST ...`: the commands of sconnxConfig.cmake."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sconnx.annotations import tell
from sconnx.cmake.generation import depfile, generate
from sconnx.cmake.kernels import script, used_objects
from sconnx.cmake.request import Request, read_request
from sconnx.elf.archive import archive_members
from sconnx.errors import SconnxError
from sconnx.steps import budget, measure
from sconnx.steps.names import STEPS
from sconnx.steps.outputs import write_outputs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sconnx.cmake", description="What sconnxConfig.cmake calls.")
    commands = parser.add_subparsers(dest="command", required=True)
    configure = commands.add_parser(
        "configure", help="check a request, and write the kernels of its target as a script"
    )
    configure.add_argument("--made", action="store_true", help="the model is made by the build")
    configure.add_argument("request", type=Path)
    configure.add_argument("script", type=Path)
    generation = commands.add_parser("generate", help="run all steps up to the C code")
    generation.add_argument("request", type=Path)
    generation.add_argument("folder", type=Path)
    generation.add_argument("stamp", type=Path)
    generation.add_argument("depfile", type=Path)
    report = commands.add_parser("report", help="measure the library, and hold it against the budgets")
    report.add_argument("request", type=Path)
    report.add_argument("folder", type=Path)
    report.add_argument("compiler")
    report.add_argument("libraries", type=Path, nargs=2, metavar="LIBRARY", help="of the model, and of the kernels")
    report.add_argument("stamp", type=Path)
    return parser


def _generate(request: Request, call: argparse.Namespace) -> None:
    read = generate(request, call.folder)
    write_outputs([call.depfile], [depfile(call.stamp, read).encode()])
    call.stamp.touch()


def _report(request: Request, call: argparse.Namespace) -> None:
    planned = [call.folder / name for name in ("lowered.json", "meminfo.json", "packed.json")]
    library, kernels = call.libraries
    objects = [*archive_members(library), *used_objects(request, planned[0], kernels)]
    options = {**request.options, "toolchain": call.compiler}
    files = [call.folder / name for name in STEPS["measure"].outputs]
    write_outputs(files, measure.measured(options, library.name, objects, planned))
    write_outputs([call.folder / "budget.json"], budget.run(options, files[:1]))
    call.stamp.touch()


def main(arguments: list[str]) -> int:
    """The exit status: 0, or 1 for a problem that the user can fix."""
    call = _parser().parse_args(arguments)
    try:
        is_made = call.command != "configure" or call.made
        request = read_request(call.request, is_model_made=is_made)
        if call.command == "configure":
            write_outputs([call.script], [script(request).encode()])
        elif call.command == "generate":
            _generate(request, call)
        else:
            _report(request, call)
    except SconnxError as error:
        tell(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
