# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxSources(settings, folder)` declares the steps of all models for one target, from file to C code."""

from pathlib import Path
from types import SimpleNamespace

from sconnx.project.dependencies import external_data
from sconnx.project.options import build_options, model_options


def _sources(env, settings, folder):
    """Of each model the nodes of every step, by what they are; its files are in a folder of its name below `folder`."""
    options = build_options(settings, env.SconnxRules(settings))
    models = []
    for together in settings.planned_together:
        scheduled = [_scheduled(env, options, model, folder.Dir(model.name)) for model in together]
        for model, (meminfo, trace) in zip(scheduled, _planned(env, options, scheduled), strict=True):
            models.append(_generated(model, meminfo, trace))
    return models


def _scheduled(env, options, settings, folder):
    """A model's nodes up to its schedule."""
    options = options | model_options(settings)

    def step(name, targets, sources, **overrides):
        return env.SconnxStep(name, [folder.File(target) for target in targets], sources, options, **overrides)

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
        check=lambda: step("import-check", ["import_check.json", "import_check.sarif"], source),
        step=step,
        graph=[graph, params, interface],
        lowered=lowered,
        schedule=schedule,
        explain=lambda: step("explain", ["explain.json"], graph),
    )


def _planned(env, options, models):
    """The memory plan of each of the models, which are planned together, and its trace."""
    pins = [model.settings.pins for model in models]
    files = env.SconnxStep(
        "memory",
        [model.folder.File(name) for model in models for name in ("meminfo.json", "memory_trace.json")],
        [[model.lowered, model.schedule] for model in models],
        options | {"pins": pins if len(pins) > 1 else pins[0]},
    )
    return zip(files[0::2], files[1::2], strict=True)


def _generated(model, meminfo, trace):
    """The nodes of a model that is planned, up to its code."""
    name = model.settings.name
    _, params, interface = model.graph
    files = [f"{name}.h", f"{name}.c", f"{name}_sections.h", f"{name}.hpp"]
    code = model.step("generate", files, [model.lowered, model.schedule, meminfo, interface])
    values, packed = model.step("params", [f"{name}_params.c", "packed.json"], [model.lowered, params])
    return SimpleNamespace(**vars(model), meminfo=meminfo, trace=trace, packed=packed, sources=[*code, values])


def generate(env):
    env.Tool("sconnx_step")
    env.AddMethod(_sources, "SconnxSources")


def exists(env):
    return True
