# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxModels(settings)` makes the libraries of all models for one target, by a toolchain of sconnx."""

import sys
from pathlib import Path
from types import SimpleNamespace

from SCons.Script import Action, Builder, Scanner

from sconnx.errors import SconnxError
from sconnx.places import PACKAGE, places
from sconnx.project.sources import kernel_sources, used_sources
from sconnx.target.cpu import load_cpu
from sconnx.target.launcher import launched
from sconnx.target.toolchain import GENERATED_LEVEL, find_toolchain, host_toolchain


def _kernels(env, settings, toolchain):
    """A builder of aliases for the kernels that a lowered.json names, one of all objects, and the folders of all headers.

    The first one's scanner finds the objects, and declares one when it first does: models use few of the kernels of a target.
    """
    rules = tuple(Path(folder) for folder in env.SconnxRules(settings))
    found = kernel_sources(settings, rules, Path(env.fs.Dir(str(places().kernels)).path))
    includes = [env.fs.Dir(str(folder)) for folder in found.includes]
    system = [env.fs.Dir(str(folder)) for folder in found.system_includes]
    build = env.SconnxFolder(f"{settings.folder}/kernels")

    def declared(source):
        node = build.File(source.object_path)
        if not node.has_builder():
            path = env.fs.File(str(source.path))
            env.SconnxObject(toolchain, settings.optimize, node, path, includes, system, is_external=source.is_external)
        return node

    def objects(node, _env, _path):
        used = used_sources(found.sources, Path(node.abspath)) if node.name == "lowered.json" else []
        return [declared(source) for source in used]

    used = Builder(action=Action([], None), target_factory=env.ans.Alias, source_scanner=Scanner(objects))
    return used, lambda: [declared(source) for source in found.sources], includes, system


def _models(env, settings):
    """Of each model the nodes of every step, by what they are."""
    toolchain = launched(find_toolchain(settings.toolchain, load_cpu(settings.target)), settings.launcher)
    kernels, declare_all, includes, system = _kernels(env, settings, toolchain)
    models = []
    for model in env.SconnxSources(settings, env.SconnxFolder(settings.folder)):
        own = [model.folder, *includes]
        compiled = [
            env.SconnxObject(toolchain, GENERATED_LEVEL, f"{node.path.removesuffix('.c')}.o", node, own, system)
            for node in model.sources
            if node.name.endswith(".c")
        ]
        objects, scanner = [model.lowered, compiled], kernels.source_scanner
        library = model.step("archive", [f"lib{model.settings.name}.a"], objects, source_scanner=scanner)
        # Kernels need not wait for the plan; they do for params, so that the steps others wait for begin before them.
        env.Requires(library, kernels(env, f"kernels of {model.folder.path}", [model.lowered, model.sources[-1]]))
        models.append(SimpleNamespace(**vars(model), includes=own, library=library, declare_kernels=declare_all))
    return models


def _native_hooks(env):
    """The emulator's hooks in C, a shared object for the build machine."""
    target = env.SconnxFolder(env["SCONNX_BUILD"]).File("host/native_hooks.so")
    sources = [env.fs.File(str(path)) for path in sorted((PACKAGE / "emulate/native").glob("*.c"))]
    try:
        return env.SconnxSharedLibrary(host_toolchain(), target, sources)
    except SconnxError as error:
        # Whoever only links a firmware needs none.
        return env.Command(target, sources, Action(_failure, None), SCONNX_PROBLEM=str(error))


def _failure(target, source, env):
    """Tell why the target cannot be made."""
    print(env["SCONNX_PROBLEM"], file=sys.stderr)
    return 1


def generate(env):
    for tool in ("sconnx_sources", "sconnx_toolchain"):
        env.Tool(tool)
    env.AddMethod(_models, "SconnxModels")
    env.AddMethod(_native_hooks, "SconnxNativeHooks")


def exists(env):
    return True
