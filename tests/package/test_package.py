# SPDX-License-Identifier: Apache-2.0
"""What a package holds, whatever it is for, and what cannot be one."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from sconnx.errors import SconnxError
from sconnx.export.manifest import External, LibManifest, read_manifests
from sconnx.package import FORMATS
from sconnx.package.package import Generated, Package, make_package
from sconnx.steps.package import _models
from sconnx.target.cpu import load_cpu
from tests.package.conftest import exported, packed, run, unpacked
from tests.tiny_models import ROOT, RULES

KERNELS = ROOT / "kernels"
LIBS = read_manifests((RULES,), KERNELS)
_FILES = re.compile(r"src/(?:sx_)?\w+\.c\b|\bsx_\w+\.c\b|\bmnist(?:_params)?\.c\b")


@pytest.mark.parametrize("form", FORMATS)
def test_form_names_every_source_once_and_no_other(form: str, mnist: list[Path], tmp_path: Path) -> None:
    package = unpacked(packed(form, mnist), tmp_path)
    sources = {path.name for path in package.glob("src/*.c")}
    names = {"platformio": None, "arduino": None, "make": "Makefile", "rt-thread": "SConscript"}
    names |= {"cmake": "cmake/mnistTargets.cmake", "zephyr": "zephyr/CMakeLists.txt", "esp-idf": "CMakeLists.txt"}
    file = (names | {"cmsis-toolbox": "mnist.clayer.yml"})[form]
    if file is not None:
        named = [Path(name).name for name in _FILES.findall((package / file).read_text())]
        assert sorted(named) == sorted(sources)
    assert {"mnist.c", "mnist_params.c", "sx_conv2d_packed_s8_onnx.c"} <= sources
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_package_is_the_same_twice(mnist: list[Path]) -> None:
    content = packed("cmake", mnist)
    assert content == packed("cmake", mnist)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == sorted(archive.namelist())


def test_package_is_complete_and_holds_no_header_too_many(mnist: list[Path], tmp_path: Path) -> None:
    """The oracle is the compiler: what it says it read, of C without any other folder."""
    package = unpacked(packed("make", mnist), tmp_path)
    sources = sorted(path.name for path in package.glob("src/*.c"))
    read = run("cc", "-std=c11", "-MM", *sources, folder=package / "src")
    read += run("c++", "-std=c++17", "-MM", "-x", "c++", "mnist.hpp", folder=package / "src")
    assert {path.name for path in package.glob("src/*.h*")} == set(re.findall(r"\b\w+\.h(?:pp)?\b", read))


def test_several_models_are_one_package(mnist: list[Path], tmp_path: Path) -> None:
    """Their kernels are in it once."""
    other = exported(ROOT / "examples/mnist/mnist.onnx", "other", "cortex-m7", tmp_path / "other")
    package = unpacked(packed("make", [*mnist, *other]), tmp_path)
    assert package.name == "mnist_other"
    assert {path.stem for path in package.glob("src/*.c") if not path.name.startswith("sx_")} == {
        "mnist", "mnist_params", "other", "other_params",
    }  # fmt: skip
    run("make", "CFLAGS=-Wall -Wextra -Werror", folder=package)
    assert "static other_ctx other;" in (package / "README.md").read_text()


def test_two_packages_link_into_one_program(mnist: list[Path], host_mnist: list[Path], tmp_path: Path) -> None:
    """Both libraries have the same kernels; the linker takes each once."""
    other = exported(ROOT / "examples/mnist/mnist.onnx", "other", "host", tmp_path / "steps")
    for inputs in (host_mnist, other):
        run("make", folder=unpacked(packed("make", inputs, "host"), tmp_path))
    lines = [
        '#include "mnist.h"',
        '#include "other.h"',
        "int main(void)",
        "{",
        "    return mnist_run(0) != other_run(0);",
        "}",
    ]
    (tmp_path / "main.c").write_text("\n".join(lines))
    libraries = ["mnist/build/libmnist.a", "other/build/libother.a"]
    run("cc", "main.c", "-Imnist/src", "-Iother/src", *libraries, "-o", "app", folder=tmp_path)
    assert subprocess.run([tmp_path / "app"], check=False).returncode == 0


def test_rt_thread_index(mnist: list[Path], tmp_path: Path) -> None:
    package = unpacked(packed("rt-thread", mnist), tmp_path)
    index = json.loads((package / "package.json").read_text())
    assert (index["name"], index["enable"], index["category"]) == ("mnist", "PKG_USING_MNIST", "ai")
    assert index["site"][0]["version"] == "v1.2.3"
    assert "menuconfig PKG_USING_MNIST\n" in (package / "Kconfig").read_text()


def test_platformio_library(mnist: list[Path], tmp_path: Path) -> None:
    library = json.loads((unpacked(packed("platformio", mnist), tmp_path) / "library.json").read_text())
    assert (library["name"], library["version"], library["headers"]) == ("mnist", "1.2.3", ["mnist.h"])
    assert "-ffp-contract=off" in library["build"]["flags"]


def test_cmsis_toolbox_layer(mnist: list[Path], tmp_path: Path) -> None:
    package = unpacked(packed("cmsis-toolbox", mnist), tmp_path)
    layer = yaml.safe_load((package / "mnist.clayer.yml").read_text())["layer"]
    files = [entry["file"] for group in layer["groups"] for entry in group["files"]]
    assert files
    assert all((package / file).is_file() for file in files)
    assert layer["add-path"] == ["src"]


def test_zephyr_module_and_esp_idf_component(mnist: list[Path], tmp_path: Path) -> None:
    module = yaml.safe_load((unpacked(packed("zephyr", mnist), tmp_path) / "zephyr/module.yml").read_text())
    assert module == {"name": "mnist", "build": {"cmake": "zephyr", "kconfig": "zephyr/Kconfig"}}
    component = unpacked(packed("esp-idf", mnist), tmp_path / "esp") / "idf_component.yml"
    assert yaml.safe_load(component.read_text())["version"] == "1.2.3"


def test_arduino_properties(mnist: list[Path], tmp_path: Path) -> None:
    """The fields that the specification of libraries demands."""
    text = (unpacked(packed("arduino", mnist), tmp_path) / "library.properties").read_text()
    fields = dict(line.split("=", 1) for line in text.splitlines())
    assert {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url"} <= set(fields)
    assert (fields["includes"], fields["dot_a_linkage"]) == ("mnist.h", "true")


def changed_lib(**changes: Any) -> tuple[LibManifest, ...]:
    """The libs, with another arm_dsp."""
    return tuple(dataclasses.replace(lib, **changes) if lib.name == "arm_dsp" else lib for lib in LIBS)


def of_models(inputs: list[Path], libs: tuple[LibManifest, ...]) -> Package:
    models: list[Generated] = _models(inputs)
    return make_package(models, libs, KERNELS, load_cpu("cortex-m7"), "1.0.0")


def test_kernels_of_a_third_party_library_are_refused(mnist: list[Path]) -> None:
    libs = changed_lib(external=External("their_nn", (), ()))
    with pytest.raises(SconnxError) as refused:
        of_models(mnist, libs)
    assert str(refused.value) == (
        "error[E611]: kernels of lib 'arm_dsp' cannot be packaged: they call the third-party library 'their_nn', which has "
        "its own package and licence (help: leave their_nn= out)"
    )


def test_two_files_of_one_name_are_refused(mnist: list[Path], tmp_path: Path) -> None:
    own = tmp_path / "kernels"
    own.mkdir()
    twin = own / "sx_conv2d_packed_s8_onnx.c"
    twin.write_text("/* another one */\n")
    libs = changed_lib(kernels=(KERNELS / "arm_dsp", own))
    with pytest.raises(SconnxError) as refused:
        of_models(mnist, libs)
    assert str(refused.value) == (
        f"{twin}: error[E612]: two files of the package are called sx_conv2d_packed_s8_onnx.c "
        "(help: rename the kernel or the model)"
    )
