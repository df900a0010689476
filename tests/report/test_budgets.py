# SPDX-License-Identifier: Apache-2.0
"""Budgets of RAM, flash and stack against what a firmware takes."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.memory.meminfo import Mode
from sconnx.project.budgets import Budget, Margin
from sconnx.report.budget import (
    BudgetRow,
    Firmware,
    budget_finding,
    budget_row,
    stack_finding,
    with_regions,
)
from sconnx.report.contributions import Contribution
from sconnx.report.finding import Finding
from sconnx.report.stack import CallRow, Stack, StackRow, stack_lines
from sconnx.report.verdict import verdict


def part(memory: str, region: str, what: str, size_bytes: int, **by_model: int) -> Contribution:
    return Contribution(memory=memory, region=region, what=what, size_bytes=size_bytes, by_model=by_model)


# Two models share an arena and a kernel.
FIRMWARE = Firmware(
    name="kws+vad",
    contributions=(
        part("ram", "dtcm", "shared arena", 4000, kws=4000, vad=3000),
        part("ram", "dtcm", "stack", 1024),
        part("ram", "sram", "parameters of layer 3 Conv2D of kws", 500, kws=500),
        part("ram", "dtcm", "padding", 0),
        *(
            part("flash", "flash", f"parameters of layer {i} Conv2D", 1000 + 100 * i, kws=1000 + 100 * i)
            for i in range(6)
        ),
        part("flash", "flash", "sx_conv", 900, kws=900, vad=900),
        part("flash", "flash", "padding", 3),
        part("flash", "flash", "padding", 2),
    ),
    stack=Stack(
        reserved_bytes=1024,
        rows=(
            StackRow(
                function="Reset_Handler",
                size_bytes=516,
                path=(CallRow(function="Reset_Handler", size_bytes=16), CallRow(function="kws_run", size_bytes=500)),
                unknown=(),
            ),
            StackRow(
                function="kws_run", size_bytes=500, path=(CallRow(function="kws_run", size_bytes=500),), unknown=()
            ),
        ),
    ),
    arena_bytes=4000,
    modes=(),
)


def row(memory: str, size_bytes: int, model: str = "", region: str = "", margin: Margin | None = None) -> BudgetRow:
    budget = Budget(memory=memory, size_bytes=size_bytes, model=model, region=region)
    return budget_row(FIRMWARE, budget, margin)


def message(found: BudgetRow, firmware: Firmware = FIRMWARE) -> str:
    finding = budget_finding(firmware, found)
    assert finding is not None
    return str(finding.error)


@pytest.mark.parametrize(
    ("memory", "model", "region", "used_bytes"),
    [
        ("ram", "", "", 5524),
        ("ram", "", "dtcm", 5024),
        ("ram", "", "sram", 500),
        ("ram", "kws", "", 4500),
        ("ram", "vad", "", 3000),
        ("ram", "kws", "sram", 500),
        ("flash", "", "", 8405),
        ("flash", "vad", "", 900),
        ("stack", "kws", "", 500),
    ],
)
def test_what_is_used_and_the_last_byte(memory: str, model: str, region: str, used_bytes: int) -> None:
    found = row(memory, used_bytes, model, region)
    assert (found.used_bytes, found.missing_bytes, budget_finding(FIRMWARE, found)) == (used_bytes, 0, None)
    over = row(memory, used_bytes - 1, model, region)
    assert over.missing_bytes == 1
    scope = f" of {model}" * bool(model) + f" in {region}" * bool(region)
    assert f"error[E410]: {memory} budget{scope} exceeded: requested {used_bytes:,}, " in message(over)


def test_the_message_of_a_budget_in_ram() -> None:
    assert message(row("ram", 5000)) == (
        "kws+vad: error[E410]: ram budget exceeded: requested 5,524, available 5,000, missing 524 bytes:"
        " largest: shared arena 4,000, stack 1,024, parameters of layer 3 Conv2D of kws 500"
        " (help: stack=520 and what interrupts need would spare up to 504 bytes;"
        " raise ram=, or see report.txt for what can go)"
    )


def test_the_five_largest_and_a_margin() -> None:
    found = row("flash", 9000, region="flash", margin=Margin(amount=10, is_percent=True))
    assert (found.margin_bytes, found.missing_bytes) == (900, 8405 + 900 - 9000)
    firmware = replace(FIRMWARE, code_flash="flash", other_flash=("qspi",), optimize="balanced")
    assert message(found, firmware) == (
        "kws+vad: error[E410]: flash budget in flash exceeded: requested 8,405 and a margin of 900, available 9,000,"
        " missing 305 bytes: largest: parameters of layer 5 Conv2D 1,500, parameters of layer 4 Conv2D 1,400,"
        " parameters of layer 3 Conv2D 1,300, parameters of layer 2 Conv2D 1,200, parameters of layer 1 Conv2D 1,100"
        " (help: weights=qspi moves weights there; optimize=ram compiles kernels for size;"
        " raise flash=flash:, or see report.txt for what can go)"
    )


def test_advice_is_for_the_region_that_it_would_help() -> None:
    here = replace(FIRMWARE, code_flash="flash", other_flash=("qspi",), optimize="balanced")
    moved = replace(here, other_flash=())
    in_qspi = replace(here, contributions=(part("flash", "qspi", "parameters of layer 0 Conv2D", 900),))
    weights, kernels = "weights=qspi moves weights there", "optimize=ram compiles kernels for size"
    for firmware, found, helps in (
        (here, row("flash", 8000, region="flash"), {weights, kernels}),
        (moved, row("flash", 8000, region="flash"), {kernels}),
        # All flash together has the weights, wherever they are.
        (here, row("flash", 8000), {kernels}),
        (here, row("flash", 800, model="kws"), {kernels}),
        (in_qspi, budget_row(in_qspi, Budget(memory="flash", size_bytes=8, region="qspi"), None), set()),
    ):
        assert {each for each in (weights, kernels) if each in message(found, firmware)} == helps


def test_a_margin_holds_for_regions_where_no_budget_is() -> None:
    sizes = {"flash": ("flash", 9000), "dtcm": ("ram", 6000), "sram": ("ram", 600)}
    ram = Budget(memory="ram", size_bytes=9)
    of_model = Budget(memory="ram", size_bytes=9, model="kws")
    margin = Margin(amount=1, is_percent=False)

    def limited(*budgets: Budget) -> list[str]:
        return [str(budget) for budget in with_regions(budgets, sizes, margin)]

    assert limited() == ["flash in flash", "ram in dtcm", "ram in sram"]
    assert limited(ram) == ["ram", "flash in flash"]
    assert limited(of_model) == ["ram of kws", "flash in flash", "ram in dtcm", "ram in sram"]
    assert with_regions([ram], sizes, None) == (ram,)


def test_modes_whose_total_would_fit() -> None:
    """The rest of the RAM, 1,524 bytes, is the same in all modes."""
    sizes = {("balanced", "keep"): 4000, ("balanced", "clobber"): 3000, ("ram", "keep"): 3999}
    modes = tuple(
        Mode(
            optimize=optimize,
            input=policy,
            arena_bytes=size_bytes,
            streaming_nodes=0,
            turn_calls=0,
            is_current=size_bytes == 4000,
        )
        for (optimize, policy), size_bytes in sizes.items()
    )
    firmware = replace(FIRMWARE, modes=modes, stack=None)

    def help_for(budget_bytes: int) -> str:
        finding = budget_finding(firmware, row("ram", budget_bytes))
        assert finding is not None
        return finding.help

    rest = "; raise ram=, or see report.txt for what can go"
    assert help_for(5523) == f"input=clobber would need 4,524 bytes, optimize=ram 5,523{rest}"
    assert help_for(5522) == f"input=clobber would need 4,524 bytes{rest}"
    assert help_for(4523) == f"no mode fits: the smallest, input=clobber, needs 4,524 bytes, 1 too many{rest}"


def test_a_stack_that_is_too_small() -> None:
    assert FIRMWARE.stack is not None
    assert stack_finding(FIRMWARE) is None
    assert stack_finding(replace(FIRMWARE, stack=replace(FIRMWARE.stack, reserved_bytes=516))) is None
    finding = stack_finding(replace(FIRMWARE, stack=replace(FIRMWARE.stack, reserved_bytes=512)))
    assert finding is not None
    assert str(finding.error) == (
        "kws+vad: error[E411]: stack too small: requested 516, available 512, missing 4 bytes: "
        "the deepest calls: Reset_Handler 16, kws_run 500 (help: reserve stack=520 or more; interrupts come on top)"
    )


def test_a_bound_that_is_none_advises_nothing() -> None:
    """With calls that cannot be followed the stack may be deeper: nobody is told to reserve less."""
    assert FIRMWARE.stack is not None
    rows = (replace(FIRMWARE.stack.rows[0], unknown=("recursion f > f",)),)
    firmware = replace(FIRMWARE, stack=replace(FIRMWARE.stack, rows=rows))
    assert "stack=" not in message(row("ram", 5000), firmware)


def test_the_verdict() -> None:
    found = [row("ram", 5000), row("flash", 8000, "kws")]
    document: dict[str, Any] = {
        "build": {"sources": ["models/kws.tflite", "vad.onnx"]},
        "models": [{"name": "kws"}, {"name": "vad"}],
        "budgets": [asdict(each) for each in found],
        "summary": {"total_ram_bytes": 5524},
        "findings": [],
    }
    assert verdict(document) == {
        "schema": "sconnx.budget/2",
        "budgets": document["budgets"],
        "summary": document["summary"],
    }
    findings = [budget_finding(FIRMWARE, row("ram", 5000)), budget_finding(FIRMWARE, row("flash", 800, "vad"))]
    document["findings"] = [asdict(finding) for finding in findings if isinstance(finding, Finding)]
    with pytest.raises(ErrorGroup) as caught:
        verdict(document)
    assert [error.file for error in caught.value.errors] == ["models/kws.tflite", "vad.onnx"]
    document["findings"].pop()
    with pytest.raises(SconnxError, match=r"ram budget exceeded: requested 5,524, "):
        verdict(document)


def test_recursion_and_unknown_callees_are_said_once() -> None:
    assert FIRMWARE.stack is not None
    unknown = ("recursion f > f", "a call by register r3 in f")
    rows = tuple(replace(row, unknown=unknown) for row in FIRMWARE.stack.rows)
    assert stack_lines(replace(FIRMWARE.stack, rows=rows)) == [
        "  Stack by the deepest calls, interrupts not counted; reserved: 1,024",
        "    Reset_Handler  516  kws_run 500",
        "    kws_run        500",
        "    not counted: recursion f > f",
        "    not counted: a call by register r3 in f",
    ]
