# SPDX-License-Identifier: Apache-2.0
"""SCons tool for firmware of others: `env.NeuralModel(name, model, target=...)` is one more library of theirs.

Their compiler, flags and folders are used. docs/scons.md says how.
"""

import os
import shutil
import sys
from collections import UserList
from contextlib import contextmanager
from pathlib import Path, PurePath

import SCons
from SCons.Scanner.C import CScanner
from SCons.Script import Action, Builder, Exit, Scanner
from SCons.Util import CLVar

sys.path.insert(0, str(next(f for f in Path(__file__).resolve().parents if (f / "sconnx/places.py").is_file())))

from sconnx.annotations import tell
from sconnx.errors import SconnxError
from sconnx.places import places, site_tools
from sconnx.project.library_settings import check_cpu, check_new, kernel_folder, library_settings, locate
from sconnx.project.options import build_options
from sconnx.project.sources import kernel_sources, used_sources
from sconnx.steps.names import STEPS
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import foreign_flags

# As in sconnx_toolchain: reads what is there, also of a generated file whose inputs were made again.
INCLUDES = CScanner()
INCLUDES.scan_check = None
COMPILE = ("CC", "CFLAGS", "CCFLAGS", "CPPFLAGS", "CPPDEFINES", "CPPPATH", "CCCOM")
ARCHIVE = ("AR", "ARFLAGS", "ARCOM", "RANLIB", "RANLIBFLAGS", "RANLIBCOM")


class NeuralModel(UserList):
    """A model in a user's build; among the sources of a program it is its library.

    `header`, `library` and `report` are nodes, `sources` the C files, `include` the folders for CPPPATH. `options` and `planned`
    are what the step `reconcile` wants of all models in the library.
    """

    def __init__(self, model, library, report, include, options, planned):
        super().__init__(library)
        self.name = model.settings.name
        self.header = model.sources[0]
        self.sources = _codes(model)
        self.library = library[0]
        self.report = report[0]
        self.include = include
        self.options = options
        self.planned = planned


@contextmanager
def _at_top(env):
    """In the top folder, where steps run. What the user can fix is one line, with its place in the build file."""
    folder, node = os.getcwd(), env.fs.getcwd()
    env.fs.chdir(env.Dir("#"), change_os_dir=True)
    try:
        yield
    except SconnxError as error:
        tell(locate(error, _caller()))
        Exit(2)
    finally:
        env.fs.chdir(node)
        os.chdir(folder)


def _caller():
    """File and line of the build file that called this tool."""
    frame = sys._getframe()
    ours = (__file__, os.path.dirname(SCons.__file__), os.path.dirname(os.__file__))
    while frame.f_code.co_filename.startswith(ours):
        frame = frame.f_back
    return f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}"


def _neural_model(env, name, model, folder="neural", **arguments):
    """The model in the file `model`, all of whose C begins with `name`. Arguments are the variables of sconnx."""
    return _neural_models(env, {name: model}, folder, **arguments)[0]


def _neural_models(env, models, folder="neural", **arguments):
    """The models of one firmware, files by name: budgets hold for all of them, and a kernel is there once."""
    files = [env.File(env.Flatten([model])[0]) for model in models.values()]
    files = [file if file.has_builder() else file.srcnode() for file in files]
    source, above, includes = env.Dir(".").srcnode().abspath, env.Dir(folder), _includes(env)
    with _at_top(env):
        made = [file.path for file in files if file.has_builder()]
        paths = [file.path if os.path.isabs(file.path) else f"#{file.path}" for file in files]
        settings = library_settings(dict(zip(models, paths, strict=True)), arguments, source, made)
        return _declared(env, settings, above.Dir(settings.target_name), includes)


def _includes(env):
    """The user's own folders of headers, as nodes: texts are relative to this SConscript."""
    folders = env.Flatten([env.get("CPPPATH", [])])
    nodes = [env.Dir(each) if isinstance(each, str) and "$" not in each else each for each in folders]
    return [node for node in nodes if node not in env.get("SCONNX_INCLUDES", ())]


def _declared(env, settings, folder, includes):
    """All nodes of the models, which are below `folder`."""
    steps, compiler = _steps(env), _compiler(env, load_cpu(settings.target), includes)
    check_cpu(settings.target, compiler.subst("$CC $CFLAGS $CCFLAGS"))
    check_new(settings, folder.path, lambda path: env.File(path).has_builder())
    models = steps.SconnxSources(settings, folder)
    found = kernel_sources(settings, (places().rules, *map(Path, settings.rules)), places().kernels)
    shared = [env.fs.Dir(str(path)) for path in (*found.includes, *found.system_includes)]
    kernels = _Kernels(compiler, settings, folder, found, shared, [model.lowered[0] for model in models])
    objects = [
        _object(compiler, f"{code.path.removesuffix('.c')}.o", code, [model.folder, *shared])
        for model in models
        for code in _codes(model)
    ]
    planned = [[model.lowered, model.meminfo] for model in models]
    library, report = _library(steps, compiler, settings, folder.Dir(settings.name), models, objects, kernels)
    if "CompilationDatabase" in compiler["BUILDERS"]:
        kernels.all()  # Those of the last build; SCons writes the file when it likes.
    env.Clean(library, [*(model.folder for model in models), folder.Dir(settings.name), kernels.folder])
    env.PrependUnique(CPPPATH=[*(model.folder for model in models), shared[0]], delete_existing=True)
    env.AppendUnique(SCONNX_INCLUDES=[*(model.folder for model in models), shared[0]])
    options = {"target": settings.target, "board": settings.board}
    return [NeuralModel(each, library, report, [each.folder, shared[0]], options, planned) for each in models]


def _codes(model):
    """The C files of a model."""
    return [node for node in model.sources if node.name.endswith(".c")]


def _steps(env):
    """An environment that runs steps of sconnx and leaves the user's as it is."""
    steps = env.Clone(toolpath=[site_tools()], IMPLICIT_COMMAND_DEPENDENCIES=0)
    steps.Tool("sconnx_sources")
    return steps


def _compiler(env, cpu, includes):
    """The user's environment as it is now, with what SCons' tools for C bring where it has none of them."""
    compiler = env.Clone()
    for variable, tool in (("CCCOM", "cc"), ("ARCOM", "ar")):
        if variable not in env:
            compiler.Tool(tool)
    compiler.Replace(**{name: env[name] for name in (*COMPILE, *ARCHIVE) if name in env})
    compiler["CPPPATH"] = includes
    compiler.Append(CCFLAGS=CLVar(env.get("SCONNX_CCFLAGS", foreign_flags(cpu))))
    return compiler


def _object(compiler, target, source, includes, flags=()):
    """One C file to one object, by the user's own command."""
    words = {"CPPPATH": [*includes, *compiler["CPPPATH"]], "CCFLAGS": [*compiler["CCFLAGS"], *flags]}
    action = Action("$CCCOM", "$CCCOMSTR")
    nodes = compiler.Command(target, source, action, source_scanner=INCLUDES, **words)
    # What listens to objects, as SCons' compilation_db does, hears of ours.
    emitter = compiler["BUILDERS"]["StaticObject"].emitter[".c"]
    emitter(nodes, [compiler.fs.File(str(source))], compiler.Override(words))
    return nodes


class _Kernels:
    """The objects of the kernels that the models use, which is known as soon as their lowered.json is there.

    Other flags have another folder, so that environments that differ may have models for one target.
    """

    def __init__(self, compiler, settings, folder, found, includes, lowered):
        self.compiler, self.includes, self.lowered = compiler, includes, lowered
        # With a target: without one, SCons takes a TARGET that the build file happens to have for it.
        one = {"target": compiler.fs.File("kernel.o"), "source": compiler.fs.File("kernel.c")}
        self.folder = folder.Dir(kernel_folder(*(compiler.subst(f"${name}", **one) for name in COMPILE)))
        self.sources = found.sources

    def of(self, lowered):
        """Those of a model as it is now; each is declared once, by whoever asks first."""
        return [self._declared(source) for source in used_sources(self.sources, Path(lowered.abspath))]

    def all(self):
        """Those of all models, each once."""
        return list(dict.fromkeys(node for lowered in self.lowered for node in self.of(lowered)))

    def scan(self, node, env, path):
        """The kernels are what lowered.json refers to."""
        return self.of(node) if node in self.lowered else []

    def _declared(self, source):
        node = self.folder.File(source.object_path)
        if not node.has_builder():
            path = self.compiler.fs.File(str(source.path.absolute()))
            _object(self.compiler, node, path, self.includes, ["-w"] if source.is_external else [])
        return node


def _archive(target, source, env):
    """The generated objects and the kernels of the models, by the user's own commands."""
    objects = [*source[env["SCONNX_LOWERED"] :], *env["SCONNX_KERNELS"].all()]
    for command in ("ARCOM", "RANLIBCOM"):
        if command in env and (status := Action(f"${command}", f"${command}STR")(target, objects, env)):
            return status
    return 0


def _copy(target, source, env):
    shutil.copyfile(source[0].path, target[0].path)


def _library(steps, compiler, settings, folder, models, objects, kernels):
    """The library, which is there only if it is within the budgets, and its report."""
    name, scanner = settings.name, Scanner(kernels.scan)
    archive = compiler.Command(
        folder.File(f"archive/lib{name}.a"),
        [kernels.lowered, objects],
        Action(_archive, None, varlist=ARCHIVE),
        source_scanner=scanner,
        SCONNX_KERNELS=kernels,
        SCONNX_LOWERED=len(kernels.lowered),
    )
    # As in sconnx_library: kernels wait for the steps up to lower, and for params alone of those that come after.
    early = Builder(action=Action([], None), target_factory=compiler.ans.Alias, source_scanner=scanner)
    compiler.Requires(
        archive,
        early(compiler, f"kernels of {folder.path}", [kernels.lowered, [model.sources[-1] for model in models]]),
    )
    options = build_options(settings, steps.SconnxRules(settings))
    options |= {"toolchain": PurePath(compiler.subst("$CC")).name}
    files = [folder.File(name) for name in STEPS["measure"].outputs]
    planned = [[model.lowered, model.meminfo, model.packed] for model in models]
    report = steps.SconnxStep("measure", files, [archive, planned], options)
    budget = steps.SconnxStep("budget", folder.File("budget.json"), report[0], options)
    library = compiler.Command(folder.File(f"lib{name}.a"), archive, Action(_copy, None))
    compiler.Depends(library, budget)
    return library, report


def _neural_report(env, firmware, model, arena="", stack=""):
    """What of the model's library is in a linked firmware, which calls the arena `arena`: linked.json and linked.txt.

    It fails where a model's calls take more than the budget `stack`: a size, or `kws:600`.
    """
    firmware = env.Flatten([firmware])[0]
    with _at_top(env):
        options = model.options | {"arena": arena, "stack": str(stack)}
        files = [model.library.dir.File(f"{firmware.name}.{name}") for name in ("linked.json", "linked.txt")]
        return _steps(env).SconnxStep("reconcile", files, [firmware, model.library, model.planned], options)


def generate(env):
    env.AddMethod(_neural_report, "NeuralReport")
    env.AddMethod(_neural_model, "NeuralModel")
    env.AddMethod(_neural_models, "NeuralModels")


def exists(env):
    return True
