# SPDX-License-Identifier: Apache-2.0
"""Packages, really built by the build systems that are here, in folders with spaces, and run: equal to ONNX Runtime."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.package.conftest import MAIN, packed, run, unpacked

Check = Callable[[Path], None]

PROJECT = """\
cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES C)
{}
add_executable(app main.c)
target_link_libraries(app PRIVATE mnist::mnist)
"""
WAYS = {
    "add_subdirectory": "add_subdirectory(mnist)",
    "find_package": "find_package(mnist 1.2 REQUIRED)",
    "fetch_content": 'include(FetchContent)\nFetchContent_Declare(mnist URL "${CMAKE_SOURCE_DIR}/mnist.zip")\n'
    "FetchContent_MakeAvailable(mnist)",
}
TOOLCHAIN = """\
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--specs=nosys.specs")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the application, whose path is not a plain one."""
    folder = tmp_path / "mein Gerät"
    folder.mkdir()
    (folder / "main.c").write_text(MAIN)
    return folder


def cmake(project: Path, *options: str) -> Path:
    if shutil.which("cmake") is None:
        pytest.skip("needs cmake")
    run("cmake", "-S", ".", "-B", "out", *options, folder=project)
    run("cmake", "--build", "out", folder=project)
    return project / "out/app"


@pytest.mark.parametrize("way", WAYS)
def test_cmake_project(way: str, project: Path, host_mnist: list[Path], check_program: Check) -> None:
    content = packed("cmake", host_mnist, "host")
    (project / "mnist.zip").write_bytes(content)
    unpacked(content, project)
    (project / "CMakeLists.txt").write_text(PROJECT.format(WAYS[way]))
    generator = ("-G", "Ninja") if way == "add_subdirectory" and shutil.which("ninja") else ("-G", "Unix Makefiles")
    check_program(cmake(project, *generator, f"-Dmnist_DIR={project / 'mnist/cmake'}"))


def test_cmake_project_for_a_cortex_m(project: Path, mnist: list[Path]) -> None:
    """It compiles and links by a toolchain file; strict warnings are errors."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    unpacked(packed("cmake", mnist), project)
    (project / "arm.cmake").write_text(TOOLCHAIN)
    (project / "CMakeLists.txt").write_text(PROJECT.format(WAYS["add_subdirectory"]))
    program = cmake(project, "-DCMAKE_TOOLCHAIN_FILE=arm.cmake", "-DCMAKE_C_FLAGS=-Wall -Wextra -Wconversion -Werror")
    assert "Tag_CPU_name: " in run("arm-none-eabi-readelf", "-A", program, folder=project)


def test_make(project: Path, host_mnist: list[Path], check_program: Check) -> None:
    package = unpacked(packed("make", host_mnist, "host"), project)
    run("make", "-C", package.name, "-j2", folder=project)
    assert "is up to date" in run("make", "-C", package.name, folder=project)
    run("cc", "-std=c11", "main.c", "-Imnist/src", "mnist/build/libmnist.a", "-o", "app", folder=project)
    check_program(project / "app")


BUILDING = """\
from SCons.Script import Environment, Dir, Return, Split, File

env = Environment()

def GetCurrentDir():
    return Dir('.').srcnode().abspath

def DefineGroup(name, src, depend, CPPPATH, LOCAL_CFLAGS):
    assert depend == ['PKG_USING_MNIST'] and all(isinstance(node, type(File('x'))) for node in src)
    return env.Object(src, CPPPATH=CPPPATH, CFLAGS=env['CFLAGS'] + Split(LOCAL_CFLAGS))
"""
"""What the script of a package uses of RT-Thread's `building`."""


def test_rt_thread_package(project: Path, host_mnist: list[Path], check_program: Check) -> None:
    package = unpacked(packed("rt-thread", host_mnist, "host"), project)
    (project / "building.py").write_text(BUILDING)
    (project / "rtconfig.py").write_text("PLATFORM = 'gcc'\n")
    (project / "SConstruct").write_text(
        "import sys\nsys.path.insert(0, '.')\nimport building\n"
        f"group = SConscript('{package.name}/SConscript', variant_dir='out', duplicate=0)\n"
        f"building.env.Program('app', ['main.c', group], CPPPATH=['{package.name}/src'])\n"
    )
    run(sys.executable, "-m", "SCons", "-Q", folder=project)
    check_program(project / "app")


ZEPHYR = """\
cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES C)
set(CONFIG_MNIST y)
macro(zephyr_include_directories folder)
  include_directories("${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
endmacro()
macro(zephyr_library_named name)
  set(library ${name})
  add_library(${name} STATIC "")
endmacro()
macro(zephyr_library_sources)
  target_sources(${library} PRIVATE ${ARGN})
endmacro()
macro(zephyr_library_compile_options)
  target_compile_options(${library} PRIVATE ${ARGN})
endmacro()
add_subdirectory(mnist/zephyr)
add_executable(app main.c)
target_include_directories(app PRIVATE mnist/src)
target_link_libraries(app PRIVATE mnist)
"""
ESP_IDF = """\
cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES C)
macro(idf_component_register)
  cmake_parse_arguments(it "" "" "SRCS;INCLUDE_DIRS" ${ARGN})
  set(COMPONENT_LIB component)
  add_library(component STATIC ${it_SRCS})
  target_include_directories(component PUBLIC ${it_INCLUDE_DIRS})
endmacro()
add_subdirectory(mnist)
add_executable(app main.c)
target_link_libraries(app PRIVATE component)
"""


@pytest.mark.parametrize(("form", "lists"), [("zephyr", ZEPHYR), ("esp-idf", ESP_IDF)])
def test_packages_in_stand_ins_for_their_build_systems(
    form: str, lists: str, project: Path, host_mnist: list[Path], check_program: Check
) -> None:
    """The functions that the package calls are replaced by ones that do with CMake what those are documented to do."""
    unpacked(packed(form, host_mnist, "host"), project)
    (project / "CMakeLists.txt").write_text(lists)
    check_program(cmake(project))


def test_arduino_sketch_compiles(project: Path, mnist: list[Path]) -> None:
    package = unpacked(packed("arduino", mnist), project)
    (project / "Arduino.h").write_text(
        "struct Console { void begin(long); void println(int); };\nextern Console Serial;\n"
    )
    words = [
        "c++",
        "-std=gnu++17",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsyntax-only",
        "-include",
        "Arduino.h",
        "-x",
        "c++",
    ]
    run(*words, "-I.", "-Imnist/src", package / "examples/mnist/mnist.ino", folder=project)
