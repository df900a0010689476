# SPDX-License-Identifier: Apache-2.0
"""The steps by name: the module that holds each, and what it reads and writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:
        module: below `sconnx.steps`.
        options: the keys of its options file.
        inputs, outputs: what the files are, in order; a trailing `...` stands for any number, `?` for at most one.
        data: patterns of the files that it reads within the package, besides its modules.
        rules: patterns of the files that it reads within the rule folders.
        kernels: patterns of the files that it reads within the folder of the kernels.
        lock: the file, in the top folder, with the versions of the packages that it may import.
        is_open: it reads more than this says, so that no other build may take its outputs over.
        further: how many inputs and outputs more each further model of a firmware adds; they are like the first ones.
    """

    module: str
    summary: str
    options: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    data: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ()
    lock: str = "requirements.lock"
    is_open: bool = False
    further: tuple[int, int] = (0, 0)

    def takes(self, input_count: int, output_count: int) -> tuple[bool, bool]:
        """Whether as many inputs, and as many outputs for them, are what it wants."""
        optional = sum(file.endswith("?") for file in self.inputs)
        repeated = sum(file.endswith("...") for file in self.inputs)
        least = len(self.inputs) - optional - repeated
        adds, adds_outputs = self.further
        models = max(input_count - least, 0) // adds if adds else 0
        rest = input_count - least - models * adds
        fits = rest >= 0 and (repeated > 0 or rest <= optional * (1 + models))
        return fits, output_count == len(self.outputs) + models * adds_outputs


RULES = ("*/**/*.py", "*/lib.toml")
OPERATORS = ("operators/**/*.py",)
TARGETS = ("target/data/*.toml", "target/data/boards/*.toml")

PAGE = "report/templates/*"

EMULATION = (
    "firmware.elf",
    "graph.json",
    "params.npz",
    "interface.json",
    "lowered.json",
    "schedule.json",
    "meminfo.json",
    "native_hooks",
    "vectors.npz?",
)
"""Further models add their files from graph.json to meminfo.json, each with its vectors if it has any."""

STEPS: dict[str, Step] = {
    "quantize": Step(
        "quantize",
        "turn a float .onnx model into an int8 one, by samples of its inputs",
        (),
        ("model.onnx", "samples.npz"),
        ("quantized.onnx", "quantization.json"),
        lock="requirements-quantize.lock",
    ),
    "import": Step(
        "import_model",
        "read a .tflite or .onnx model",
        ("name", "prune", "rules", "carry"),
        ("model",),
        ("graph.json", "params.npz", "interface.json"),
        rules=OPERATORS,
    ),
    "import-check": Step(
        "import_check",
        "tell what a model has and takes, and what of it is not supported",
        ("name", "target", "prune", "rules", "carry", "externals"),
        ("model",),
        ("import_check.json", "import_check.sarif"),
        TARGETS,
        RULES + OPERATORS,
    ),
    "lower": Step(
        "lower",
        "choose an implementation per node",
        ("target", "rules", "externals"),
        ("graph.json",),
        ("lowered.json",),
        TARGETS,
        RULES,
    ),
    "schedule": Step(
        "schedule",
        "order the nodes, let them stream, derive lifetimes",
        ("input", "optimize", "output"),
        ("lowered.json",),
        ("schedule.json",),
    ),
    "memory": Step(
        "memory",
        "place every tensor in the arena, and check the plan",
        ("target", "board", "stack_bytes", "memories", "weights", "pins", "planner", "limit_seconds"),
        ("lowered.json", "schedule.json"),
        ("meminfo.json", "memory_trace.json"),
        TARGETS,
        further=(2, 2),
    ),
    "generate": Step(
        "generate",
        "write the model's C code",
        (),
        ("lowered.json", "schedule.json", "meminfo.json", "interface.json"),
        ("<name>.h", "<name>.c", "<name>_sections.h", "<name>.hpp"),
        ("codegen/templates/model.*.j2", "codegen/templates/sections.h.j2"),
    ),
    "params": Step(
        "params",
        "write weights and parameters as C",
        ("rules",),
        ("lowered.json", "params.npz"),
        ("<name>_params.c", "packed.json"),
        ("codegen/templates/params.c.j2",),
        RULES,
    ),
    "firmware": Step(
        "firmware",
        "write the board's linker script and a main program",
        ("name", "target", "board", "stack_bytes", "input", "output"),
        ("interface.json", "lowered.json", "meminfo.json"),
        ("main.c", "link.ld"),
        (*TARGETS, "codegen/templates/main.c.j2", "codegen/templates/link.ld.j2"),
        further=(3, 0),
    ),
    "archive": Step(
        "archive",
        "collect the model's objects and the kernels it uses in a library",
        ("target", "toolchain"),
        ("lowered.json", "objects..."),
        ("lib<name>.a",),
        TARGETS,
    ),
    "package": Step(
        "package",
        "put generated code and the kernels it uses into a source package for another build system",
        ("rules", "target", "format", "version"),
        ("lowered.json, meminfo.json and C files of each model...",),
        ("<name>-<format>.zip",),
        (*TARGETS, "package/templates/**/*"),
        ("*/lib.toml", "kernels/**/*.[ch]*"),
        kernels=("**/*.[ch]*",),
    ),
    "image": Step(
        "image",
        "write the firmware as flash programmers want it",
        ("target", "board"),
        ("firmware.elf",),
        ("firmware.hex", "firmware.bin"),
        TARGETS,
    ),
    "inspect": Step(
        "inspect",
        "hold the linked firmware against the plan",
        (
            "target",
            "board",
            "toolchain",
            "toolchain_version",
            "optimize",
            "stack_bytes",
            "budgets",
            "margin",
            "sources",
        ),
        ("firmware.elf", "lowered.json", "meminfo.json", "packed.json"),
        ("report.json", "report.txt", "report.html", "report.junit.xml", "report.sarif"),
        (*TARGETS, PAGE),
        further=(3, 0),
    ),
    "measure": Step(
        "measure",
        "hold a library for another firmware against the plan",
        ("target", "board", "toolchain", "optimize", "budgets", "margin", "sources"),
        ("lib<name>.a", "lowered.json", "meminfo.json", "packed.json"),
        ("report.json", "report.txt", "report.html", "report.junit.xml", "report.sarif"),
        (*TARGETS, PAGE),
        further=(3, 0),
    ),
    "reconcile": Step(
        "reconcile",
        "hold another firmware against the library in it and the plan",
        ("target", "board", "arena", "stack"),
        ("firmware.elf", "lib<name>.a", "lowered.json", "meminfo.json"),
        ("linked.json", "linked.txt"),
        TARGETS,
        further=(2, 0),
    ),
    "budget": Step(
        "budget",
        "fail when a budget is exceeded, or the firmware is not what was planned",
        (),
        ("report.json",),
        ("budget.json",),
    ),
    "run": Step(
        "run",
        "run one inference in the emulator and count instructions",
        ("target", "board"),
        EMULATION,
        ("run.json",),
        TARGETS,
        further=(6, 0),
    ),
    "verify": Step(
        "verify",
        "compare every layer and output bit for bit",
        ("target", "board", "rules", "audit"),
        EMULATION,
        ("verify.json",),
        TARGETS,
        OPERATORS,
        further=(6, 0),
    ),
    "explain": Step(
        "explain",
        "tell which implementation a node got, and why not another",
        ("target", "rules", "externals", "node"),
        ("graph.json",),
        ("explain.json",),
        TARGETS,
        RULES,
    ),
    "ops": Step(
        "ops",
        "list the operators that each target can export",
        ("target", "rules", "externals"),
        (),
        ("ops.json",),
        TARGETS,
        RULES,
    ),
    "base": Step(
        "base",
        "build the report and the run of a revision of the repository",
        ("revision", "export", "firmware", "arguments"),
        (),
        ("report.json", "run.json"),
        is_open=True,
    ),
    "diff": Step(
        "diff",
        "tell what changed since another build",
        (),
        ("report.json", "run.json", "report.json of the base", "run.json of the base?"),
        ("diff.json", "diff.md"),
    ),
    "growth": Step(
        "growth",
        "fail when figures have grown by more than they may",
        ("growth",),
        ("diff.json",),
        ("growth.json",),
    ),
    "page": Step(
        "page",
        "show report, run and history as one page",
        (),
        ("report.json", "run.json", "lowered.json", "meminfo.json", "history.jsonl?"),
        ("page.html",),
        (PAGE,),
        further=(2, 0),
    ),
    "history": Step(
        "history",
        "add the figures of this build to a history",
        ("history", "revision", "date"),
        ("report.json", "run.json"),
        ("history.json", "history.jsonl"),
        is_open=True,
    ),
    "fleet": Step(
        "fleet",
        "put the firmwares of a fleet side by side, and beside another fleet",
        ("rows", "has_base"),
        ("report.json, and run.json where it is run, of each...", "fleet.json of the base?"),
        ("fleet.json", "fleet.md"),
    ),
    "limits": Step(
        "limits",
        "fail when firmwares of a fleet are over their budgets, or have grown by more than they may",
        ("growth",),
        ("fleet.json", "report.json of each..."),
        ("limits.json",),
    ),
    "fleet-base": Step(
        "fleet_base",
        "build the fleet of a revision of the repository",
        ("revision", "export", "arguments"),
        (),
        ("fleet.json",),
        is_open=True,
    ),
    "bench": Step(
        "bench",
        "put firmwares side by side, with their layers and the figures of peers",
        ("rows",),
        ("model, lowered.json, report.json and run.json of each...",),
        ("bench.json", "bench.md"),
        ("bench/peers.toml",),
    ),
}
