# SPDX-License-Identifier: Apache-2.0
"""The library in other people's programs: two models behind C and C++, one arena, kernels once, headers that do not fit."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from test_dtypes import mixed_model, sources

from sconnx.codegen.params_source import model_hash
from sconnx.elf.image import read_image
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.export.lowered import read_lowered
from sconnx.graph.model import Model
from sconnx.graph.operator import Conv2D, FullyConnected, Reshape
from sconnx.graph.params import Params
from sconnx.memory.meminfo import read_plan
from sconnx.steps import import_model
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import Toolchain, find_toolchain
from tests.export.outside import blocks
from tests.tiny_models import ROOT, Chain
from tests.tiny_pipeline import KERNELS, SUPPORT, Pipeline, build_pipeline

PROGRAMS = Path(__file__).parent / "application"
TARGET = "cortex-m4"
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror")
CXX = ("-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-Wold-style-cast", *WARNINGS)
COMPILERS = ("gcc", "zig", "clang")


def wide_model() -> Model:
    """More RAM than the tiny model, and a convolution and a fully connected layer as it has."""
    chain = Chain("wide")
    x = chain.input(1, 9, 8, 2, name="image")
    weights, bias = chain.constant(5, 3, 3, 2), chain.constant(5, dtype=np.int32)
    conv = chain.node(Conv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1)), x, weights, bias)
    flat = chain.node(Reshape(dims=(1, 360)), conv)
    scores = chain.node(FullyConnected(), flat, chain.constant(3, 360), chain.constant(3, dtype=np.int32), output="s")
    return chain.build(scores)


@dataclass(frozen=True)
class Models:
    """The exports of two models, and what compilers need of both."""

    tiny: Pipeline
    wide: Pipeline

    @property
    def includes(self) -> list[str]:
        folders = (self.tiny.folder, self.wide.folder, KERNELS / "include", KERNELS / "generic", SUPPORT)
        return [f"-I{folder}" for folder in folders]

    @property
    def archives(self) -> list[str]:
        return [str(self.tiny.folder / "libtiny.a"), str(self.wide.folder / "libwide.a")]

    @property
    def support(self) -> list[str]:
        """Start-up and run-time, which the first of the firmwares has compiled."""
        names = ("startup", "runtime", "float32", "semihosting")
        return [str(self.tiny.folder / f"main/{name}.o") for name in names]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(
        build_pipeline(tmp_path_factory.mktemp("tiny")),
        build_pipeline(tmp_path_factory.mktemp("wide"), model=wide_model()),
    )


def toolchain(name: str) -> Toolchain:
    if shutil.which({"gcc": "arm-none-eabi-gcc", "clang": "clang"}.get(name, "true")) is None:
        pytest.skip(f"{name} is not installed")
    return find_toolchain(name, load_cpu(TARGET))


def compiled(name: str, source: Path, models: Models, *flags: str) -> str:
    """An object of a program in C or C++, compiled as strictly as we can; what the compiler said is an error."""
    found = toolchain(name)
    target = [flag for flag in found.compile_flags if not flag.startswith("-std=")]
    command = [*found.cc, "-std=c11", *WARNINGS]
    if source.suffix == ".cpp":
        compiler = {"gcc": ("arm-none-eabi-g++",), "zig": (found.cc[0], "c++"), "clang": ("clang++",)}[name]
        command = [*compiler, *CXX]
    output = str(models.tiny.folder / f"{source.name}-{name}.o")
    words = [*command, *target, "-O2", *flags, *models.includes, "-c", str(source), "-o", output]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, ""), name
    return output


def linked(name: str, inputs: list[str], models: Models) -> Path:
    elf = models.tiny.folder / f"{Path(inputs[0]).stem}.elf"
    words = toolchain(name).link_command(str(elf), inputs, str(models.tiny.folder / "link.ld"))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    # GNU ld has a word to say of objects from elsewhere that do not say whether the stack is executable.
    assert done.returncode == 0, done.stderr
    return elf


def outputs_alone(pipeline: Pipeline, content: bytes) -> bytes:
    """What the model's own firmware writes for an input."""
    return run_elf(pipeline.folder / "firmware.elf", content)


def run_elf(elf: Path, content: bytes) -> bytes:
    cpu = load_cpu(TARGET)
    run = run_firmware(elf, cpu, load_board("", cpu), content)
    assert run.exit_status == 0
    return run.stdout


@pytest.mark.parametrize("name", COMPILERS)
@pytest.mark.parametrize("program", ["two_models.c", "two_models.cpp"])
def test_two_models_share_a_program(models: Models, program: str, name: str) -> None:
    """Bit-exact to their own firmwares in turns on one arena, with either archive first."""
    random = np.random.default_rng(5)
    contents = [random.integers(-128, 128, size, dtype=np.int8).tobytes() for size in (60, 144)]
    expected = [outputs_alone(one, content) for one, content in zip((models.tiny, models.wide), contents, strict=True)]
    main = compiled(name, PROGRAMS / program, models)
    for archives in (models.archives, models.archives[::-1]):
        elf = linked(name, [main, *models.support, *archives], models)
        assert run_elf(elf, contents[0] + contents[1] + contents[0]) == expected[0] + expected[1] + expected[0]
    image = read_image(elf, load_board("", load_cpu(TARGET)).regions)
    plans = [read_plan(one.folder / "meminfo.json") for one in (models.tiny, models.wide)]
    assert image.symbol("shared").size_bytes == max(plan.arena_bytes for plan in plans)
    functions = Counter(symbol.name for symbol in image.symbols if symbol.kind == "function" and symbol.is_global)
    assert functions["tiny_run"] == functions["wide_run"] == 1
    assert {symbol: count for symbol, count in functions.items() if symbol.startswith("sx_") and count > 1} == {}
    kernels = [set(read_lowered(one.folder / "lowered.json").kernels) for one in (models.tiny, models.wide)]
    assert kernels[0] & kernels[1]
    assert {kernel for _, kernel in kernels[0] & kernels[1]} <= functions.keys()
    hashes = [
        model_hash(read_lowered(one.folder / "lowered.json").graph, Params.from_npz(one.folder / "params.npz"))
        for one in (models.tiny, models.wide)
    ]
    assert hashes[0] != hashes[1]
    symbols = [image.symbol(f"{one}_model_hash") for one in ("tiny", "wide")]
    assert [image.content(symbol.address, 17).decode() for symbol in symbols] == [f"{text}\0" for text in hashes]
    assert not [symbol.name for symbol in image.symbols if re.search("malloc|_Zn|__cxa|_ZTI|unwind", symbol.name)]


@pytest.mark.parametrize("name", COMPILERS)
def test_a_stale_header_does_not_link(models: Models, tmp_path: Path, name: str) -> None:
    """Here of an export with a smaller arena."""
    header = (models.tiny.folder / "tiny.h").read_text()
    (old,) = re.findall(r"TINY_HEADER 0x(\w{8})u", header)
    (tmp_path / "tiny.h").write_text(header.replace(old, "0badc0de"))
    main = compiled(name, PROGRAMS / "two_models.c", models, f"-I{tmp_path}")
    words = toolchain(name).link_command(
        str(tmp_path / "f.elf"), [main, *models.support, *models.archives], str(models.tiny.folder / "link.ld")
    )
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert re.search("undefined (reference to|symbol:) .?tiny_init_of_header_0badc0de", done.stderr)


def test_code_of_another_export_does_not_compile(models: Models, tmp_path: Path) -> None:
    header = (models.tiny.folder / "tiny.h").read_text()
    changed = re.sub("TINY_HEADER 0x.*", "TINY_HEADER 0x0badc0deu", header)
    (tmp_path / "tiny.h").write_text(changed)
    shutil.copy(models.tiny.folder / "tiny.c", tmp_path)
    words = [*toolchain("zig").cc, *toolchain("zig").compile_flags, "-c", str(tmp_path / "tiny.c"), *models.includes]
    words += [f"-I{KERNELS / 'arm_dsp'}", "-o", str(tmp_path / "tiny.o")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "tiny.h and tiny.c are of two exports; generate both again" in done.stderr


@pytest.mark.parametrize("name", COMPILERS)
def test_models_of_other_kernels_do_not_link(models: Models, tmp_path: Path, name: str) -> None:
    """Both have sx_conv2d..., of which a linker takes one: here wide is generated for kernels of another ABI."""
    (abi,) = re.findall(r"#define SX_ABI (\d+)", (KERNELS / "include/sx_status.h").read_text())
    for path in (KERNELS / "include/sx_status.h", models.wide.folder / "wide.h", models.wide.folder / "wide.c"):
        text = path.read_text().replace(f"SX_ABI {abi}", "SX_ABI 99").replace(f"SX_ABI != {abi}", "SX_ABI != 99")
        (tmp_path / path.name).write_text(text)
    found = toolchain(name)
    folders = [str(tmp_path), *(str(KERNELS / lib) for lib in ("include", "arm_dsp", "generic"))]
    words = found.compile_command(str(tmp_path / "wide.c"), str(tmp_path / "wide.o"), optimize="ram", includes=folders)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    main = compiled(name, PROGRAMS / "two_models.c", models)
    inputs = [main, *models.support, str(tmp_path / "wide.o"), *models.archives]
    words = found.link_command(str(tmp_path / "f.elf"), inputs, str(models.tiny.folder / "link.ld"))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert re.search(r"(multiple definition of|duplicate symbol:) .?sx_kernels_abi", done.stderr), done.stderr


def test_the_header_changes_its_mark_with_anything_in_it() -> None:
    def marks(policy: str, output: str) -> set[str]:
        text = sources(mixed_model(), policy, output)["mixed.h"].decode()
        return set(re.findall(r"(?<=init_of_header_|MIXED_HEADER 0x)\w{8}", text))

    (first,), (again,), (other,), (third,) = (
        marks(*policies)
        for policies in (("keep", "arena"), ("keep", "arena"), ("clobber", "arena"), ("keep", "caller"))
    )
    assert first == again and len({first, other, third}) == 3


def compiled_model(models: Models, output: Path, *defines: str) -> Path:
    """The code of the tiny model once more, with macros."""
    folders = [str(models.tiny.folder), *(str(KERNELS / name) for name in ("include", "arm_dsp", "generic"))]
    source = str(models.tiny.folder / "tiny.c")
    words = toolchain("zig").compile_command(
        source, str(output), optimize="balanced", includes=folders, defines=defines
    )
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return output


def test_a_hook_sees_every_step(models: Models, tmp_path: Path) -> None:
    """With the macro the generated code calls it; without, there is not a byte of it."""
    quiet = compiled_model(models, tmp_path / "quiet.o")
    hooked = compiled_model(models, tmp_path / "hooked.o", "SX_TRACE_FUNCTION=layer_done")
    assert b"layer_done" in hooked.read_bytes() and b"layer_done" not in quiet.read_bytes()
    main = compiled("zig", PROGRAMS / "hooked.c", models)
    elf = linked("zig", [main, *models.support, str(hooked), models.archives[0]], models)
    steps = (models.tiny.folder / "tiny.c").read_text().count("SX_TRACE_STEP(")
    assert run_elf(elf, bytes(60)) == bytes(range(steps))
    assert steps >= 2


def test_an_inference_in_the_middle_of_another_one(models: Models, tmp_path: Path) -> None:
    """Of the same model, after each of its steps: neither disturbs the other."""
    random = np.random.default_rng(7)
    inner, outer = (random.integers(-128, 128, 60, dtype=np.int8).tobytes() for _ in range(2))
    expected = [outputs_alone(models.tiny, content) for content in (inner, outer)]
    hooked = compiled_model(models, tmp_path / "hooked.o", "SX_TRACE_FUNCTION=layer_done")
    main = compiled("zig", PROGRAMS / "nested.c", models)
    elf = linked("zig", [main, *models.support, str(hooked), models.archives[0]], models)
    steps = (models.tiny.folder / "tiny.c").read_text().count("SX_TRACE_STEP(")
    assert run_elf(elf, inner + outer) == expected[0] * steps + expected[1]


@pytest.mark.parametrize("name", COMPILERS)
@pytest.mark.parametrize("policies", [("keep", "arena"), ("stream", "arena"), ("keep", "caller")])
def test_headers_of_every_interface(models: Models, tmp_path: Path, name: str, policies: tuple[str, str]) -> None:
    """Of all dtypes, with rows that are pushed, and with outputs of the caller: a program calls all there is."""
    for file, content in sources(mixed_model(), *policies).items():
        (tmp_path / file).write_bytes(content)
    program = PROGRAMS / f"mixed_{'rows' if policies[0] == 'stream' else policies[1]}.cpp"
    compiled(name, program, models, f"-I{tmp_path}")


def test_views_and_quantisation() -> None:
    """On this machine, with assertions at compile time."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    words = ["g++", *CXX, f"-I{KERNELS / 'include'}", "-fsyntax-only", str(PROGRAMS / "views.cpp")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def mnist(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The headers of the example."""
    example = import_model.run({**models.tiny.options, "name": "mnist"}, [ROOT / "examples/mnist/mnist.onnx"])
    folder = tmp_path_factory.mktemp("mnist")
    for name, content in zip(("graph.json", "params.npz", "interface.json"), example, strict=True):
        (folder / name).write_bytes(content)
    exported = Pipeline(folder, {**models.tiny.options, "name": "mnist"}, models.tiny.model)
    for step in ("lower", "schedule", "memory", "generate"):
        exported.run(step)
    for end in ("h", "hpp"):
        text = (models.tiny.folder / f"tiny.{end}").read_text()
        (folder / f"other.{end}").write_text(text.replace("tiny", "other").replace("TINY", "OTHER"))
    return folder


@pytest.mark.parametrize("name", COMPILERS)
def test_the_programs_of_the_page(models: Models, mnist: Path, tmp_path: Path, name: str) -> None:
    programs = [(language, text) for _, language, text in blocks(ROOT / "docs/application.md") if language != "text"]
    assert [language for language, _ in programs] == ["c", "cpp", "c"]
    for number, (language, text) in enumerate(programs):
        source = tmp_path / f"page{number}.{language}"
        source.write_text(text)
        compiled(name, source, models, f"-I{mnist}")


def test_the_page_names_what_there_is(mnist: Path) -> None:
    page = (ROOT / "docs/application.md").read_text()
    code = "".join(path.read_text() for path in mnist.glob("mnist*.*") if path.suffix in (".h", ".hpp", ".c"))
    code += "".join((KERNELS / f"include/{name}").read_text() for name in ("sx_status.h", "sx_port.h"))
    named = set(re.findall(r"\b(?:mnist|MNIST|SX|sx)_\w+", page)) - {"mnist_params", "mnist_init_of_header_3fbae8ba"}
    streamed = {"mnist_reset", "mnist_push_row", "mnist_input_image_row", "mnist_model_hash"}
    assert sorted(name for name in named - streamed if name not in code) == []
