# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxFirmware(settings, models)` links models for their board, inspects and runs the firmware."""

from pathlib import Path
from types import SimpleNamespace

from SCons.Script import COMMAND_LINE_TARGETS

from sconnx.places import PACKAGE
from sconnx.project.budgets import check_regions
from sconnx.project.options import build_options
from sconnx.project.sources import support_sources
from sconnx.steps.names import STEPS
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.launcher import launched
from sconnx.target.toolchain import GENERATED_LEVEL, find_toolchain


def _vectors(env, settings):
    """The file of a model's vectors, if there is one."""
    return [env.fs.File(str(Path(settings.vectors).absolute()))] if settings.vectors else []


def _firmware(env, settings, models):
    """The nodes of the firmware, its report, and its run and verification."""
    folder = env.SconnxFolder(f"{settings.folder}/{settings.name}")
    cpu = load_cpu(settings.target)
    toolchain = launched(find_toolchain(settings.toolchain, cpu), settings.launcher)
    board = load_board(settings.board, cpu)
    check_regions(settings.budgets, board)
    options = build_options(settings, env.SconnxRules(settings))
    options |= {"name": settings.name, "toolchain_version": toolchain.version}

    def step(name, targets, sources, shown=None):
        return env.SconnxStep(name, [folder.File(target) for target in targets], sources, options, shown)

    plans = [[model.graph[2], model.lowered, model.meminfo] for model in models]
    main, script = step("firmware", ["firmware/main.c", "firmware/link.ld"], plans)
    includes = [*dict.fromkeys(folder for model in models for folder in model.includes)]
    includes.append(env.fs.Dir(str(PACKAGE / "target/support")))
    objects = []
    support = [(env.fs.File(str(path)), level) for path, level in support_sources(cpu, board, settings.optimize)]
    for source, level in [(main, GENERATED_LEVEL), *support]:
        target = folder.File(f"firmware/{source.name.removesuffix('.c')}.o")
        objects += env.SconnxObject(toolchain, level, target, source, includes)
    libraries = [model.library for model in models]
    images = [] if cpu.is_host else [folder.File(name) for name in STEPS["image"].outputs]
    files = [folder.File("firmware.elf"), *images]
    elf, *images = env.SconnxProgram(toolchain, files, [objects, libraries], None if cpu.is_host else script)
    if images:
        env.SconnxAlong([elf, *images], "image", options)
    planned = [[model.lowered, model.meminfo, model.packed] for model in models]
    report = step("inspect", STEPS["inspect"].outputs, [elf, *planned])
    # The alias prints the report when the user names it.
    budget = step("budget", ["budget.json"], report[0], None if "report" in COMMAND_LINE_TARGETS else report[0])
    emulated = [[model.graph, model.lowered, model.schedule, model.meminfo] for model in models]
    vectors = [_vectors(env, model.settings) for model in models]
    emulated = [elf, emulated[0], env.SconnxNativeHooks(), vectors[0], *zip(emulated[1:], vectors[1:], strict=True)]
    run = step("run", ["run.json"], emulated)
    verify = step("verify", ["verify.json"], emulated)
    return SimpleNamespace(
        folder=folder,
        board=board,
        main=main,
        elf=elf,
        report=report,
        budget=budget,
        run=run,
        verify=verify,
    )


def generate(env):
    env.Tool("sconnx_library")
    env.AddMethod(_firmware, "SconnxFirmware")


def exists(env):
    return True
