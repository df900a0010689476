# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxModel(settings)` declares the pipeline of one model for one target, from file to library."""

from pathlib import Path
from types import SimpleNamespace

from sconnx.project.dependencies import PACKAGE, external_data
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain


def _kernel_roots(env, settings):
    """The folders whose subfolders hold the kernels of one lib each: ours, and those of the user's rules."""
    return [env.Dir("#/kernels"), *(env.fs.Dir(rules).Dir("kernels") for rules in settings.rules)]


def _kernel_objects(env, settings, toolchain, includes):
    """All kernels that the target may use, compiled once per target; the archive takes what lowered.json names."""
    objects = []
    build = env.Dir(f"#/build/{settings.target}/kernels")
    for root in _kernel_roots(env, settings):
        for source in sorted(env.Glob(f"{root.path}/*/*.c"), key=str):
            target = build.Dir(source.dir.name).File(source.name.removesuffix(".c") + ".o")
            objects += env.SconnxObject(toolchain, settings.optimize, target, source, includes)
    return objects


def _include_folders(env, settings):
    """Headers of the kernels: those common to all libs, and those of each lib."""
    folders = [env.Dir("#/kernels/include")]
    for root in _kernel_roots(env, settings):
        folders += sorted({header.dir for header in env.Glob(f"{root.path}/*/*.h")} - set(folders), key=str)
    return folders


def _model(env, settings):
    """The nodes of every step, by what they are."""
    folder = env.Dir(f"#/build/{settings.target}/{settings.name}")
    toolchain = find_toolchain(settings.toolchain, load_cpu(settings.target))
    rules = [env.Dir("#/export_rules").path, *settings.rules]
    options = {"name": settings.name, "target": settings.target, "board": settings.board, "rules": rules}
    options |= {"input": settings.input, "toolchain": settings.toolchain}

    def step(name, targets, sources):
        return env.SconnxStep(name, [folder.File(target) for target in targets], sources, options)

    path = Path(settings.model).absolute()
    graph, params, interface = step("import", ["graph.json", "params.npz", "interface.json"], env.fs.File(str(path)))
    env.Depends([graph, params, interface], [env.fs.File(str(data)) for data in external_data(path)])
    lowered = step("lower", ["lowered.json"], graph)
    schedule = step("schedule", ["schedule.json"], lowered)
    meminfo = step("memory", ["meminfo.json"], [lowered, schedule])
    header, source = step(
        "generate", [f"{settings.name}.h", f"{settings.name}.c"], [lowered, schedule, meminfo, interface]
    )
    values = step("params", [f"{settings.name}_params.c"], [lowered, params])
    includes = _include_folders(env, settings)
    objects = [
        env.SconnxObject(toolchain, settings.optimize, f"{node.path.removesuffix('.c')}.o", node, [folder, *includes])
        for node in [source, *values]
    ]
    objects += _kernel_objects(env, settings, toolchain, includes)
    library = step("archive", [f"lib{settings.name}.a"], [lowered, objects])
    return SimpleNamespace(
        folder=folder,
        settings=settings,
        toolchain=toolchain,
        includes=[folder, *includes],
        graph=[graph, params, interface],
        lowered=lowered,
        schedule=schedule,
        meminfo=meminfo,
        header=header,
        sources=[header, source, *values],
        library=library,
    )


def _native_counter(env):
    """The emulator's instruction counter, a shared object for the build machine."""
    host = find_toolchain("zig", load_cpu("host"))
    source = env.fs.File(str(PACKAGE / "emulate/native/block_counter.c"))
    return env.SconnxSharedLibrary(host, "#/build/host/block_counter.so", source)


def generate(env):
    for tool in ("sconnx_step", "sconnx_toolchain"):
        env.Tool(tool)
    env.AddMethod(_model, "SconnxModel")
    env.AddMethod(_native_counter, "SconnxNativeCounter")


def exists(env):
    return True
