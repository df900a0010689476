# SPDX-License-Identifier: Apache-2.0
"""`fleet.toml`: which firmwares it lists, where their files are, and the messages for what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.project.fleet import fleet_base_file, fleet_builds, fleet_options
from sconnx.project.settings import Settings


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two models beside the one with the fleet, and the current one."""
    (tmp_path / "nets").mkdir()
    (tmp_path / "fleet").mkdir()
    for name in ("kws.tflite", "vad.onnx", "golden.npz"):
        (tmp_path / "nets" / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def builds_of(text: str, **arguments: str) -> tuple[Settings, ...]:
    Path("fleet/all.toml").write_text(text)
    return fleet_builds({"fleet": "fleet/all.toml", **arguments}, ["fleet"])


def message_of(text: str, **arguments: str) -> str:
    with pytest.raises(SconnxError) as caught:
        builds_of(text, **arguments)
    return str(caught.value)


def _budgets(build: Settings) -> dict[str, int]:
    return {budget.memory: budget.size_bytes for budget in build.budgets}


FLEET = """
[all]
target = ["cortex-m4", "cortex-m7"]
ram = "64K"

[firmware.kws]
model = "../nets/kws.tflite"
vectors = "../nets/golden.npz"
flash = 65536

[firmware.kws.on.cortex-m4]
ram = "32K"
optimize = ["speed", "ram"]

[firmware.voice]
model = ["../nets/kws.tflite", "../nets/vad.onnx"]
name = ["word", "voice"]
target = "cortex-m0plus"
toolchain = "gcc"
concurrent = true
"""


def test_a_firmware_for_each_target_and_mode(root: Path) -> None:
    builds = builds_of(FLEET, growth="ram:0", build="out")
    assert [(build.name, build.target, build.optimize, _budgets(build)) for build in builds] == [
        ("kws", "cortex-m4", "speed", {"ram": 32 << 10, "flash": 64 << 10}),
        ("kws", "cortex-m4", "ram", {"ram": 32 << 10, "flash": 64 << 10}),
        ("kws", "cortex-m7", "balanced", {"ram": 64 << 10, "flash": 64 << 10}),
        ("word+voice", "cortex-m0plus", "balanced", {"ram": 64 << 10}),
    ]
    assert [build.folder for build in builds] == [
        "out/fleet/zig-speed/cortex-m4",
        "out/fleet/zig-ram/cortex-m4",
        "out/fleet/zig-balanced/cortex-m7",
        "out/fleet/gcc-balanced/cortex-m0plus",
    ]
    assert [model.path for model in builds[-1].models] == ["nets/kws.tflite", "nets/vad.onnx"]
    assert builds[0].models[0].vectors == "nets/golden.npz"
    assert builds[-1].concurrent and not builds[0].concurrent
    assert fleet_options(builds, False) == {
        "rows": [{"is_run": True}] * 4,
        "has_base": False,
        "growth": "ram:0",
    }


KWS = '[firmware.kws]\nmodel = "../nets/kws.tflite"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[firmware.kws\n", "all.toml: error[E702]: the file is not valid TOML: "),
        ("[all]\n", "all.toml: error[E702]: 'firmware' is missing"),
        (f"{KWS}[al]\n", "all.toml: error[E702]: 'al' is not a known key"),
        (
            f"[all]\ntoolchains = 'gcc'\n{KWS}rma = 1\nflash = {{}}\n[firmware.kws.on.cortex-m4]\nbase = 'x'\n",
            "all.toml: error[E701]: 'all.toolchains' is no variable (help: did you mean 'toolchain'?)\n"
            "all.toml: error[E701]: 'firmware.kws.rma' is no variable (help: did you mean 'ram'?)\n"
            "all.toml: error[E702]: 'firmware.kws.flash' must be a text, a number, or a list of such\n"
            "all.toml: error[E701]: 'firmware.kws.on.cortex-m4.base' is no variable (help: ",
        ),
        (
            f"{KWS}[firmware.kws.on.cortex-m4]\n",
            "all.toml: error[E702]: 'firmware.kws.on.cortex-m4' is none of its targets",
        ),
        (
            f"{KWS}rules = 'mine'\n",
            "all.toml: error[E702]: 'firmware.kws.rules' must be in 'all': all firmwares share their kernels",
        ),
        (
            f"[all]\ntarget = ['cortex-m4', 'cortex-m5']\nram = '12X'\n{KWS}vectors = 'v.npz'\n",
            "all.toml, firmware.kws: error[E101]: vectors=fleet/v.npz: no such file\n"
            "all.toml, firmware.kws: error[E702]: ram=12X is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)\n"
            "all.toml, firmware.kws: error[E701]: unknown value 'cortex-m5' of target= (help: did you mean 'cortex-m55'?)",
        ),
        (
            f"{KWS}[firmware.other]\nmodel = '../nets/vad.onnx'\nname = 'kws'\n",
            "all.toml, firmware.other: error[E703]: 'kws' for cortex-m7 is there already, in firmware.kws "
            "(help: give it another name=)",
        ),
    ],
)
def test_messages_have_the_file_and_the_key(root: Path, text: str, message: str) -> None:
    assert message_of(text).startswith(message)


def test_what_the_command_line_may_say(root: Path) -> None:
    assert message_of(KWS, target="cortex-m4", growth="ram:0") == (
        "error[E702]: target= is for a build of one firmware; those of a fleet are in all.toml"
    )
    assert message_of(KWS, growth="rom:0").startswith("error[E702]: growth=rom:0 is no limit")
    with pytest.raises(SconnxError, match=r"E701\]: fleet builds firmwares of its own, not 'run' \(help: "):
        fleet_builds({"fleet": "fleet/all.toml"}, ["fleet", "run"])
    with pytest.raises(SconnxError, match=r"E701\]: cannot read 'none.toml': No such file"):
        fleet_builds({"fleet": "none.toml"}, ["fleet"])


def test_the_base(root: Path) -> None:
    (build,) = builds_of(KWS, base="old.json")
    assert fleet_base_file(build) is None
    Path("old.json").touch()
    assert fleet_base_file(build) == root / "old.json"
    Path("build/fleet").mkdir(parents=True)
    Path("build/fleet/fleet.json").touch()
    (build,) = builds_of(KWS, base="build/fleet/fleet.json")
    with pytest.raises(SconnxError) as caught:
        fleet_base_file(build)
    assert (
        str(caught.value) == "error[E702]: base=build/fleet/fleet.json is what is to be built (help: give a copy of it)"
    )
