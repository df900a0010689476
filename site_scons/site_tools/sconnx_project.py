# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxProject(settings)` gives the models of a build their aliases: firmware, report, run, verify..."""

import os
import sys
from pathlib import Path

from SCons.Script import ARGUMENTS, COMMAND_LINE_TARGETS, Action, Literal

from sconnx.project.base import base_files, base_options
from sconnx.project.compile_commands import compile_commands
from sconnx.project.history import history_file, history_options
from sconnx.project.options import build_options
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain, for_editors


def _alias(env, name, nodes, shown=()):
    """An alias; when the user names it, it also prints what the files `shown` say."""
    if shown and name in COMMAND_LINE_TARGETS:
        env.AlwaysBuild(env.Alias(name, nodes, env.SconnxShow(shown)))
    else:
        env.Alias(name, nodes)


def _project(env, settings):
    models = env.SconnxModels(settings)
    firmware = env.SconnxFirmware(settings, models)
    quantized = env.Flatten([model.quantized for model in models])
    _alias(env, "quantize", quantized, quantized[1::2])
    _alias(env, "graph", [model.graph for model in models], [model.graph[0] for model in models])
    _alias(env, "schedule", [model.schedule for model in models], env.Flatten([model.schedule for model in models]))
    _alias(env, "meminfo", [[model.meminfo, model.trace] for model in models], [model.meminfo for model in models])
    _alias(env, "sources", [model.sources for model in models])
    _alias(env, "library", [model.library for model in models])
    _alias(env, "firmware", firmware.elf)
    _alias(env, "report", [firmware.report, firmware.budget], firmware.report[:1])
    _alias(env, "run", firmware.run, firmware.run)
    _alias(env, "verify", firmware.verify, firmware.verify)
    env.Default("firmware", "report")
    folders = [firmware.folder, *(model.folder for model in models)]
    env.Clean("firmware", [*folders, env.SconnxFolder(f"{settings.folder}/kernels")])
    if "import-check" in COMMAND_LINE_TARGETS:
        checks = env.Flatten([model.check() for model in models])
        _alias(env, "import-check", checks, checks[0::2])
    if "explain" in COMMAND_LINE_TARGETS:
        explain = env.Flatten([model.explain() for model in models if model.settings.node is not None])
        _alias(env, "explain", explain, explain)
    if "package" in COMMAND_LINE_TARGETS:
        _package(env, settings, models, firmware.folder)
    if "compile_commands" in COMMAND_LINE_TARGETS:
        _compile_commands(env, settings, models, firmware)
    if "page" in COMMAND_LINE_TARGETS or "history" in COMMAND_LINE_TARGETS:
        _page(env, settings, models, firmware)
    if "diff" in COMMAND_LINE_TARGETS:
        _diff(env, settings, firmware)
    _ops(env, settings)
    tests = env.Clone()
    tests["ENV"]["SCONNX_CMSIS_NN"] = os.environ.get("SCONNX_CMSIS_NN", "")
    tests.AlwaysBuild(tests.Alias("test", [], Action([["$(", Literal(sys.executable), "$)", "-m", "tests"]], None)))


def _diff(env, settings, firmware):
    """The firmware beside that of base=."""
    folder = firmware.folder.Dir("diff")
    base = [env.File(path) for path in base_files(settings.base)]
    if not base:
        root = Path(env.Dir("#").abspath)
        options = base_options(root, settings, ARGUMENTS)
        of_base = folder.Dir(options["revision"])
        base = env.SconnxStep("base", [of_base.File("report.json"), of_base.File("run.json")], [], options)
    files = [firmware.report[0], firmware.run, base]
    diff = env.SconnxStep("diff", [folder.File("diff.json"), folder.File("diff.md")], files, {})
    growth = env.SconnxStep("growth", folder.File("growth.json"), diff[0], {"growth": settings.growth}, diff[0])
    env.Alias("diff", env.AlwaysBuild(growth))


def _page(env, settings, models, firmware):
    """The page, with the history where there is one; `history` adds to it first."""
    path = history_file(settings)
    history = [env.fs.File(str(path))] if path.is_file() else []
    if "history" in COMMAND_LINE_TARGETS:
        targets = [firmware.folder.File("history.json"), env.fs.File(str(path))]
        files = [firmware.report[0], firmware.run]
        series, *history = env.AlwaysBuild(env.SconnxStep("history", targets, files, history_options(path)))
        env.NoClean(history)  # The file is the user's.
    files = [firmware.report[0], firmware.run, *([model.lowered, model.meminfo] for model in models), history]
    page = env.SconnxStep("page", firmware.folder.File("page.html"), files, {})
    env.Alias("page", page)
    if "history" in COMMAND_LINE_TARGETS:
        _alias(env, "history", [series, page], [series])


def _package(env, settings, models, folder):
    """The models as a source package for another build system."""
    options = build_options(settings, env.SconnxRules(settings))
    files = [[model.lowered, model.meminfo, model.sources] for model in models]
    package = env.SconnxStep("package", folder.File(f"package/{settings.name}-{settings.format}.zip"), files, options)
    env.Alias("package", package)


def _compile_commands(env, settings, models, firmware):
    """How every C file is compiled, when the generated ones are there. It names this folder, so that no other takes it over."""
    models[0].declare_kernels()
    cpu = load_cpu(settings.target)
    toolchain = for_editors(find_toolchain(settings.toolchain, cpu), cpu)
    text = compile_commands(Path(env.Dir("#").abspath), toolchain, env["SCONNX_COMPILES"])
    file = env.SconnxFolder(settings.folder).File("compile_commands.json")
    nodes = env.SconnxText(file, text, env.SconnxMessage("COMMANDS"))
    env.NoCache(nodes)
    env.Alias("compile_commands", [nodes, firmware.main, *(model.sources for model in models)])


def _ops(env, settings):
    """The operators of all libs."""
    options = build_options(settings, env.SconnxRules(settings))
    ops = env.SconnxStep("ops", env.SconnxFolder(settings.build).File("ops.json"), [], options)
    _alias(env, "ops", ops, ops)


def generate(env):
    env.AddMethod(_project, "SconnxProject")


def exists(env):
    return True
