# SPDX-License-Identifier: Apache-2.0
"""The variables of a build (`target=cortex-m7 ...`): their help, their values, their checks."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sconnx.codegen.names import firmware_name
from sconnx.diff.gate import parse_limits
from sconnx.errors import ErrorGroup, SconnxError, raise_all
from sconnx.memory.planners import LIMIT_SECONDS
from sconnx.package import FORMATS
from sconnx.places import places
from sconnx.project.budgets import MEMORIES, Budget, Margin, parse_budgets, parse_margin, reserved_stack
from sconnx.project.models import MODEL_SUFFIXES, ModelSettings, check_file, file_list, parse_models
from sconnx.project.nearest import nearest
from sconnx.project.sizes import parse_size
from sconnx.schedule.policies import INPUT_POLICIES, OUTPUT_POLICIES
from sconnx.target.cpu import cpu_names, target_name
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
    errors: list[SconnxError] = []
    for name in arguments:
        if name not in known:
            errors.append(SconnxError("E701", f"unknown variable '{name}'", help=nearest(name, tuple(known))))
    values = {name: arguments.get(name) or variable.default for name, variable in known.items()}
    for name, variable in known.items():
        is_file = name == "target" and values[name].endswith(".toml")
        if variable.values and values[name] and values[name] not in variable.values and not is_file:
            hint = nearest(values[name], variable.values)
            errors.append(SconnxError("E701", f"unknown value '{values[name]}' of {name}=", help=hint))
    for name in FILES:
        for file in file_list(values[name], root) if name in arguments else ():
            if file in made:
                continue
            check_file(name, file, root, errors)
    if values["target"].endswith(".toml"):
        check_file("target", values["target"], root, errors)
    rules = tuple(folder for folder in values["rules"].split(":") if folder)
    for folder in rules:
        if not (root / folder).is_dir():
            errors.append(SconnxError("E101", f"rules={folder}: no such folder"))
    for name in EXTERNALS:
        if values[name] and not (root / values[name]).is_dir():
            errors.append(SconnxError("E101", f"{name}={values[name]}: no such folder"))
    try:
        parse_limits(values["growth"])
    except SconnxError as error:
        errors += error.errors if isinstance(error, ErrorGroup) else [error]
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
        stack_bytes=reserved_stack(values["stack"], names, errors),
        rules=rules,
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
