# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxFirmware(model)` links a model for its board, inspects it, and runs it in the emulator."""

from pathlib import Path
from types import SimpleNamespace

from SCons.Script import COMMAND_LINE_TARGETS

from sconnx.project.dependencies import PACKAGE
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def _support_sources(cpu):
    """Start-up, run-time helpers and input/output of our own firmware; a user's firmware brings its own."""
    names = ("host.c",) if cpu.is_host else ("startup.c", "runtime.c", "semihosting.c")
    return [PACKAGE / "target/support" / name for name in names]


def _firmware(env, model):
    """The nodes of the firmware, its report, and its run and verification."""
    settings, folder = model.settings, model.folder
    cpu = load_cpu(settings.target)
    board = load_board(settings.board, cpu)
    options = {
        "name": settings.name,
        "target": settings.target,
        "board": settings.board,
        "toolchain": settings.toolchain,
        "toolchain_version": model.toolchain.version,
        "optimize": settings.optimize,
        "input": settings.input,
        "output": settings.output,
        "stack_bytes": settings.stack_bytes,
        "ram_bytes": settings.ram_bytes,
        "flash_bytes": settings.flash_bytes,
        "rules": model.rules,
        "audit": settings.audit,
    }

    def step(name, targets, sources, shown=None):
        return env.SconnxStep(name, [folder.File(target) for target in targets], sources, options, shown)

    main, script = step("firmware", ["firmware/main.c", "firmware/link.ld"], [model.graph[2], model.meminfo])
    support = env.fs.Dir(str(PACKAGE / "target/support"))
    objects = []
    for source in [main, *(env.fs.File(str(path)) for path in _support_sources(cpu))]:
        target = folder.File(f"firmware/{source.name.removesuffix('.c')}.o")
        objects += env.SconnxObject(model.toolchain, settings.optimize, target, source, [*model.includes, support])
    elf = env.SconnxProgram(
        model.toolchain, folder.File("firmware.elf"), [objects, model.library], None if cpu.is_host else script
    )
    report = step("inspect", ["report.json", "report.txt", "report.html"], [elf, model.lowered, model.meminfo])
    # The alias prints the report when the user names it.
    budget = step("budget", ["budget.json"], report[0], None if "report" in COMMAND_LINE_TARGETS else report[0])
    emulated = [elf, model.graph, model.lowered, model.schedule, model.meminfo]
    emulated += [env.SconnxNativeHooks()]
    vectors = [env.fs.File(str(Path(settings.vectors).absolute()))] if settings.vectors else []
    run = step("run", ["run.json"], [emulated, vectors])
    verify = step("verify", ["verify.json"], [emulated, vectors])
    return SimpleNamespace(board=board, elf=elf, report=report, budget=budget, run=run, verify=verify)


def generate(env):
    env.Tool("sconnx_model")
    env.AddMethod(_firmware, "SconnxFirmware")


def exists(env):
    return True
