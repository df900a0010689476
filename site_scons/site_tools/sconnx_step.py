# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxStep(step, targets, sources, options)` runs a step of `python -m sconnx` as a build target."""

import hashlib
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from SCons.Node import executed
from SCons.Script import Action, Literal

from sconnx.places import places
from sconnx.project.dependencies import step_dependencies
from sconnx.project.stopwatch import timed
from sconnx.steps.names import STEPS


@cache
def _was_replaced(target):
    """Whether a file is not the one that SCons made last, or has recorded."""
    recorded = getattr(target.get_stored_info().ninfo, "csig", None)
    return recorded is not None and recorded != target.get_csig()


def _differs(dependency, target, recorded, repository=None):
    """Whether to make a target anew: a dependency has other bytes than it had when the target was made, or the target has.

    SCons itself never looks at a target's own bytes, and records what it made when it ends. When a build is killed and the
    edit that it was for undone, it would take the files of that edit for those from before.
    """
    return dependency.changed_content(target, recorded, repository) or _was_replaced(target)


def _would_differ(dependency, target, recorded, repository=None):
    """The same in a dry run, which has no bytes of what it would make: that may be anything.

    SCons would compare the old bytes, and say that all is up to date but the first step.
    """
    return dependency.get_state() == executed or _differs(dependency, target, recorded, repository)


def _write(target, source, env):
    target[0].prepare()
    Path(target[0].path).write_bytes(env["SCONNX_TEXT"])


def _text(env, target, text, message=None):
    """A file with this text, of which the action tells SCons: what walks through the nodes, as RT-Thread does, wants files."""
    content = text.encode()
    write = Action(_write, message, varlist=["SCONNX_TEXT_HASH"])
    hashed = hashlib.sha256(content).hexdigest()
    nodes = env.Command(target, [], write, SCONNX_TEXT=content, SCONNX_TEXT_HASH=hashed)
    # SCons does not ask `_differs` about a target without dependencies.
    env.Depends(nodes, env.fs.File(__file__))
    return nodes


def _inputs(target, source, env, for_signature):
    """The step's inputs without its options, and what its scanner found.

    What is in them, not what they are called, decides whether it runs again.
    """
    return [] if for_signature else [*source[:-1], *(target[0].implicit or ())]


@cache
def _files(fs, paths):
    """The nodes of files; the builds of a fleet read the same ones."""
    return [fs.File(str(path)) for path in paths]


def _step(env, step, targets, sources, options, shown=None, **overrides):
    """The nodes of the step's outputs. Before it runs, the console form of the file `shown` is printed.

    `overrides` may be a `source_scanner` that finds further inputs, which come last.
    """
    file = _options(env, step, env.File(env.Flatten([targets])[0]).dir, options)
    command = _command(env, step, file, "${TARGETS}", "$SCONNX_INPUTS")
    message = env.SconnxMessage(step.upper())
    actions = [Action([command], message)]
    if shown:
        actions = [Action([_show_command(env, [shown])], message), Action([command], message and None)]
    nodes = env.Command(targets, [sources, file], actions, **overrides)
    env.Depends(nodes, _read(env, step, options))
    env.Precious(nodes, file)
    if shown or STEPS[step].is_open:
        env.NoCache(nodes)  # What prints must run.
    return nodes


def _along(env, nodes, step, options):
    """Let a step run as a part of making `nodes`: it reads the first of them and writes the others."""
    file = _options(env, step, nodes[0].dir, options)
    env.AddPostAction(nodes[:1], Action([_command(env, step, file, "${TARGETS[1:]}", "${TARGET}")], None))
    env.Depends(nodes, [file, *_read(env, step, options)])


def _options(env, step, folder, options):
    """The file of a step's options."""
    document = json.dumps({key: options[key] for key in STEPS[step].options}, indent=2) + "\n"
    return env.SconnxText(folder.File(f"options/{step}.json"), document)


def _command(env, step, file, outputs, inputs):
    """The words that run a step. -P: a folder of the user's is no module."""
    words = ["$(", Literal(env["SCONNX_PYTHON"]), "-P", "$)", "-m", "sconnx", step]
    return [*words, "--options", *file, "-o", outputs, "--", inputs]


def _read(env, step, options):
    """The nodes of what a step reads besides its inputs."""
    rules = tuple(Path(folder) for folder in options.get("rules", ()))
    return _files(env.fs, step_dependencies(step, rules, options.get("board", ""), options.get("target", "")))


def _message(env, verb):
    """One short line per step; nothing with verbose=1, for which SCons prints the full command; none of a compile in CI."""
    if env["SCONNX_VERBOSE"] == "quiet" and verb == "CC":
        return None
    return "" if env["SCONNX_VERBOSE"] == "1" else f"  {verb:<9} ${{TARGET}}"


def _show_command(env, nodes):
    """Print the console form of steps' files; with or without it, a signature is the same."""
    words = (env["SCONNX_PYTHON"], "-P", "-m", "sconnx", "show", *(node.path for node in nodes))
    return ["$(", *map(Literal, words), "$)"]


def _show(env, nodes):
    """An action that only prints the console form of the nodes."""
    return Action([_show_command(env, nodes)], None)


def _spawn(shell, escape, program, words, environment):
    """Start a command without a shell: a path may have any characters."""
    try:
        with timed(words, environment):
            return subprocess.call(words, env=environment)
    except OSError as error:
        print(f"{program}: error[E602]: cannot be started: {error.strerror}", file=sys.stderr)
        return 127


def _spawn_quietly(shell, escape, program, words, environment):
    """The same, for commands that were not shown: one that fails is, after what it said."""
    status = _spawn(shell, escape, program, words, environment)
    if status and "-c" in words:
        print(*words, file=sys.stderr)
    return status


def _rules(env, settings):
    """The folders of rules as steps get them, that of sconnx first."""
    return [env.fs.Dir(str(places().rules)).path, *settings.rules]


def _folder(env, path):
    """The node of a folder, whose name may have any characters."""
    return env.fs.Dir(str(Path(path).absolute()))


def generate(env):
    # Not by time first: SCons knows whole seconds, and would miss a change soon after a build. It costs nothing measurable.
    env.Decider(_would_differ if env.GetOption("no_exec") else _differs)
    env.SetDefault(SCONNX_VERBOSE="0", SCONNX_PYTHON=sys.executable)
    spawn = _spawn_quietly if env["SCONNX_VERBOSE"] == "quiet" else _spawn
    env.Replace(SPAWN=spawn, ESCAPE=str, SCONNX_INPUTS=_inputs)
    env["ENV"]["PYTHONPATH"] = str(places().root)
    env.AddMethod(_folder, "SconnxFolder")
    env.AddMethod(_rules, "SconnxRules")
    env.AddMethod(_text, "SconnxText")
    env.AddMethod(_step, "SconnxStep")
    env.AddMethod(_along, "SconnxAlong")
    env.AddMethod(_message, "SconnxMessage")
    env.AddMethod(_show, "SconnxShow")


def exists(env):
    return True
