# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxModels(settings)` declares the pipelines of all models for one target, from file to library."""

from pathlib import Path
from types import SimpleNamespace

from sconnx.places import PACKAGE, places
from sconnx.project.dependencies import external_data
from sconnx.project.sources import kernel_sources
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import GENERATED_LEVEL, find_toolchain


def _kernels(env, settings, toolchain, rules):
    """Objects of all kernels that the target may use, compiled once per target, and the folders of their headers."""
    found = kernel_sources(
        settings, tuple(Path(folder) for folder in rules), Path(env.fs.Dir(str(places().kernels)).path)
    )
    includes = [env.fs.Dir(str(folder)) for folder in found.includes]
    system = [env.fs.Dir(str(folder)) for folder in found.system_includes]
    build = env.Dir(f"#/{settings.folder}/kernels")
    objects = []
    for source in found.sources:
        target, path = build.File(source.object_path), env.fs.File(str(source.path))
        objects += env.SconnxObject(
            toolchain, settings.optimize, target, path, includes, system, is_external=source.is_external
        )
    return objects, includes, system


def _models(env, settings):
    """Of each model the nodes of every step, by what they are."""
    toolchain = find_toolchain(settings.toolchain, load_cpu(settings.target))
    rules = [env.fs.Dir(str(places().rules)).path, *settings.rules]
    kernels, includes, system = _kernels(env, settings, toolchain, rules)
    options = {"target": settings.target, "board": settings.board, "rules": rules}
    options |= {"input": settings.input, "toolchain": settings.toolchain, "externals": settings.externals}
    options |= {"optimize": settings.optimize, "output": settings.output, "prune": settings.prune}
    options |= {"stack_bytes": settings.stack_bytes, "memories": settings.memories, "weights": settings.weights}
    options |= {"planner": settings.planner, "limit_seconds": settings.limit_seconds}
    common = SimpleNamespace(
        settings=settings, toolchain=toolchain, rules=rules, options=options, includes=includes, system=system
    )
    models = []
    for together in settings.planned_together:
        scheduled = [_scheduled(env, common, model) for model in together]
        for model, (meminfo, trace) in zip(scheduled, _planned(env, common, scheduled), strict=True):
            models.append(_exported(env, common, model, meminfo, trace, kernels))
    return models


def _scheduled(env, common, settings):
    """A model's nodes up to its schedule."""
    folder = env.Dir(f"#/{common.settings.folder}/{settings.name}")
    options = common.options | {"name": settings.name, "node": settings.node, "carry": settings.carry}

    def step(name, targets, sources):
        return env.SconnxStep(name, [folder.File(target) for target in targets], sources, options)

    path = Path(settings.path).absolute()
    source, data = [env.fs.File(str(path))], [env.fs.File(str(file)) for file in external_data(path)]
    quantized = []
    if settings.samples:
        samples = env.fs.File(str(Path(settings.samples).absolute()))
        quantized = step("quantize", ["quantized.onnx", "quantization.json"], [source, samples])
        env.Depends(quantized, data)
        source, data = quantized[:1], []
    graph, params, interface = step("import", ["graph.json", "params.npz", "interface.json"], source)
    env.Depends([graph, params, interface], data)
    lowered = step("lower", ["lowered.json"], graph)
    schedule = step("schedule", ["schedule.json"], lowered)
    return SimpleNamespace(
        settings=settings,
        folder=folder,
        quantized=quantized,
        check=lambda: step("import-check", ["import_check.json"], source),
        step=step,
        graph=[graph, params, interface],
        lowered=lowered,
        schedule=schedule,
        explain=lambda: step("explain", ["explain.json"], graph),
    )


def _planned(env, common, models):
    """The memory plan of each of the models, which are planned together, and its trace."""
    pins = [model.settings.pins for model in models]
    files = env.SconnxStep(
        "memory",
        [model.folder.File(name) for model in models for name in ("meminfo.json", "memory_trace.json")],
        [[model.lowered, model.schedule] for model in models],
        common.options | {"pins": pins if len(pins) > 1 else pins[0]},
    )
    return zip(files[0::2], files[1::2], strict=True)


def _exported(env, common, model, meminfo, trace, kernels):
    """The nodes of a model that is planned, from its code to its library."""
    name = model.settings.name
    _, params, interface = model.graph
    header, source, sections = model.step(
        "generate",
        [f"{name}.h", f"{name}.c", f"{name}_sections.h"],
        [model.lowered, model.schedule, meminfo, interface],
    )
    values = model.step("params", [f"{name}_params.c"], [model.lowered, params])
    includes = [model.folder, *common.includes]
    compiled = [
        env.SconnxObject(
            common.toolchain, GENERATED_LEVEL, f"{node.path.removesuffix('.c')}.o", node, includes, common.system
        )
        for node in [source, *values]
    ]
    library = model.step("archive", [f"lib{name}.a"], [model.lowered, compiled, kernels])
    return SimpleNamespace(
        **vars(model),
        includes=includes,
        meminfo=meminfo,
        trace=trace,
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
    env.AddMethod(_models, "SconnxModels")
    env.AddMethod(_native_hooks, "SconnxNativeHooks")


def exists(env):
    return True
