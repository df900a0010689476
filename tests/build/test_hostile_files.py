# SPDX-License-Identifier: Apache-2.0
"""Names that try to be something else: to a shell, to SCons, to C, to a path."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.build.bad_models import with_names
from tests.build.scons_checkout import Checkout, clone

MODEL = "examples/mnist/mnist.onnx"
FILES = [
    "two words.onnx",
    " leading and trailing .onnx",
    'it\'s "quoted".onnx',
    "$(touch pwned).onnx",
    "`touch pwned`.onnx",
    "a;touch pwned;.onnx",
    "a&&touch pwned.onnx",
    "a|tee pwned.onnx",
    ">pwned.onnx",
    "${SOURCE} $TARGET $).onnx",
    "back\\slash.onnx",
    "-o.onnx",
    "--help.onnx",
    "@-silent.onnx",
    "#top.onnx",
    "~root.onnx",
    "*?[a].onnx",
    "a=b.onnx",
    "100%.onnx",
    "Ünïcödé 模型 🧠.onnx",
    "é" * 50 + "x" * 50 + ".onnx",
    "int.onnx",
    "CON.onnx",
]


@pytest.fixture(scope="module")
def hostage(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return clone(built, tmp_path_factory.mktemp("hostage") / "checkout")


@pytest.mark.parametrize("file", FILES)
def test_file_name(hostage: Checkout, file: str) -> None:
    path = hostage.path(file)
    shutil.copy(hostage.path(MODEL), path)
    before = hostage.everything()
    outcome = hostage.build(f"model={file}", "graph")
    (step,) = outcome.steps
    name = step.removeprefix("IMPORT ").removesuffix("/graph.json")
    assert name.isidentifier()
    assert name.isascii()
    assert hostage.everything() == before
    assert hostage.build(f"model={file}", "graph").steps == []
    path.unlink()
    # Another file of the same content and name would be up to date.
    shutil.rmtree(hostage.path(f"build/cortex-m7/{name}"))


LINE = '"*/ int pwned(void) { return 1; }\n#define int long\n/* \\'
NODE_NAMES = [
    LINE,
    "../../../pwned",
    "/etc/passwd",
    "int",
    "x" * 300,
    "a b",
    "a-b",
    "a_b",
    "trailing backslash \\",
    "??/ trigraph ??*/",
    "{{ 7 * 7 }}{% include 'x' %}",
    "$(touch pwned)",
    "\u202e right to left \x1b[31m red",
    "%s%n",
    "",
]


def test_names_of_tensors_and_nodes(hostage: Checkout) -> None:
    with_names(
        hostage.path(MODEL), hostage.path("$(touch a) b;.onnx"), {"image": LINE, "logits": "../" * 40}, NODE_NAMES
    )
    before = hostage.everything()
    arguments = ("model=$(touch a) b;.onnx", "run", "verify", "graph", "firmware")
    outcome = hostage.build(*arguments)
    assert "bit-exact" in outcome.output
    assert "\x1b" not in outcome.output
    assert hostage.everything() == before
    folder = hostage.path("build/cortex-m7/touch_a_b")
    code = [path for path in folder.iterdir() if path.suffix in (".c", ".h", ".hpp")]
    assert {path.name for path in code} == {
        "touch_a_b.h",
        "touch_a_b.hpp",
        "touch_a_b.c",
        "touch_a_b_sections.h",
        "touch_a_b_params.c",
    }
    for path in [*code, folder / "firmware/main.c"]:
        text = path.read_text(encoding="ascii")
        assert not any(line.lstrip().startswith(("int pwned", "#define int")) for line in text.splitlines())
        assert "49" not in [word.strip() for word in text.split("*")], "a template was filled in"
    assert hostage.build(*arguments).steps == []


def test_folder_name(fresh_checkout: Callable[[str], Checkout]) -> None:
    checkout = fresh_checkout("$(touch x) `id` ${TARGET} ; 'single' \"double\" ü #")
    assert "bit-exact" in checkout.build("verify").output
    assert checkout.build("verify").steps == []
    assert "BUDGET mnist/budget.json" in checkout.build("report").steps
