# SPDX-License-Identifier: Apache-2.0
"""What a build says of its firmware: budgets of regions and models, forms for CI, and a plan that the firmware is not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.build.scons_checkout import Checkout, clone

FOLDER = "build/cortex-m7/mnist"
MAIN = "site_scons/sconnx/codegen/templates/main.c.j2"


@pytest.fixture(scope="module")
def own(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return clone(built, tmp_path_factory.mktemp("report") / "checkout")


def test_an_arena_of_one_byte_more_fails_the_build(fresh_checkout: Callable[[str], Checkout]) -> None:
    """Main is changed, as somebody might who needs a byte more."""
    checkout = fresh_checkout("one byte")
    path = checkout.path(MAIN)
    text = path.read_text()
    assert text.count("{{ arena.macro }}_BYTES]") == 2
    path.write_text(text.replace("{{ arena.macro }}_BYTES]", "{{ arena.macro }}_BYTES + 1]"))
    outcome = checkout.scons()
    planned = json.loads(checkout.path(f"{FOLDER}/meminfo.json").read_text())["arena_bytes"]
    assert outcome.status == 2
    assert outcome.errors == [
        f"firmware.elf: error[E301]: 'mnist_arena' has {planned + 1:,} bytes, the plan {planned:,}: the firmware was not"
        " built from this plan (help: delete it and build it again; a linker script or an object of your own may have"
        " changed it)",
        "firmware.elf: error[E413]: 1 bytes of the firmware have no cause: +1 in .arena of ram (arena) (help: symbols need"
        " a type and a size: .type and .size in assembler files)",
    ]
    assert not checkout.path(f"{FOLDER}/budget.json").exists()
    assert "  arena            2,749  2,748     +1  unexplained\n" in outcome.output


def test_forms_for_ci_are_made_although_the_build_fails(own: Checkout) -> None:
    arguments = ("ram=ram:8K,mnist:2K", "flash=flash:64K", "stack=1K,mnist:500", "margin=64")
    outcome = own.scons(*arguments, environment={"GITHUB_ACTIONS": "true"})
    assert outcome.status == 2
    annotations = [line for line in outcome.errors if line.startswith("::error ")]
    errors = [line for line in outcome.errors if line not in annotations]
    assert [line.split(" exceeded: ")[0] for line in errors] == [
        "mnist: error[E410]: ram budget of mnist",
        "mnist: error[E410]: stack budget of mnist",
    ]
    assert annotations == [f"::error file=examples/mnist/mnist.onnx,title=sconnx E410::{line}" for line in errors]
    log = json.loads(own.path(f"{FOLDER}/report.sarif").read_text())
    assert [result["message"]["text"] for result in log["runs"][0]["results"]] == errors
    assert own.path(f"{FOLDER}/report.junit.xml").read_text().count("<failure ") == 2
    regions = json.loads(own.path(f"{FOLDER}/report.json").read_text())["regions"]
    assert {row["name"]: row["budget_bytes"] for row in regions} == {"flash": 65536, "ram": 8192}
    assert own.scons("stack=1K").status == 0


def test_a_region_that_the_board_does_not_have(own: Checkout) -> None:
    outcome = own.scons("ram=dtcm:8K", "flash=ram:1K")
    assert (outcome.status, outcome.steps) == (2, [])
    assert outcome.errors == [
        "error[E701]: ram=: 'dtcm' is neither a region of board 'mps2-an500' nor a model (help: one of: flash, ram)",
        "error[E701]: flash=: region 'ram' is of kind ram (help: ram=ram:SIZE)",
    ]
