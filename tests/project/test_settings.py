# SPDX-License-Identifier: Apache-2.0
"""The variables of a build: values, sizes, and the messages for what is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.project.folder import build_folder
from sconnx.project.nearest import nearest
from sconnx.project.settings import from_environment, parse_settings, seen_from
from sconnx.project.variables import ALIASES, check_targets, help_text, variables


def failure(*arguments: str, root: Path = Path()) -> str:
    with pytest.raises(SconnxError) as caught:
        parse_settings(dict(argument.split("=", 1) for argument in arguments), root)
    return str(caught.value)


def test_defaults() -> None:
    settings = parse_settings({})
    assert (settings.target, settings.board, settings.toolchain) == ("cortex-m7", "", "zig")
    assert (settings.models[0].path, settings.name) == ("examples/mnist/mnist.onnx", "mnist")
    assert (settings.optimize, settings.input, settings.rules, settings.verbose) == ("balanced", "keep", (), "0")
    assert settings.prune and not parse_settings({"prune": "0"}).prune
    assert (settings.budgets, settings.margin, settings.stack_bytes, settings.models[0].vectors) == ((), None, None, "")


def test_regions() -> None:
    settings = parse_settings({"memory": "dtcm:64K,sram", "weights": "qspi:1M", "pin": "a:b:sram,7:dtcm"})
    assert settings.memories == (("dtcm", 65536), ("sram", None))
    assert settings.weights == ("qspi", 1 << 20)
    assert settings.models[0].pins == (("a:b", "sram"), ("7", "dtcm"))
    assert parse_settings({"weights": "qspi"}).weights == ("qspi", None)
    assert parse_settings({}).weights is None


def test_an_empty_value_is_the_default() -> None:
    assert parse_settings({variable.name: "" for variable in variables()}) == parse_settings({})


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("24576", 24576),
        ("24K", 24576),
        ("24k", 24576),
        ("24KiB", 24576),
        ("24 kib", 24576),
        ("1M", 1 << 20),
        ("2MiB", 2 << 20),
        ("", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    budgets = parse_settings({"ram": text, "flash": text}).budgets
    assert [budget.size_bytes for budget in budgets] == [size, size][: 0 if size is None else 2]


@pytest.mark.parametrize("text", ["24KB", "-1", "1.5K", "0x100", "K", "24 K ", "1_000", "1e3"])
def test_what_is_no_size(text: str) -> None:
    assert (
        failure(f"ram={text}")
        == f"error[E702]: ram={text} is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)"
    )


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("taget=host", "error[E701]: unknown variable 'taget' (help: did you mean 'target'?)"),
        ("target=cortex-m77", "error[E701]: unknown value 'cortex-m77' of target= (help: did you mean 'cortex-m7'?)"),
        ("toolchain=keil", "error[E701]: unknown value 'keil' of toolchain= (help: one of: zig, gcc, clang)"),
        (
            "optimize=size",
            "error[E701]: unknown value 'size' of optimize= (help: one of: speed, balanced, ram)",
        ),
        ("input=keeep", "error[E701]: unknown value 'keeep' of input= (help: did you mean 'keep'?)"),
        ("verbose=yes", "error[E701]: unknown value 'yes' of verbose= (help: one of: quiet, 0, 1)"),
        ("name=My Net", "error[E702]: name=My Net is no identifier (help: did you mean 'my_net'?)"),
        ("name=stdint", "error[E702]: name=stdint is reserved (help: did you mean 'n_stdint'?)"),
        ("name=main", "error[E702]: name=main is reserved (help: did you mean 'n_main'?)"),
        ("weights=a,b", "error[E702]: weights=a,b names 2 regions, not one"),
        ("weights=a:x", "error[E702]: weights=x is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)"),
        ("memory=a,b:1K,a", "error[E702]: memory=a,b:1K,a names 'a' twice"),
        ("stack=1001", "error[E702]: stack=1001 is no multiple of 8 (help: did you mean 1008?)"),
        ("stack=many", "error[E702]: stack=many is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)"),
    ],
)
def test_messages(argument: str, message: str) -> None:
    assert failure(argument) == message


def test_an_unknown_variable_that_is_near_nothing() -> None:
    known = ", ".join(variable.name for variable in variables())
    assert failure("zzzz=1") == f"error[E701]: unknown variable 'zzzz' (help: one of: {known})"
    assert nearest("boord", ("board", "model")) == "did you mean 'board'?"


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"x")
    (tmp_path / "mine").mkdir()
    settings = parse_settings({"model": "a.onnx", "rules": "mine:mine"}, tmp_path)
    assert (settings.models[0].path, settings.name, settings.rules) == ("a.onnx", "a", ("mine", "mine"))
    missing = tmp_path / "b.onnx"
    assert failure("model=b.onnx", root=tmp_path) == f"b.onnx: error[E101]: model={missing}: no such file"
    assert failure("rules=mine:none", root=tmp_path) == "error[E101]: rules=none: no such folder"
    assert failure("vectors=v.npz", root=tmp_path).endswith("v.npz: no such file")


def test_all_problems_at_once() -> None:
    with pytest.raises(ErrorGroup) as caught:
        parse_settings({"ramm": "1", "target": "m7", "rules": "nowhere", "name": "A", "flash": "x"})
    assert [error.code for error in caught.value.errors] == ["E701", "E701", "E101", "E702", "E702"]
    assert len(str(caught.value).splitlines()) == 5


@given(st.text(max_size=50))
def test_a_suggested_name_is_accepted(name: str) -> None:
    try:
        settings = parse_settings({"name": name})
    except SconnxError as error:
        suggestion = error.help.removeprefix("did you mean '").removesuffix("'?")
        assert parse_settings({"name": suggestion}).name == suggestion
    else:
        assert settings.name == (name or "mnist")


def test_the_help_names_everything() -> None:
    text = help_text()
    for variable in variables():
        assert f"  {variable.name:<10} {variable.help}" in text
        assert all(value in text for value in variable.values)
    assert all(f"  {name:<12} {summary}" in text for name, summary in ALIASES.items())
    assert all(len(line) <= 120 for line in text.splitlines())


def test_the_build_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_folder(str(tmp_path / "build"))
    build_folder(str(tmp_path / "build"))
    (tmp_path / "file").write_text("")

    def told(path: Path) -> str:
        with pytest.raises(SconnxError) as caught:
            build_folder(str(path))
        return str(caught.value)

    assert told(tmp_path / "file") == "file: error[E105]: cannot make the build folder: it is a file"
    assert told(tmp_path / "file/build") == "build: error[E105]: cannot make the build folder: Not a directory"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert told(tmp_path / "build") == "build: error[E105]: cannot write into the build folder: permission denied"


def test_paths_are_those_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sconnx").mkdir()
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "sconnx")
    given = {
        "model": "net.onnx",
        "vectors": "/data/v.npz",
        "rules": "rules:../own",
        "cmsis_nn": "",
        "target": "cpu.toml",
        "build": "out",
        "cache": "../cache",
        "launcher": "ccache",
        "history": "builds.jsonl",
        "board": "mps2-an500",
        "name": "net",
    }
    assert seen_from(given, str(tmp_path / "app")) == {
        "model": "../app/net.onnx",
        "vectors": "/data/v.npz",
        "rules": "../app/rules:../own",
        "cmsis_nn": "",
        "target": "../app/cpu.toml",
        "build": "../app/out",
        "cache": "../cache",
        "launcher": "ccache",
        "history": "../app/builds.jsonl",
        "board": "mps2-an500",
        "name": "net",
    }
    assert seen_from(given, "") == given
    assert seen_from({"model": "a/b.onnx"}, str(tmp_path / "sconnx")) == {"model": "a/b.onnx"}


@pytest.mark.parametrize("ci", ["true", "1", "github"])
def test_the_environment_has_a_say(ci: str) -> None:
    assert from_environment({"CI": ci, "SCONNX_CACHE": "/c"}) == {"cache": "/c", "verbose": "quiet"}
    assert from_environment({"CI": "false", "PATH": "/bin"}) == from_environment({}) == {"cache": "", "verbose": ""}
    assert parse_settings({"verbose": "quiet"}).verbose == "quiet"


@pytest.mark.parametrize(
    ("given", "policy"),
    [({}, "keep"), ({"optimize": "ram"}, "clobber"), ({"optimize": "ram", "input": "keep"}, "keep")],
)
def test_the_input_may_be_overwritten_where_ram_is_favoured(given: dict[str, str], policy: str) -> None:
    assert parse_settings(given).input == policy


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("verfiy", "error[E701]: unknown target 'verfiy' (help: did you mean 'verify'?)"),
        ("nets/kws.ONNX", "error[E701]: 'nets/kws.ONNX' is no target (help: did you mean model=nets/kws.ONNX?)"),
    ],
)
def test_targets(target: str, message: str) -> None:
    check_targets(["report", "build/host/kws/report.json", "."])
    with pytest.raises(SconnxError) as caught:
        check_targets([target])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("file", "name"),
    [("kws.tflite", "kws"), ("Net.v1.onnx", "net_v1"), ("vad_2.1k.ONNX", "vad_2_1k"), ("net.v2", "net_v2")],
)
def test_the_name_is_the_whole_file_name(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).touch()
    assert parse_settings({"model": file}, tmp_path).name == name
