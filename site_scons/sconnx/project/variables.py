# SPDX-License-Identifier: Apache-2.0
"""What may be said to a build: its variables (`target=cortex-m7 ...`) and its targets, with their help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sconnx.errors import SconnxError, raise_all
from sconnx.memory.planners import LIMIT_SECONDS
from sconnx.package import FORMATS
from sconnx.places import places
from sconnx.project.models import MODEL_SUFFIXES
from sconnx.project.nearest import nearest
from sconnx.schedule.policies import INPUT_POLICIES, OUTPUT_POLICIES
from sconnx.target.cpu import cpu_names
from sconnx.target.toolchain import OPTIMIZE, toolchain_names

DEFAULT_MODEL = "examples/mnist/mnist.onnx" if places().is_checkout else ""
EXTERNALS = ("cmsis_nn",)
"""Variables that say where a third-party library is; see `lib.toml` in the rules of the lib."""
FILES = ("model", "vectors", "quantize")
"""Variables that name a file for each model."""
FOLDERS = ("build", "cache")
"""Variables that name a folder, which a build makes."""
FLEET = "fleet.toml"
BUILD = "build"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable; `values` are all that it may have, or empty when it is free text."""

    name: str
    default: str
    help: str
    values: tuple[str, ...] = ()


def variables() -> tuple[Variable, ...]:
    """All of them, in the order of the help."""
    return (
        Variable("target", "cortex-m7", "the CPU, host, or a .toml file that describes a CPU", cpu_names()),
        Variable(
            "board",
            "",
            "what the firmware is linked for: a board of docs/boards.md, or a .toml file; default: the target's",
        ),
        Variable(
            "model", DEFAULT_MODEL, "the .tflite or .onnx file to export; several for one firmware: a.tflite,b.onnx"
        ),
        Variable("name", "", "prefix of everything that is generated; default: the model's file name; of several: a,b"),
        Variable(
            "concurrent",
            "0",
            "several models never run at the same time and share their memory, or may do so and are planned together",
            ("0", "1"),
        ),
        Variable("toolchain", "zig", "the compiler", toolchain_names()),
        Variable(
            "optimize",
            "balanced",
            "favour speed, or RAM by streaming rows; balanced streams where that saves much",
            OPTIMIZE,
        ),
        Variable(
            "input",
            "",
            "keep inputs, let a run overwrite them, or push their rows; default: keep, with optimize=ram clobber",
            INPUT_POLICIES,
        ),
        Variable("output", "arena", "leave outputs in the arena, or write them where the caller says", OUTPUT_POLICIES),
        Variable(
            "prune", "1", "leave out channels that no output depends on, with equal results; 0 keeps them", ("0", "1")
        ),
        Variable(
            "planner", "auto", "place tensors quickly (greedy), search a little, or until proven", tuple(LIMIT_SECONDS)
        ),
        Variable("limit", "", "seconds of search, as a number of search steps; default: 2, with planner=exact 60"),
        Variable("memory", "", "RAM regions for tensors, with limits: dtcm:64K,sram; default: all of the board"),
        Variable(
            "weights",
            "",
            "a flash or RAM region for the weights, with a limit the hottest: qspi, dtcm:64K; default: with the code",
        ),
        Variable("pin", "", "regions of tensors, by name or index: image:sram,7:dtcm; of several models: a:image:sram"),
        Variable(
            "ram",
            "",
            "budget: bytes, 24K, 24KiB, 1M; of regions and models: dtcm:64K, kws:8K, kws:dtcm:8K; see docs/report.md",
        ),
        Variable("flash", "", "budget, likewise; a firmware that takes more fails the build"),
        Variable("stack", "", "bytes to reserve; default: the board's; kws:600 is a budget for the calls of a model"),
        Variable("margin", "", "what has to stay free of each budget, or without budgets of each region: 10%, or 2K"),
        Variable("base", "", "what `diff` compares with: the report.json of another build, or a revision of git"),
        Variable(
            "growth", "", "how much more than the base is allowed: ram:512,flash:1%,stack:0,instructions:2%,cycles:2%"
        ),
        Variable("history", "", "the file that `history` adds to; default: history.jsonl beside the model"),
        Variable("rules", "", "folders with your own export rules, separated by ':'"),
        Variable("cmsis_nn", "", "folder of a CMSIS-NN checkout, whose int8 functions are then preferred"),
        Variable(
            "quantize",
            "",
            "an .npz file with samples of the inputs, by which a float .onnx model becomes int8; of several: a.npz,,c",
        ),
        Variable(
            "carry",
            "",
            "outputs of an .onnx model that become inputs of its next run: h_out:h_in; of several models: a:h_out:h_in",
        ),
        Variable("format", FORMATS[0], "the build system that `package` is for", FORMATS),
        Variable("version", "1.0.0", "of what `package` makes"),
        Variable("node", "", "the node that `explain` is about: its name or position; of several models: a:3"),
        Variable(
            "vectors", "", "an .npz file with inputs and expected outputs, for run and verify; of several: a.npz,,c.npz"
        ),
        Variable("audit", "0", "1 lets verify watch every load and store: all must be in live buffers", ("0", "1")),
        Variable("fleet", "", "the file with the firmwares of `fleet`; default: fleet.toml"),
        Variable("build", BUILD, "the folder for all that is built"),
        Variable(
            "cache",
            "",
            "a folder of results that checkouts and machines share; default: SCONNX_CACHE of the environment",
        ),
        Variable("launcher", "", "a program that starts the compiler: ccache, distcc, sccache; changes no result"),
        Variable(
            "verbose",
            "0",
            "1 shows the full command of every step; quiet, the default in CI, no line for a compile",
            ("quiet", "0", "1"),
        ),
    )


def check_targets(targets: Sequence[str]) -> None:
    """What is to be built is an alias or a file. Raises E701 for words that are neither, and for a model."""
    errors = []
    for target in targets:
        if target.lower().endswith(MODEL_SUFFIXES):
            errors.append(SconnxError("E701", f"'{target}' is no target", help=f"did you mean model={target}?"))
        elif target not in ALIASES and "/" not in target and not Path(target).exists():
            errors.append(SconnxError("E701", f"unknown target '{target}'", help=nearest(target, tuple(ALIASES))))
    raise_all(errors)


def help_text() -> str:
    """For `scons -h`: the variables with their values, and the aliases."""
    lines = ["", "Variables (name=value):", ""]
    for variable in variables():
        lines.append(f"  {variable.name:<10} {variable.help}")
        if variable.values:
            lines.append(f"  {'':<10} {' | '.join(variable.values)}")
        if variable.default:
            lines.append(f"  {'':<10} default: {variable.default}")
    lines += ["", "Targets (default: firmware report):", ""]
    lines += [f"  {name:<12} {summary}" for name, summary in ALIASES.items()]
    lines += ["", BENCH_HELP]
    return "\n".join(lines) + "\n"


BENCH_HELP = """\
`bench` is called alone; target=, toolchain= and optimize= may then name several, like target=cortex-m4,cortex-m7.
Inputs are kept in every mode unless input= says otherwise. Without model= it takes the models of MLPerf Tiny where
../shared/models has them."""
ALIASES = {
    "import-check": "what the model has and takes, and all that is not supported; no compiler needed",
    "quantize": "the int8 model that quantize= makes, and the error of each of its tensors",
    "graph": "the model as graph.json, params.npz, interface.json",
    "schedule": "the order of the nodes and the lifetimes of the tensors",
    "meminfo": "the memory plan",
    "sources": "the generated C",
    "library": "lib<name>.a: the generated code and the kernels it uses",
    "firmware": "firmware.elf for the board, and as firmware.hex and firmware.bin",
    "report": "the linked RAM and flash beside the plan",
    "run": "one inference in the emulator: outputs and instructions",
    "verify": "every layer against the reference, outputs against vectors=, bit for bit",
    "ops": "the operators that each target can export, and by which lib",
    "explain": "which implementation node= got, and why each other candidate did not",
    "package": "the generated C and its kernels as a source package for the build system format=",
    "diff": "what changed since base= in RAM, flash, stack, and instructions by layer; growth= limits it",
    "compile_commands": "compile_commands.json of all C files, for editors; with toolchain=zig the commands of its clang",
    "page": "page.html: the report with the instructions of each layer, the graph, and the trend of the history",
    "history": "adds a line with the figures of this build to history=, and makes the page",
    "fleet": "all firmwares that fleet.toml lists, side by side, with their budgets; beside base=, within growth=",
    "bench": "each model alone on every emulated CPU in every mode: instructions, RAM, flash, and those of others",
    **({"test": "format, types and tests of sconnx itself"} if places().is_checkout else {}),
}
