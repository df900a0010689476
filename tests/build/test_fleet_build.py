# SPDX-License-Identifier: Apache-2.0
"""`scons fleet`: firmwares side by side, their kernels compiled once, beside another fleet, and all that is too large."""

from __future__ import annotations

import json
import re

from tests.build.scons_checkout import Checkout

FLEET = """
[all]
target = "cortex-m7"
optimize = "ram"

[firmware.digits]
model = "examples/mnist/mnist.onnx"
ram = "8K"

[firmware.again]
model = "examples/mnist/mnist.onnx"
stack = "2K"
"""


def test_a_fleet(checkout: Checkout) -> None:
    checkout.path("fleet.toml").write_text(FLEET)
    first = checkout.build("fleet")
    compiled = [step for step in first.steps if "/kernels/" in step]
    assert compiled and len(set(compiled)) == len(compiled)
    assert first.steps[-1] == "LIMITS limits.json"
    row = r"^  {} +cortex-m7 +zig \S+  ram  +([\d,]+) .*"
    assert re.search(row.format("digits"), first.output, re.MULTILINE)
    assert re.search(row.format("again"), first.output, re.MULTILINE)
    document = json.loads(checkout.path("build/fleet/fleet.json").read_text())
    sizes = [[each["now"] for each in firmware["figures"]] for firmware in document["firmwares"]]
    assert sizes[0][1] - sizes[1][1] == 2048, "another stack"
    assert sizes[0][-2:] == sizes[1][-2:], "the same instructions and cycles"
    again = checkout.build("fleet")
    assert again.steps == []
    assert again.output.startswith("2 firmwares\n")

    checkout.path("build/fleet/fleet.json").rename(checkout.path("old.json"))
    checkout.path("fleet.toml").write_text(FLEET.replace('"8K"', '"1K"') + 'ram = "1K"\ninput = "keep"\n')
    outcome = checkout.scons("fleet", "base=old.json", "growth=ram:0,instructions:1%")
    assert outcome.status == 2
    table = outcome.output[outcome.output.index("2 firmwares\n") :]
    for name in ("digits", "again"):
        assert f"\n  {name}/cortex-m7/zig-ram fails: budget ram\n" in table
    wheres = [line.split(": ")[:2] for line in outcome.errors]
    assert [where for where in wheres if where[1] == "error[E410]"] == [
        ["digits/cortex-m7/zig-ram", "error[E410]"],
        ["again/cortex-m7/zig-ram", "error[E410]"],
    ]
    assert ["again/cortex-m7/zig-ram", "error[E412]"] in wheres, "a kept input takes RAM"
    assert ["digits/cortex-m7/zig-ram", "error[E412]"] not in wheres
    checkout.build("-c", "fleet")
    assert not checkout.path("build/fleet").exists()
    assert checkout.path("build/cortex-m7/mnist/firmware.elf").is_file()
