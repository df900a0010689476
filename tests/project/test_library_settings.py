# SPDX-License-Identifier: Apache-2.0
"""Arguments of `NeuralModel` as settings: what a build file may write, and what it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.annotations import github_lines
from sconnx.errors import SconnxError
from sconnx.project.library_settings import (
    argument_names,
    check_cpu,
    check_new,
    kernel_folder,
    library_settings,
    locate,
)
from sconnx.project.settings import parse_settings


@pytest.fixture(autouse=True)
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("src/models/kws.tflite", "src/models/vad.onnx", "src/rules/mine/__init__.py", "common/rules/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_arguments_are_the_variables_of_a_build() -> None:
    settings = library_settings(
        {"kws": "models/kws.tflite", "vad": "#src/models/vad.onnx"},
        {
            "target": "cortex-m4",
            "ram": "24K",
            "flash": 96 * 1024,
            "concurrent": True,
            "pin": ["kws:x:sram", "vad:y:sram"],
            "rules": ["rules", "#common/rules"],
            "weights": None,
        },
        "src",
    )
    assert settings == parse_settings(
        {
            "model": "src/models/kws.tflite,src/models/vad.onnx",
            "name": "kws,vad",
            "target": "cortex-m4",
            "ram": "24K",
            "flash": "98304",
            "concurrent": "1",
            "pin": "kws:x:sram,vad:y:sram",
            "rules": "src/rules:common/rules",
        }
    )


def test_paths_of_the_top_folder_and_absolute_ones(top: Path) -> None:
    arguments = {"target": "host"}
    assert library_settings({"kws": "src/models/kws.tflite"}, arguments).models[0].path == "src/models/kws.tflite"
    absolute = str(top / "src/models/kws.tflite")
    assert library_settings({"kws": absolute}, arguments, "src").models[0].path == absolute
    assert library_settings({"kws": Path("models/kws.tflite")}, arguments, str(top / "src")).models[0].name == "kws"


def test_all_problems_at_once() -> None:
    with pytest.raises(SconnxError) as caught:
        library_settings({"kws": "models/kws.tflite"}, {"rma": "24K", "toolchain": "gcc"}, "src")
    assert {"target", "ram", "pin", "rules"} <= set(argument_names()) and "toolchain" not in argument_names()
    assert str(caught.value).splitlines() == [
        "error[E701]: unknown argument 'rma' (help: did you mean 'ram'?)",
        f"error[E701]: unknown argument 'toolchain' (help: one of: {', '.join(argument_names())})",
        "error[E702]: target= is missing (help: target='cortex-m7', the CPU that your firmware is compiled for)",
    ]
    with pytest.raises(SconnxError) as caught:
        library_settings({"k-w": "models/kws.tflite", "vad": "models/none.onnx"}, {"target": "cortex-m7", "ram": "x"})
    located = locate(caught.value, "SConstruct:3")
    assert [line.split(",")[0] for line in github_lines(located)] == ["::error file=SConstruct"] * 4
    assert [line.split(": ", 1)[1] for line in str(located).splitlines()] == [
        "kws.tflite: error[E101]: model=models/kws.tflite: no such file",
        "none.onnx: error[E101]: model=models/none.onnx: no such file",
        "error[E702]: name=k-w is no identifier (help: did you mean 'k_w'?)",
        "error[E702]: ram=x is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)",
    ]


def test_a_model_that_the_build_makes_need_not_be_there() -> None:
    made = ["build/fresh.tflite"]
    settings = library_settings({"fresh": "#build/fresh.tflite"}, {"target": "cortex-m7"}, "src", made)
    assert settings.models[0].path == "build/fresh.tflite"


def test_code_is_not_for_more_than_the_flags_compile_for() -> None:
    check_cpu("cortex-m4", "arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb")
    check_cpu("cortex-m7", "armclang --target=arm-arm-none-eabi")
    check_cpu("cortex-m55", "gcc -mcpu=cortex-m85+nomve")
    check_cpu("cortex-m33", "-mcpu=cortex-m4 -mcpu=cortex-m33+nofp")
    with pytest.raises(SconnxError) as caught:
        check_cpu("cortex-m7", "arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb")
    assert str(caught.value) == (
        "error[E702]: target='cortex-m7' is for another CPU than -mcpu=cortex-m3, which has no dsp, fpu_dp, fpu_sp "
        "(help: target='cortex-m3')"
    )


def test_a_model_is_there_once() -> None:
    settings = library_settings({"kws": "#src/models/kws.tflite"}, {"target": "cortex-m7"})
    check_new(settings, "neural/cortex-m7", lambda path: False)
    with pytest.raises(SconnxError) as caught:
        check_new(settings, "neural/cortex-m7", {"neural/cortex-m7/kws/kws.h"}.__contains__)
    assert str(caught.value) == (
        "error[E703]: 'kws' for cortex-m7 is there already, in neural/cortex-m7 "
        "(help: use what the first call returned, or give this one another name or folder=)"
    )


def test_other_commands_have_another_folder() -> None:
    assert kernel_folder("gcc", "-O2") == kernel_folder("gcc", "-O2") != kernel_folder("gcc -O2", "")
