# SPDX-License-Identifier: Apache-2.0
"""The generated C of models with hostile names compiles, strictly, with every compiler, and holds none of the names."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings

from sconnx.codegen.interface import Interface, read_interface
from sconnx.codegen.model_source import generate, generate_wrapper
from sconnx.codegen.names import c_identifier
from sconnx.codegen.params_source import generate_params
from sconnx.codegen.sections_source import sections_text
from sconnx.errors import SconnxError
from sconnx.graph.json_form import to_bytes
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, Relu, Reshape
from sconnx.memory.planner import Memory, plan_memory
from sconnx.reference.rule import Rule
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps import firmware
from sconnx.steps.import_model import interface_of
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain
from tests.tiny_models import PLANNING, ROOT, Chain, generic_lib, lowered_of, random_models, tiny_model

INCLUDES = [ROOT / "kernels/include", ROOT / "kernels/generic", ROOT / "site_scons/sconnx/target/support"]
HOSTILE = (
    'quote"; system("rm -rf /"); //',
    "end */ int injected; /* begin",
    "line\nfeed\r#define int char",
    "../../../../etc/passwd",
    "while",
    "join\\",
    "close*\\ int injected;",
    "what???/ trigraph",
    "{{ 123 * 1001 }}{% raw %}",
    "%s%n\x00\x1b[31m\u202e\ud800é日本",
    "n" * 300,
)
MODEL_NAMES = ("stdint", "sx", "int", "9", "string", "while")


def sources(model: Model, policy: str = "keep") -> dict[str, bytes]:
    """All C text of a model by file name."""
    name = model.graph.name
    lowered = lowered_of(model)
    schedule = ExportScheduler(policy).schedule(lowered)
    plan = plan_memory(schedule, [Memory(region="ram")])
    header, source = generate(lowered, schedule, plan, interface_of(model))
    wrapper = generate_wrapper(lowered, schedule, plan, interface_of(model))
    params = generate_params(lowered, model.params, {"generic": generic_lib()})
    sections = sections_text(lowered, plan)
    files = {"h": header, "hpp": wrapper, "c": source}
    return {
        **{f"{name}.{end}": content for end, content in files.items()},
        f"{name}_sections.h": sections,
        f"{name}_params.c": params,
    }


@functools.cache
def compilers() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command of every compiler and CPU that this machine has."""
    found = []
    for name, target in (("zig", "cortex-m4"), ("zig", "host"), ("gcc", "cortex-m4"), ("gcc", "host")):
        try:
            toolchain = find_toolchain(name, load_cpu(target))
        except SconnxError:
            continue
        flags = (*toolchain.compile_flags, *toolchain.warning_flags)
        found.append((f"{name} {target}", (*toolchain.cc, *flags)))
    return tuple(found)


def compiles(folder: Path, files: dict[str, bytes], only: str = "") -> None:
    """All .c files compile, as one translation unit, without a word."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    unit = folder / "all_of_them.c"
    unit.write_text("".join(f'#include "{name}"\n' for name in files if name.endswith(".c")))
    for name, command in compilers():
        if only in name:
            includes = [f"-I{path}" for path in (folder, *INCLUDES)]
            words = [*command, *includes, "-c", str(unit), "-o", str(folder / "all.o")]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout + done.stderr) == (0, ""), name


def is_harmless(text: str) -> None:
    """Outside of comments there is nothing but the words of C and of the project."""
    assert text.isascii() and "\r" not in text and "??" not in text
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for word in ("injected", "system", "passwd", "trigraph", "nnnnn", "raw"):
        assert word not in re.sub(r"\b\w*(input|output)_\w+", "", code, flags=re.IGNORECASE)
    assert "*/" not in code and "123123" not in text


@pytest.mark.parametrize("rule", list(Rule))
def test_hostile_names_everywhere(tmp_path: Path, rule: Rule) -> None:
    for number, text in enumerate(HOSTILE):
        files = sources(tiny_model(f"m{number}", rule, text))
        for content in files.values():
            is_harmless(content.decode("ascii"))
        (tmp_path / str(number)).mkdir()
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
    everything = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    compiles(tmp_path / "all", everything)


def test_ports_whose_names_are_equal_after_cleaning(tmp_path: Path) -> None:
    chain = Chain()
    inputs = [chain.input(1, 4, name=name) for name in ("In put", "in_put", "IN-PUT", "in_put_2", "é", "", "float")]
    total = inputs[0]
    for other in inputs[1:]:
        total = chain.node(Add(), total, other)
    model = chain.build(total, chain.node(Relu(), total, output="In put"))
    names = [port.identifier for port in interface_of(model).inputs]
    assert names == ["in_put", "in_put_2", "in_put_3", "in_put_2_2", "x", "x_2", "n_float"]
    files = sources(model)
    options = {**PLANNING, "name": "tiny", "target": "cortex-m4", "board": "", "stack_bytes": None}
    plan = plan_memory(ExportScheduler().schedule(lowered_of(model)), [Memory(region="ram")])
    paths = [tmp_path / name for name in ("interface.json", "lowered.json", "meminfo.json")]
    for path, document in zip(paths, (interface_of(model), lowered_of(model), plan), strict=True):
        path.write_bytes(to_bytes(document.to_json()))
    main, script = firmware.run(options, paths)
    compiles(tmp_path, {**files, "main.c": main})
    assert script.isascii()


@pytest.mark.parametrize("given_name", MODEL_NAMES)
def test_model_names_that_mean_something_in_c(tmp_path: Path, given_name: str) -> None:
    name = c_identifier(given_name)
    compiles(tmp_path, sources(tiny_model(name)), only="gcc")


def test_constant_outputs_aliases_and_no_nodes(tmp_path: Path) -> None:
    chain = Chain("constant")
    x = chain.input(1, 4)
    constant = chain.constant(1, 4)
    model = chain.build(constant, chain.node(Add(), x, constant))
    files = sources(model)
    assert b"(void)ctx;\n    return constant_t1;" in files["constant.c"]
    empty = Chain("empty")
    y = empty.input(1, 4)
    files |= sources(empty.build(y))
    alias = Chain("alias")
    files |= sources(alias.build(alias.node(Reshape(dims=(4,)), alias.input(1, 4))))
    compiles(tmp_path, files)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(random_models())
def test_random_models_compile(tmp_path_factory: pytest.TempPathFactory, model: Model) -> None:
    compiles(tmp_path_factory.mktemp("random"), sources(model, "clobber"), only="gcc host")


def test_the_text_depends_on_nothing_else() -> None:
    assert sources(tiny_model()) == sources(tiny_model())
    assert b"intact after a run" in sources(tiny_model())["tiny.h"]
    assert b"overwritten by a run" in sources(tiny_model(), "clobber")["tiny.h"]
    assert all(os.fsencode(str(ROOT)) not in content for content in sources(tiny_model()).values())


def test_the_interface_file(tmp_path: Path) -> None:
    interface = interface_of(tiny_model(hostile="a\nb"))
    path = tmp_path / "interface.json"
    path.write_bytes(to_bytes(interface.to_json()))
    assert read_interface(path) == interface
    port = interface.inputs[0]
    assert (port.name, port.identifier, port.dims, port.size) == ("a\nb", "a_b", (1, 6, 5, 2), 60)
    assert (port.scale, port.zero_point, port.source_axes) == (0.5, -3, ())
    assert Interface.from_json(interface.to_json()) == interface
