# SPDX-License-Identifier: Apache-2.0
"""examples/custom_operator beside a checkout: its README is followed to the letter."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.build.scons_checkout import ROOT, Checkout
from tests.export.outside import blocks, checkout_with_sconsw, run_as_written

EXAMPLE = ROOT / "examples/custom_operator"
BUILT = "build/cortex-m7/model"


def contents(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file, without what Python keeps beside its modules."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> tuple[Checkout, Path, list[str]]:
    """The checkout, the firmware's folder, and what each block of commands printed."""
    folder = tmp_path_factory.mktemp("side by side")
    firmware = folder / "audio_firmware"
    shutil.copytree(EXAMPLE, firmware, ignore=shutil.ignore_patterns("__pycache__"))
    checkout = checkout_with_sconsw(folder / "sconnx", zig_cache)
    # Not the one in the checkout: what is followed is a repository of its own.
    shutil.rmtree(checkout.path("examples/custom_operator"))
    before = contents(firmware), checkout.everything()
    printed = [
        run_as_written(text, firmware)
        for _, language, text in blocks(firmware / "README.md")
        if language == "sh" and "pip install" not in text  # The wheel has tests of its own.
    ]
    assert (contents(firmware), checkout.everything()) == before, "something outside build/ has changed"
    return checkout, firmware, printed


@pytest.mark.slow
def test_readme_builds_runs_and_verifies(followed: tuple[Checkout, Path, list[str]]) -> None:
    _, _, printed = followed
    assert (
        "model on mps2-an500: bit-exact, rule onnx: 2 layers and all outputs of 3 vectors equal the reference\n"
        in printed[0]
    )
    assert printed[0].endswith(
        "node 0 'make_delta_real_values': TimeDelta on cortex-m7\n  >  delta.TimeDeltaWhole  fits\n"
    )


@pytest.mark.slow
def test_only_the_kernel_that_is_used_is_linked(followed: tuple[Checkout, Path, list[str]]) -> None:
    checkout, _, _ = followed
    lowered = json.loads(checkout.path(f"{BUILT}/lowered.json").read_text())
    kernels = [(choice["lib"], choice["kernel"]) for choice in lowered["choices"]]
    assert kernels == [
        ("delta", "sx_time_delta_s8_exact"),
        ("generic", ""),
        ("arm_dsp", "sx_fully_connected_packed_s8_onnx"),
    ]
    archive = checkout.path(f"{BUILT}/libmodel.a").read_bytes()
    assert b"sx_time_delta_s8_exact" in archive
    assert b"sx_softmax" not in archive


@pytest.mark.slow
def test_no_output_names_a_folder_of_the_machine(followed: tuple[Checkout, Path, list[str]]) -> None:
    checkout, firmware, _ = followed
    place = str(firmware.parent).encode()
    texts = [path for path in checkout.path(BUILT).rglob("*") if path.is_file()]
    assert [str(path) for path in texts if place in path.read_bytes()] == []


@pytest.mark.slow
def test_a_wrong_kernel_is_found(followed: tuple[Checkout, Path, list[str]], tmp_path: Path, zig_cache: Path) -> None:
    folder = tmp_path / "wrong"
    shutil.copytree(followed[1], folder / "audio_firmware")
    checkout = checkout_with_sconsw(folder / "sconnx", zig_cache)
    kernel = folder / "audio_firmware/rules/kernels/delta/sx_time_delta_s8_exact.c"
    kernel.write_text(kernel.read_text().replace("- *before++ + half", "- *before++ - half"))
    outcome = checkout.scons("model=../audio_firmware/model.onnx", "rules=../audio_firmware/rules", "verify")
    assert outcome.status != 0
    assert len(outcome.errors) == 1
    assert "error[E510]: layer 0 'make_delta_real_values' (TimeDelta) is the first that diverges" in outcome.errors[0]


@pytest.mark.slow
def test_a_change_of_the_reference_runs_import_and_verify_again(followed: tuple[Checkout, Path, list[str]]) -> None:
    checkout, firmware, _ = followed
    arguments = ("model=../audio_firmware/model.onnx", "rules=../audio_firmware/rules", "verify")
    assert checkout.build(*arguments).steps == []
    with (firmware / "rules/operators/time_delta.py").open("a") as file:
        file.write("\n# Another comment.\n")
    again = {step.split()[0] for step in checkout.build(*arguments).steps}
    assert again == {"IMPORT", "LOWER", "PARAMS", "VERIFY"}


def test_reference_by_hand() -> None:
    from sconnx.export.library import load_operators
    from sconnx.frontend.read import read_model
    from sconnx.reference.execute import execute
    from tests.tiny_models import RULES

    load_operators((RULES, EXAMPLE / "rules"))
    model = read_model(EXAMPLE / "model.onnx", "model")
    x = np.zeros((1, 12, 8), np.int8)
    x[0, :, 0] = [0, 1, 3, 6, -128, 127, 0, -1, -3, 0, 0, 5]
    delta = execute(model, [x])[model.graph.nodes[0].outputs[0]]
    # Half of each difference, ties up, plus the zero point 3, saturated.
    assert delta[0, :, 0].tolist() == [3, 4, 4, 5, -64, 127, -60, 3, 2, 5, 3, 6]
    assert not (delta[0, :, 1:] - 3).any()


def test_a_scale_that_is_no_power_of_two_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import numpy_helper

    from sconnx.errors import SconnxError
    from sconnx.export.library import load_operators
    from sconnx.frontend.read import read_model
    from tests.tiny_models import RULES

    load_operators((RULES, EXAMPLE / "rules"))
    model = onnx.load(EXAMPLE / "model.onnx")
    for constant in model.graph.initializer:
        if constant.name in ("delta_q_scale", "delta_scale"):
            constant.CopyFrom(numpy_helper.from_array(np.asarray(0.03, np.float32), constant.name))
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(SconnxError) as caught:
        read_model(tmp_path / "other.onnx", "other")
    assert "its output scale 0.03 is not 1, 2, 4 ... 128 times its input scale 0.015625" in str(caught.value)


def test_without_the_rules_the_operator_is_unsupported() -> None:
    from sconnx.errors import SconnxError
    from sconnx.frontend.onnx.call import OPERATORS
    from sconnx.frontend.read import read_model

    known = OPERATORS.pop("example.audio.TimeDelta", None)
    try:
        with pytest.raises(SconnxError) as caught:
            read_model(EXAMPLE / "model.onnx", "model")
    finally:
        if known is not None:
            OPERATORS["example.audio.TimeDelta"] = known
    assert str(caught.value) == (
        "model.onnx: error[E201]: node 2 'make_delta_real_values': operator example.audio.TimeDelta (opset 1) is not supported "
        "(help: docs/add-an-operator.md tells how to add one)"
    )


def test_the_committed_model_is_what_the_script_writes(tmp_path: Path) -> None:
    import subprocess
    import sys

    shutil.copy2(EXAMPLE / "make_model.py", tmp_path)
    subprocess.run([sys.executable, "make_model.py"], cwd=tmp_path, check=True)
    assert (tmp_path / "model.onnx").read_bytes() == (EXAMPLE / "model.onnx").read_bytes()
