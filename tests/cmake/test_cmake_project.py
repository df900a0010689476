# SPDX-License-Identifier: Apache-2.0
"""`sconnx_add_model` in projects of others: what they build computes, what an edit makes again, and what is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import sconnx
from sconnx.cmake.generation import depfile
from sconnx.project.library_settings import argument_names
from tests.package.conftest import MAIN
from tests.tiny_models import ROOT
from tests.two_models import TWO_MODELS
from tests.two_models import check_program as check_two_models

CONFIG = ROOT / "site_scons/sconnx/cmake"
MNIST = ROOT / "examples/mnist/mnist.onnx"
LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(app LANGUAGES C)
find_package(sconnx 0.1 REQUIRED)
sconnx_add_model(mnist MODEL models/mnist.onnx TARGET {target} RAM 8K FLASH 96K)
add_executable(app main.c)
target_link_libraries(app PRIVATE mnist)
"""
TWO_LISTS = """
sconnx_add_model(edges MODEL models/edges.onnx TARGET host)
sconnx_add_model(digits MODEL models/digits.onnx TARGET host)
add_executable(both both.c)
target_link_libraries(both PRIVATE edges digits)
"""
ARM = """\
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m3 -mthumb")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--specs=nosys.specs")
"""
NINJA, MAKE = "Ninja", "Unix Makefiles"
_RUN = re.compile(
    r"^\[[^\]]+\] (Generating|Building|Linking|Measuring) (?:C (object|static library|executable) )?(.*)$", re.M
)


class Project:
    """A folder with a project of somebody else's, and its build folder `out`."""

    def __init__(self, folder: Path, target: str, generator: str, *options: str) -> None:
        self.folder = folder
        (folder / "models").mkdir(parents=True)
        shutil.copy(MNIST, folder / "models")
        (folder / "main.c").write_text(MAIN)
        (folder / "CMakeLists.txt").write_text(LISTS.format(target=target))
        self.configured = self.cmake(
            *("-S", ".", "-B", "out", "-G", generator, f"-Dsconnx_DIR={CONFIG}", f"-Dsconnx_PYTHON={sys.executable}"),
            *options,
        )

    def cmake(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["cmake", *words], cwd=self.folder, capture_output=True, text=True, check=False)

    def build(self) -> subprocess.CompletedProcess[str]:
        return self.cmake("--build", "out", "--parallel", "2")

    def ran(self) -> list[str]:
        """Build, which must succeed: the commands that ran, in short and sorted."""
        done = self.build()
        assert done.returncode == 0, done.stdout + done.stderr
        return sorted(" ".join(filter(None, (verb, Path(what).name))) for verb, _, what in _RUN.findall(done.stdout))

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new))


@pytest.fixture(scope="module", params=[NINJA, MAKE])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Built for the build machine, with kernels in plain C, in a folder whose path is not a plain one."""
    if shutil.which("cmake") is None or (request.param == NINJA and shutil.which("ninja") is None):
        pytest.skip("needs cmake and ninja")
    made = Project(tmp_path_factory.mktemp("cmake") / "mein Gerät", "host", request.param)
    assert made.configured.returncode == 0, made.configured.stderr
    made.ran()
    return made


def test_program_equals_onnxruntime(project: Project, check_program: Callable[[Path], None]) -> None:
    check_program(project.folder / "out/app")


def change_a_weight(model: Path) -> None:
    graph = onnx.load(model)
    weights = max(
        (t for t in graph.graph.initializer if t.data_type == onnx.TensorProto.INT8), key=lambda t: len(t.raw_data)
    )
    values = numpy_helper.to_array(weights).copy()
    values.flat[values.size // 2] ^= 1
    weights.raw_data = np.ascontiguousarray(values).tobytes()
    onnx.save(graph, model)


def test_an_edit_makes_again_what_depends_on_it_and_nothing_else(project: Project) -> None:
    assert project.ran() == []
    model = project.folder / "models/mnist.onnx"
    model.touch()
    assert project.ran() == ["Generating mnist for host", "Measuring mnist for host"]
    change_a_weight(model)
    assert project.ran() == [
        "Building mnist_params.c.o",
        "Generating mnist for host",
        "Linking app",
        "Linking libmnist.a",
        "Measuring mnist for host",
    ]
    assert project.ran() == []
    project.replace("CMakeLists.txt", "RAM 8K", "RAM 9K")
    assert project.ran() == ["Generating mnist for host", "Measuring mnist for host"]
    (project.folder / "out/sconnx/host/mnist/mnist.h").unlink()
    assert "Generating mnist for host" in project.ran()
    assert project.ran() == []


def test_over_budget_fails_the_build_and_says_by_how_much(project: Project) -> None:
    project.replace("CMakeLists.txt", "FLASH 96K", "FLASH 9K")
    try:
        done = project.build()
        assert done.returncode != 0
        assert re.search(
            r"error\[E410\]: flash budget exceeded: requested [\d,]+, available 9,216, missing [\d,]+ bytes",
            done.stdout + done.stderr,
        )
    finally:
        project.replace("CMakeLists.txt", "FLASH 9K", "FLASH 96K")
    assert project.ran()


def test_two_models_share_an_arena_and_their_kernels(project: Project) -> None:
    models = project.folder / "models"
    shutil.copy(ROOT / "examples/scons_firmware/models/edges.onnx", models)
    shutil.copy(MNIST, models / "digits.onnx")
    (project.folder / "both.c").write_text(TWO_MODELS)
    with (project.folder / "CMakeLists.txt").open("a") as lists:
        lists.write(TWO_LISTS)
    built = project.ran()
    assert {"Generating edges for host", "Generating digits for host", "Linking both"} <= set(built)
    assert "Linking libsconnx_kernels_host.a" not in built, "they are compiled for the first model"
    check_two_models(project.folder / "out/both", models / "edges.onnx", models / "digits.onnx")
    done = subprocess.run(["nm", "-S", project.folder / "out/both"], capture_output=True, text=True, check=True)
    assert len(re.findall(r" sx_conv2d_s8_onnx$", done.stdout, re.M)) == 1
    assert len(re.findall(r" (?:edges|digits)_model_hash$", done.stdout, re.M)) == 2
    plans = [
        int(re.findall(r"_ARENA_BYTES (\d+)", (project.folder / f"out/sconnx/host/{name}/{name}.h").read_text())[0])
        for name in ("edges", "digits")
    ]
    (arena,) = re.findall(r"^\w+ (\w+) b arena$", done.stdout, re.M)
    assert int(arena, 16) == max(plans) > min(plans)
    change_a_weight(models / "digits.onnx")
    assert project.ran() == [
        "Building digits_params.c.o",
        "Generating digits for host",
        "Linking both",
        "Linking libdigits.a",
        "Measuring digits for host",
    ]


def test_a_cortex_m_is_linked_within_its_budgets(tmp_path: Path) -> None:
    if shutil.which("cmake") is None or shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs cmake and arm-none-eabi-gcc")
    (tmp_path / "arm.cmake").write_text(ARM)
    project = Project(tmp_path / "project", "cortex-m3", MAKE, f"-DCMAKE_TOOLCHAIN_FILE={tmp_path / 'arm.cmake'}")
    assert project.ran()
    report = (project.folder / "out/sconnx/cortex-m3/mnist/report.txt").read_text()
    assert report.startswith("mnist for cortex-m3 on any board (GNU, optimize=balanced, rule onnx)\n")
    symbols = subprocess.run(
        ["arm-none-eabi-nm", "out/app"], cwd=project.folder, capture_output=True, text=True, check=True
    )
    kernels = set(re.findall(r"\b(sx_\w+_onnx)$", symbols.stdout, re.M))
    assert "sx_conv2d_s8_onnx" in kernels
    assert "sx_softmax_s8_onnx" not in kernels, "the linker leaves out what the model does not use"


def test_wrong_request_is_refused_at_configuration(tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("needs cmake")
    project = Project(tmp_path / "project", "cortex-m3 RAM 24Q OPTIMIZE quick", MAKE)
    assert project.configured.returncode != 0
    said = re.sub(r"\s+", " ", project.configured.stderr)
    assert "error[E701]: unknown value 'quick' of optimize= (help: " in said
    assert "Traceback" not in said


def test_arguments_are_those_of_the_other_builds() -> None:
    text = (CONFIG / "sconnxConfig.cmake").read_text()
    listed = re.search(r"set\(variables ([A-Z_ ]+)\)", text)
    assert listed is not None
    words = {word.lower() for word in listed[1].split()} | {"target", "rules"}
    assert words == set(argument_names()) - {"concurrent"}


def test_version_is_that_of_the_package() -> None:
    assert f'set(PACKAGE_VERSION "{sconnx.__version__}")' in (CONFIG / "sconnxConfigVersion.cmake").read_text()


def test_depfile_escapes_as_compilers_do() -> None:
    assert depfile(Path("a b"), [Path("/c d#e$f")]) == "a\\ b: \\\n  /c\\ d\\#e$$f\n"
