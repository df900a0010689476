# SPDX-License-Identifier: Apache-2.0
"""Bad input: an error that names the file, a status that is not 0, and the earlier outputs as they were."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.build.bad_models import with_unknown_operators
from tests.build.scons_checkout import ROOT, Checkout, Outcome, clone

MODEL = "examples/mnist/mnist.onnx"
TFLITE = ROOT.parent / "shared/models/mlperf_tiny/ad01_int8.tflite"


@pytest.fixture(scope="module")
def victim(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A built checkout for all cases, since none of them may change what is built."""
    return clone(built, tmp_path_factory.mktemp("victim") / "checkout")


def outputs(checkout: Checkout) -> dict[str, str]:
    """The built files without those that only hold what the user asked for, and reports, which name the budgets."""
    files = checkout.built().items()
    return {name: content for name, content in files if "/options/" not in name and "/report." not in name}


def fails(checkout: Checkout, *arguments: str, environment: dict[str, str] | None = None) -> Outcome:
    """Run SCons, which must fail, print nothing but errors and SCons' own line, and change nothing."""
    before, outside = outputs(checkout), checkout.everything()
    outcome = checkout.scons(*arguments, environment=environment)
    assert outcome.status == 2, outcome.output
    assert outputs(checkout) == before
    assert checkout.everything() == outside
    steps = [f"  {line.split(' ')[0]:<9} build/cortex-m7/{line.split(' ')[1]}" for line in outcome.steps]
    other = [line for line in outcome.output.splitlines() if line not in outcome.errors and line not in steps]
    report = checkout.path("build/cortex-m7/mnist/report.txt").read_text().splitlines() if "ram=1K" in arguments else []
    other = [line for line in other if line not in ("scons: `firmware' is up to date.", *report)]
    assert all(line.startswith("scons: *** [build/") for line in other), outcome.output
    assert len(other) == (len(steps) > 0)
    return outcome


def error(checkout: Checkout, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """The only error of a build that fails."""
    (line,) = fails(checkout, *arguments, environment=environment).errors
    return line


def text(path: Path) -> None:
    path.write_text("This is a shopping list: eggs, flour, milk.\n")


def halved(source: Path) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        if not source.is_file():
            pytest.skip("needs ../shared/models")
        content = source.read_bytes()
        path.write_bytes(content[: len(content) // 2])

    return write


MODELS: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.onnx": (Path.touch, "error[E102]: the file is empty (help: give a .tflite or .onnx model)"),
    "empty.tflite": (Path.touch, "error[E102]: the file is empty (help: give a .tflite or .onnx model)"),
    "text.onnx": (text, "error[E102]: "),
    "text.tflite": (
        text,
        "error[E102]: the file is not a TFLite model: its bytes 4 to 8 are not 'TFL3' "
        "(help: give a .tflite or .onnx model)",
    ),
    "half.onnx": (halved(ROOT / MODEL), "error[E102]: "),
    "half.tflite": (halved(TFLITE), "error[E103]: "),
}


@pytest.mark.parametrize("name", MODELS)
def test_bad_model(victim: Checkout, name: str) -> None:
    write, expected = MODELS[name]
    path = victim.path(name)
    write(path)
    line = error(victim, f"model={name}", "name=mnist")
    assert line.startswith(f"{name}: {expected}")
    path.unlink()


def test_unknown_operators_are_all_listed(victim: Checkout, tmp_path: Path) -> None:
    model = tmp_path / "odd.onnx"
    with_unknown_operators(victim.path(MODEL), model)
    lines = fails(victim, f"model={model}", "name=mnist").errors
    nodes = len(onnx.load(model).graph.node)
    assert [line.split(":")[0] for line in lines] == ["odd.onnx"] * 2
    for line, index, operator in zip(lines, (nodes - 2, nodes - 1), ("Frobnicate", "Defenestrate"), strict=True):
        assert f"error[E201]: node {index} 'odd {operator}': " in line
        assert "3" in line.split(operator)[-1], "no version"


def test_missing_model(victim: Checkout) -> None:
    assert error(victim, "model=no/such.onnx") == "such.onnx: error[E101]: model=no/such.onnx: no such file"


def test_model_is_a_folder(victim: Checkout) -> None:
    assert error(victim, "model=examples/mnist") == "mnist: error[E101]: model=examples/mnist: no such file"


def test_build_is_a_file(built: Checkout, tmp_path: Path) -> None:
    checkout = clone(built, tmp_path / "checkout")
    shutil.rmtree(checkout.path("build"))
    checkout.path("build").write_text("mine\n")
    outcome = checkout.scons()
    assert (outcome.status, outcome.output) == (
        2,
        "build: error[E105]: cannot make the build folder: it is a file\n",
    )
    assert checkout.path("build").read_text() == "mine\n"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_build_is_read_only(built: Checkout, tmp_path: Path) -> None:
    checkout = clone(built, tmp_path / "checkout")
    checkout.path("build").chmod(0o555)
    try:
        assert error(checkout) == "build: error[E105]: cannot write into the build folder: permission denied"
    finally:
        checkout.path("build").chmod(0o755)


def test_folder_in_the_place_of_an_output(built: Checkout, tmp_path: Path) -> None:
    checkout = clone(built, tmp_path / "checkout")
    checkout.path("build/cortex-m7/mnist/meminfo.json").unlink()
    checkout.path("build/cortex-m7/mnist/meminfo.json").mkdir()
    outcome = checkout.scons()
    assert outcome.status == 2
    assert "meminfo.json" in outcome.output


OPTIONS = {
    "targt=cortex-m7": "error[E701]: unknown variable 'targt' (help: did you mean 'target'?)",
    "target=cortex-m8": "error[E701]: unknown value 'cortex-m8' of target= (help: did you mean 'cortex-m",
    "toolchain=gc": "error[E701]: unknown value 'gc' of toolchain= (help: did you mean 'gcc'?)",
    "optimize=size": "error[E701]: unknown value 'size' of optimize= (help: one of: speed, balanced, ram)",
    "verbose=yes": "error[E701]: unknown value 'yes' of verbose= (help: one of: quiet, 0, 1)",
    "board=mps2-an550": "error[E701]: board='mps2-an550' is not known (help: did you mean 'mps2-an5",
    "board=mps2-an385": "error[E701]: board 'mps2-an385' is not for target 'cortex-m7' (help: its targets: ",
    "board=no.toml": "error[E701]: cannot read 'no.toml': No such file or directory",
    "name=my-net": "error[E702]: name=my-net is no identifier (help: did you mean 'my_net'?)",
    "name=int": "error[E702]: name=int is reserved (help: did you mean 'n_int'?)",
    "name=../x": "error[E702]: name=../x is no identifier (help: did you mean 'x'?)",
    "ram=lots": "error[E702]: ram=lots is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)",
    "flash=-1": "error[E702]: flash=-1 is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)",
    "rules=nowhere": "error[E101]: rules=nowhere: no such folder",
    "vectors=no.npz": "no.npz: error[E101]: vectors=no.npz: no such file",
    "stack=4G": "error[E702]: stack=4G is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)",
}


@pytest.mark.parametrize("argument", OPTIONS)
def test_bad_option(victim: Checkout, argument: str) -> None:
    assert error(victim, argument).startswith(OPTIONS[argument])


def test_all_bad_options_at_once(victim: Checkout) -> None:
    lines = fails(victim, "targt=x", "ram=lots", "name=int", "model=no.onnx").errors
    assert [line.split("error")[1][:6] for line in lines] == ["[E701]", "[E101]", "[E702]", "[E702]"]


def test_users_board_file(checkout: Checkout) -> None:
    board = checkout.path("site_scons/sconnx/target/data/boards/mps2-an500.toml").read_text()
    checkout.path("mine.toml").write_text(board)
    outcome = checkout.build("board=mine.toml", "report", "verify")
    assert "mnist for cortex-m7 on mine (" in outcome.output
    assert "mnist on mine: bit-exact" in outcome.output


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("cpus = [\n", "mine.toml: error[E702]: the file is not valid TOML: "),
        ("\x00", "mine.toml: error[E702]: the file is not valid TOML: "),
        ('cpus = "cortex-m7"\n', "mine.toml: error[E702]: 'cpus' must be an array of strings"),
        ('cpus = ["cortex-m7"]\nstack_bytes = 8\ncolour = 1\n', "mine.toml: error[E702]: 'colour' is not a known key"),
    ],
)
def test_malformed_board_file(victim: Checkout, content: str, expected: str) -> None:
    victim.path("mine.toml").write_text(content)
    assert error(victim, "board=mine.toml").startswith(expected)


def test_board_file_is_not_text(victim: Checkout) -> None:
    victim.path("mine.toml").write_bytes(b"\xff\xfe\x00c")
    assert error(victim, "board=mine.toml").startswith("mine.toml: error[E702]: the file is not valid TOML: ")


def arrays(**values: object) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **values)  # type: ignore[arg-type]


VECTORS: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (Path.touch, "bad.npz: error[E102]: the vectors are not an .npz file: "),
    "text": (text, "bad.npz: error[E102]: the vectors are not an .npz file: "),
    "half": (halved(ROOT / "examples/mnist/heldout.npz"), "bad.npz: error[E102]: the vectors are not an .npz file: "),
    "other names": (
        arrays(x=np.zeros(3, np.int8)),
        "bad.npz: error[E505]: the file holds no inputs of this model (help: its keys must be: in0_image)",
    ),
    "wrong shape": (
        arrays(in0_image=np.zeros((1, 1, 28, 27), np.int8)),
        "bad.npz: error[E505]: the vectors for 'image' are int8 of 1x1x28x27, not int8 or float32 of 1x1x28x28",
    ),
    "wrong type": (
        arrays(in0_image=np.zeros((1, 1, 28, 28), np.int32)),
        "bad.npz: error[E505]: the vectors for 'image' are int32 of 1x1x28x28, not int8 or float32 of 1x1x28x28",
    ),
    "wrong shape of an output": (
        arrays(in0_image=np.zeros((1, 1, 28, 28), np.int8), out0_logits=np.zeros((1, 11), np.int8)),
        "bad.npz: error[E505]: the vectors for 'logits' are int8 of 1x11, not int8 or float32 of 1x10",
    ),
    "wrong values": (
        arrays(in0_image=np.zeros((1, 1, 28, 28), np.int8), out0_logits=np.full((1, 10), 99, np.int8)),
        "mnist: error[E511]: output 'logits' differs from bad.npz: vector 0: ",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_bad_vectors(victim: Checkout, name: str) -> None:
    write, expected = VECTORS[name]
    path = victim.path("bad.npz")
    write(path)
    line = error(victim, "vectors=bad.npz", "verify")
    assert line.startswith(expected)
    path.unlink()


def test_over_both_budgets(victim: Checkout) -> None:
    summary = victim.document("report.json", "sconnx.report/2")["summary"]
    outcome = fails(victim, "ram=1K", "flash=1K")
    assert victim.path("build/cortex-m7/mnist/report.txt").read_text() in outcome.output
    lines = outcome.errors
    assert len(lines) == 2
    for line, memory in zip(lines, ("ram", "flash"), strict=True):
        used = summary[f"total_{memory}_bytes"]
        assert line.startswith(
            f"mnist: error[E410]: {memory} budget exceeded: requested {used:,}, available 1,024, "
            f"missing {used - 1024:,} bytes: largest: "
        )
    # The report names the budgets.
    assert victim.build().steps == ["INSPECT mnist/report.json"]


def test_missing_toolchain(victim: Checkout) -> None:
    line = error(victim, "toolchain=gcc", environment={"PATH": str(victim.path("examples"))})
    assert line == (
        "error[E601]: toolchain 'gcc' is not installed: 'arm-none-eabi-gcc' is not on PATH "
        "(help: install it with your system's packages, or choose toolchain=zig)"
    )


def test_the_victim_is_still_up_to_date(victim: Checkout) -> None:
    assert victim.build().steps == []
