# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxProject(settings)` gives one model its aliases: firmware, report, run, verify..."""

import os
import sys
from dataclasses import replace

from SCons.Script import COMMAND_LINE_TARGETS, Action, Literal

from sconnx.target.cpu import HOST, cpu_names


def _alias(env, name, nodes, shown=None):
    """An alias; when the user names it, it also prints what its file says."""
    if shown and name in COMMAND_LINE_TARGETS:
        env.AlwaysBuild(env.Alias(name, nodes, env.SconnxShow(shown)))
    else:
        env.Alias(name, nodes)


def _project(env, settings):
    env.SConsignFile(env.File("#/build/.sconsign").abspath)
    model = env.SconnxModel(settings)
    firmware = env.SconnxFirmware(model)
    _alias(env, "graph", model.graph, model.graph)
    _alias(env, "schedule", model.schedule, model.schedule)
    _alias(env, "meminfo", [model.meminfo, model.trace], [model.meminfo])
    _alias(env, "sources", model.sources)
    _alias(env, "library", model.library)
    _alias(env, "firmware", firmware.elf)
    _alias(env, "report", [firmware.report, firmware.budget], firmware.report)
    _alias(env, "run", firmware.run, firmware.run)
    _alias(env, "verify", firmware.verify, firmware.verify)
    env.Default("firmware", "report")
    env.Clean("firmware", [model.folder, env.Dir(f"#/build/{settings.target_name}/kernels")])
    if "explain" in COMMAND_LINE_TARGETS:
        explain = model.explain()
        _alias(env, "explain", explain, explain)
    _bench(env, settings)
    _ops(env, settings)
    tests = env.Clone()
    tests["ENV"]["SCONNX_CMSIS_NN"] = os.environ.get("SCONNX_CMSIS_NN", "")
    tests.AlwaysBuild(tests.Alias("test", [], Action([["$(", Literal(sys.executable), "$)", "-m", "tests"]], None)))


def _bench(env, settings):
    """The model on every CPU that the emulator has; declared only when asked for, to keep other builds quick."""
    if "bench" not in COMMAND_LINE_TARGETS:
        return
    files = []
    for target in (name for name in cpu_names() if name != HOST):
        firmware = env.SconnxFirmware(env.SconnxModel(replace(settings, target=target, board="")))
        files += [firmware.report[0], firmware.run[0]]
    bench = env.SconnxStep("bench", f"#/build/bench/{settings.name}.json", files, {})
    _alias(env, "bench", bench, bench)


def _ops(env, settings):
    """The operators of all libs."""
    rules = [env.Dir("#/export_rules").path, *settings.rules]
    options = {"target": settings.target, "rules": rules, "externals": settings.externals}
    ops = env.SconnxStep("ops", "#/build/ops.json", [], options)
    _alias(env, "ops", ops, ops)


def generate(env):
    env.AddMethod(_project, "SconnxProject")


def exists(env):
    return True
