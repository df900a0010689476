# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxBench(builds)` builds and runs every model of every build alone, and puts them side by side."""

from pathlib import Path

from sconnx.project.bench import bench_options, firmwares
from sconnx.project.stopwatch import LOG, VARIABLE


def _bench(env, builds):
    folder = env.SconnxFolder(f"{env['SCONNX_BUILD']}/bench")
    env["ENV"][VARIABLE] = folder.File(LOG).abspath
    files = []
    for build in builds:
        for model, settings in zip(env.SconnxModels(build), firmwares(build), strict=True):
            firmware = env.SconnxFirmware(settings, [model])
            files += [env.fs.File(str(Path(model.settings.path).absolute())), model.lowered]
            files += [firmware.report[0], firmware.run[0]]
    bench = env.SconnxStep("bench", [folder.File("bench.json"), folder.File("bench.md")], files, bench_options(builds))
    env.AlwaysBuild(env.Alias("bench", bench, env.SconnxShow(bench[:1])))
    env.Clean("bench", folder)


def generate(env):
    env.Tool("sconnx_firmware")
    env.AddMethod(_bench, "SconnxBench")


def exists(env):
    return True
