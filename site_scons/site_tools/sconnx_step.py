# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxStep(step, targets, sources, options)` runs a step of `python -m sconnx` as a build target."""

import json
import sys
from pathlib import Path

from SCons.Script import Action, Value

from sconnx.project.dependencies import PACKAGE, step_dependencies
from sconnx.steps.names import STEPS


def _write_options(target, source, env):
    target[0].prepare()
    Path(target[0].path).write_bytes(source[0].get_contents())


def _step(env, step, targets, sources, options=None, after=()):
    """The nodes of the step's outputs. `after` are actions to run once the step has succeeded."""
    command = ["$(", sys.executable, "$)", "-m", "sconnx", step]
    inputs = env.Flatten([sources])
    if options is not None:
        folder = env.File(env.Flatten([targets])[0]).dir
        document = json.dumps({key: options[key] for key in STEPS[step].options}, indent=2) + "\n"
        file = env.Command(folder.File(f"options/{step}.json"), Value(document), Action(_write_options, None))
        command += ["--options", f"${{SOURCES[{len(inputs)}].path}}"]
        inputs = [*inputs, *file]
        env.Precious(file)
    count = len(inputs) - (options is not None)
    command += [f"${{SOURCES[{i}].path}}" for i in range(count)] + ["-o", "${TARGETS}"]
    actions = [Action([command], env.SconnxMessage(step.upper()))]
    nodes = env.Command(targets, inputs, actions + list(after))
    rules = tuple(Path(folder) for folder in (options or {}).get("rules", ()))
    env.Depends(nodes, [env.File(str(path)) for path in step_dependencies(step, rules)])
    env.Precious(nodes)
    return nodes


def _message(env, verb):
    """One short line per step, or None for the full command with verbose=1."""
    return None if env["SCONNX_VERBOSE"] else f"  {verb:<9} ${{TARGET}}"


def _show(env, nodes):
    """An action that prints the console form of a step's file."""
    return Action([["$(", sys.executable, "$)", "-m", "sconnx", "show", str(nodes[0].path)]], None)


def generate(env):
    env["ENV"]["PYTHONPATH"] = str(PACKAGE.parent)
    env.SetDefault(SCONNX_VERBOSE=False)
    env.AddMethod(_step, "SconnxStep")
    env.AddMethod(_message, "SconnxMessage")
    env.AddMethod(_show, "SconnxShow")


def exists(env):
    return True
