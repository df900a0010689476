# SPDX-License-Identifier: Apache-2.0
"""SCons tool: `env.SconnxObject`, `SconnxProgram` and `SconnxSharedLibrary` run a toolchain of sconnx."""

import os
from collections import deque
from dataclasses import replace

from SCons.Scanner.C import CScanner
from SCons.Script import Action, Literal, Value

from sconnx.project.compile_commands import Compile

# What compilers may need of the user's environment; never all of it.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
ASKED_FOR = ("GITHUB_ACTIONS",)
"""What steps read of it: whether problems are annotations, too."""
OF_LAUNCHERS = ("CCACHE_", "DISTCC_", "SCCACHE_", "ICECC_")
"""How the variables begin that launchers read."""

# SCons' own scanner finds nothing in a generated file whose inputs were rebuilt, and is not asked again when they came
# out as before: the file is then compiled for nothing, with its headers forgotten. This one reads what is there.
INCLUDES = CScanner()
INCLUDES.scan_check = None


def _command(words, program):
    """The words of a command; the program's place on this machine stays out of the signature, its version is in it.

    So do the source and the folders of headers, whose contents count: the same files elsewhere are the same.
    """
    command = []
    for index, (before, word) in enumerate(zip(("", *words), words, strict=False)):
        is_place = index < len(program) or word == "$SOURCE" or word.startswith("-I") or before == "-isystem"
        shown = word if word in ("$SOURCE", "$TARGET") else Literal(word)
        command += ["$(", shown, "$)"] if is_place else [shown]
    return command


def _version(toolchain):
    """What decides over its objects besides the command."""
    return Value(" ".join(filter(None, (toolchain.name, toolchain.version, toolchain.machine))))


def _object(env, toolchain, optimize, target, source, includes, system_includes=(), is_external=False):
    """One C file to one object; third-party code is compiled without our warnings."""
    compiled = Compile(
        source="$SOURCE",
        target="$TARGET",
        optimize=optimize,
        includes=tuple(folder.path for folder in includes),
        system_includes=tuple(folder.path for folder in system_includes),
        warnings=not is_external,
    )
    words = compiled.command(toolchain)
    nodes = env.Command(
        target,
        source,
        Action([_command(words, (*toolchain.launcher, *toolchain.cc))], env.SconnxMessage("CC")),
        source_scanner=INCLUDES,
        CPPPATH=[*includes, *system_includes],
    )
    env.Depends(nodes, _version(toolchain))
    env["SCONNX_COMPILES"].append(replace(compiled, source=nodes[0].sources[0].path, target=nodes[0].path))
    return nodes


def _program(env, toolchain, target, inputs, script=None):
    """Objects and libraries to an executable, by a linker script where there is one."""
    words = toolchain.link_command("$TARGET", [str(node) for node in env.Flatten(inputs)], str(script or ""))
    command = _command(words, toolchain.cc)
    nodes = env.Command(target, inputs, Action([command], env.SconnxMessage("LINK")))
    env.Depends(nodes, [_version(toolchain), *([script] if script else [])])
    return nodes


def _shared_library(env, toolchain, target, sources):
    """A shared library of the build machine."""
    words = toolchain.shared_library_command("$TARGET", *(source.path for source in sources))
    nodes = env.Command(target, sources, Action([_command(words, toolchain.cc)], env.SconnxMessage("CC")))
    env.Depends(nodes, _version(toolchain))
    return nodes


def generate(env):
    env["ENV"].update({name: os.environ[name] for name in (*PASSED_ON, *ASKED_FOR) if name in os.environ})
    env["ENV"].update({name: value for name, value in os.environ.items() if name.startswith(OF_LAUNCHERS)})
    # A deque, because clones of the environment share that: all compiles of the build.
    env.SetDefault(SCONNX_BUILD="build", SCONNX_COMPILES=deque())
    # zig compiles its run-time once and keeps it here, inside the build folder.
    cache = env.SconnxFolder(env["SCONNX_BUILD"]).Dir(".zig-cache").abspath
    env["ENV"].update(ZIG_GLOBAL_CACHE_DIR=cache, ZIG_LOCAL_CACHE_DIR=cache)
    env["IMPLICIT_COMMAND_DEPENDENCIES"] = 0
    env.AddMethod(_object, "SconnxObject")
    env.AddMethod(_program, "SconnxProgram")
    env.AddMethod(_shared_library, "SconnxSharedLibrary")


def exists(env):
    return True
