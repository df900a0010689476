# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxModel(settings)` declares the pipeline of one model for one target, from file to library."""

from pathlib import Path
from types import SimpleNamespace

from sconnx.project.dependencies import PACKAGE, external_data
from sconnx.project.sources import kernel_sources
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain


def _kernels(env, settings, toolchain, rules):
    """Objects of all kernels that the target may use, compiled once per target, and the folders of their headers."""
    found = kernel_sources(settings, tuple(Path(folder) for folder in rules), Path(env.Dir("#/kernels").path))
    includes = [env.fs.Dir(str(folder)) for folder in found.includes]
    system = [env.fs.Dir(str(folder)) for folder in found.system_includes]
    build = env.Dir(f"#/build/{settings.target_name}/kernels")
    objects = []
    for source in found.sources:
        target, path = build.File(source.object_path), env.fs.File(str(source.path))
        objects += env.SconnxObject(
            toolchain, settings.optimize, target, path, includes, system, is_external=source.is_external
        )
    return objects, includes, system


def _model(env, settings):
    """The nodes of every step, by what they are."""
    folder = env.Dir(f"#/build/{settings.target_name}/{settings.name}")
    toolchain = find_toolchain(settings.toolchain, load_cpu(settings.target))
    rules = [env.Dir("#/export_rules").path, *settings.rules]
    options = {"name": settings.name, "target": settings.target, "board": settings.board, "rules": rules}
    options |= {"input": settings.input, "toolchain": settings.toolchain, "externals": settings.externals}
    options |= {"node": settings.node, "optimize": settings.optimize, "output": settings.output}
    options |= {"stack_bytes": settings.stack_bytes, "memories": settings.memories, "pins": settings.pins}
    options["weights"] = settings.weights
    options |= {"planner": settings.planner, "limit_seconds": settings.limit_seconds}

    def step(name, targets, sources):
        return env.SconnxStep(name, [folder.File(target) for target in targets], sources, options)

    path = Path(settings.model).absolute()
    graph, params, interface = step("import", ["graph.json", "params.npz", "interface.json"], env.fs.File(str(path)))
    env.Depends([graph, params, interface], [env.fs.File(str(data)) for data in external_data(path)])
    lowered = step("lower", ["lowered.json"], graph)
    schedule = step("schedule", ["schedule.json"], lowered)
    meminfo, trace = step("memory", ["meminfo.json", "memory_trace.json"], [lowered, schedule])
    generated = [f"{settings.name}.h", f"{settings.name}.c", f"{settings.name}_sections.h"]
    header, source, sections = step("generate", generated, [lowered, schedule, meminfo, interface])
    values = step("params", [f"{settings.name}_params.c"], [lowered, params])
    kernels, includes, system = _kernels(env, settings, toolchain, rules)
    compiled = [
        env.SconnxObject(
            toolchain, settings.optimize, f"{node.path.removesuffix('.c')}.o", node, [folder, *includes], system
        )
        for node in [source, *values]
    ]
    objects = [compiled, kernels]
    library = step("archive", [f"lib{settings.name}.a"], [lowered, objects])
    return SimpleNamespace(
        folder=folder,
        rules=rules,
        settings=settings,
        toolchain=toolchain,
        includes=[folder, *includes],
        graph=[graph, params, interface],
        lowered=lowered,
        explain=lambda: step("explain", ["explain.json"], graph),
        schedule=schedule,
        meminfo=meminfo,
        trace=trace,
        header=header,
        sources=[header, source, sections, *values],
        library=library,
    )


def _native_hooks(env):
    """The emulator's hooks in C, a shared object for the build machine."""
    host = find_toolchain("zig", load_cpu("host"))
    sources = [env.fs.File(str(path)) for path in sorted((PACKAGE / "emulate/native").glob("*.c"))]
    return env.SconnxSharedLibrary(host, "#/build/host/native_hooks.so", sources)


def generate(env):
    for tool in ("sconnx_step", "sconnx_toolchain"):
        env.Tool(tool)
    env.AddMethod(_model, "SconnxModel")
    env.AddMethod(_native_hooks, "SconnxNativeHooks")


def exists(env):
    return True
