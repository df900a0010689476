# SPDX-License-Identifier: Apache-2.0
"""The difference of two builds: figures, layers, symbols; its forms; what may grow."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sconnx.diff.diff import compare
from sconnx.diff.gate import Limit, check_comparable, check_growth, parse_limits
from sconnx.diff.text import diff_markdown, diff_text
from sconnx.errors import ErrorGroup, SconnxError
from sconnx.steps import diff as diff_step

REPORT: dict[str, Any] = {
    "build": {
        "model": "kws",
        "target": "cortex-m7",
        "board": "desk",
        "toolchain": "zig",
        "toolchain_version": "1",
        "optimize": "ram",
    },
    "summary": {
        "activation_ram_bytes": 4000,
        "total_ram_bytes": 8000,
        "weights_flash_bytes": 20000,
        "code_flash_bytes": 10000,
        "total_flash_bytes": 30000,
    },
    "stack": {"reserved_bytes": 4096, "rows": [{"function": "Reset_Handler", "size_bytes": 600}]},
    "ram": [{"part": "arena", "size_bytes": 4000}, {"part": "stack", "size_bytes": 4000}],
    "flash": [{"part": "weights", "size_bytes": 20000}, {"part": "kernels", "size_bytes": 10000}],
    "symbols": [{"name": "sx_conv", "part": "kernels", "size_bytes": 700}],
    "layers": [
        {"node": 0, "operator": "Conv2D", "name": "a|b", "macs": 100, "params_bytes": 40, "ram_bytes": 900},
        {"node": 1, "operator": "Relu", "name": "relu", "macs": 0, "params_bytes": 4, "ram_bytes": 800},
        {"node": 2, "operator": "FullyConnected", "name": "fc", "macs": 50, "params_bytes": 20, "ram_bytes": 700},
    ],
}
RUN: dict[str, Any] = {
    "model": "kws",
    "instructions_per_inference": 1000,
    "estimated_cycles": 900,
    "layers": [{"node": 0, "instructions": 600}, {"node": 1, "instructions": 100}, {"node": 2, "instructions": 200}],
}


def changed() -> tuple[dict[str, Any], dict[str, Any]]:
    """Without the Relu, with a slower convolution, a new kernel, and 100 bytes of flash more."""
    report, run = deepcopy(REPORT), deepcopy(RUN)
    del report["layers"][1]
    report["layers"][1]["node"] = 1
    report["summary"] |= {"code_flash_bytes": 10100, "total_flash_bytes": 30100}
    report["flash"][1]["size_bytes"] = 10100
    report["symbols"] = [{"name": "sx_new", "part": "kernels", "size_bytes": 800}, *report["symbols"]]
    run |= {"instructions_per_inference": 1050}
    run["layers"] = [{"node": 0, "instructions": 650}, {"node": 1, "instructions": 200}]
    return report, run


def diff() -> dict[str, Any]:
    report, run = changed()
    return compare(REPORT, report, [RUN], [run]).to_json()


def test_layers_are_found_again_although_their_positions_moved() -> None:
    report, run = changed()
    found = compare(REPORT, report, [RUN], [run])
    assert [(layer.status, layer.name) for layer in found.layers] == [("changed", "a|b"), ("removed", "relu")]
    assert [(f.name, f.before, f.now) for f in found.layers[0].figures] == [("instructions", 600, 650)]
    assert [(f.name, f.before, f.now) for f in found.layers[1].figures] == [
        ("parameters", 4, None),
        ("RAM in use", 800, None),
        ("instructions", 100, None),
    ]
    assert [(one.name, one.before_bytes, one.now_bytes) for one in found.symbols] == [("sx_new", 0, 800)]


def test_a_base_without_a_run() -> None:
    report, run = changed()
    found = compare(REPORT, report, [], [run])
    figures = {figure.name: (figure.before, figure.now) for figure in found.figures}
    assert figures["Instructions"] == (None, 1050) and figures["Stack"] == (600, 600)
    assert [layer.status for layer in found.layers] == ["removed"]


def test_what_a_header_is_marked_with_is_no_change() -> None:
    row = {"part": "generated code", "size_bytes": 40}
    before, now = (
        {**REPORT, "symbols": [{"name": f"kws_init_of_header_{mark}", **row, "size_bytes": size}]}
        for mark, size in (("0123abcd", 40), ("ef456789", 44))
    )
    [symbol] = compare(before, now, [], []).symbols
    assert (symbol.name, symbol.before_bytes, symbol.now_bytes) == ("kws_init_of_header", 40, 44)


def test_nothing_changed() -> None:
    found = compare(REPORT, REPORT, [RUN], [RUN]).to_json()
    assert not found["layers"] and not found["parts"] and not found["symbols"]
    assert diff_text(found).endswith("  nothing changed\n")
    assert "Nothing changed." in diff_markdown(found)


CONSOLE = """\
kws for cortex-m7 on desk (zig 1, optimize=ram)
  compared with kws for cortex-m7 on desk (zig 1, optimize=ram)

  Firmware
                      before     now  change
    Activation RAM     4,000   4,000       =
    Total RAM          8,000   8,000       =
    Weights Flash     20,000  20,000       =
    Code Flash        10,000  10,100    +100  +1.0 %
    Total Flash       30,000  30,100    +100  +0.3 %
    Stack                600     600       =
    Instructions       1,000   1,050     +50  +5.0 %
    Estimated cycles     900     900       =

  By what it is for, bytes
                    before     now  change
    flash: kernels  10,000  10,100    +100  +1.0 %

  Layers
                                      before  now  change
    Conv2D a|b, instructions             600  650     +50  +8.3 %
    removed: Relu relu, parameters         4    -
    removed: Relu relu, RAM in use       800    -
    removed: Relu relu, instructions     100    -

  Symbols, bytes
            before  now  change
    sx_new       0  800    +800
"""


def test_the_console_form() -> None:
    assert diff_text(diff()) == CONSOLE


def test_markdown_holds_any_name() -> None:
    text = diff_markdown(diff())
    assert "| Total Flash | 30,000 | 30,100 | +100 | +0.3 % |" in text
    assert "| Conv2D a\\|b, instructions | 600 | 650 | +50 | +8.3 % |" in text
    assert text.count("<details>") == text.count("</details>") == 3


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("ram:512", Limit(figure="ram", amount=512, is_percent=False)),
        ("flash:4K", Limit(figure="flash", amount=4096, is_percent=False)),
        ("instructions:0.5%", Limit(figure="instructions", amount=0.5, is_percent=True)),
    ],
)
def test_limits(text: str, limit: Limit) -> None:
    assert parse_limits(text) == (limit,)


def test_malformed_limits() -> None:
    with pytest.raises(ErrorGroup) as caught:
        parse_limits("ram,heat:3,flash:lots")
    hint = "(help: FIGURE:AMOUNT with ram, flash, stack, instructions, cycles; an amount is a number, 4K, or 2%)"
    assert str(caught.value).splitlines() == [
        f"error[E702]: growth=ram is no limit {hint}",
        f"error[E702]: growth=heat:3 is no limit {hint}",
        f"error[E702]: growth=flash:lots is no limit {hint}",
    ]


def test_the_gate() -> None:
    check_growth(diff(), parse_limits("ram:0,flash:100,stack:0,instructions:5%,cycles:0"))
    with pytest.raises(SconnxError) as caught:
        check_growth(diff(), parse_limits("flash:99,instructions:4.9%"))
    assert str(caught.value).splitlines() == [
        "kws: error[E412]: Total Flash grew by 100 from 30,000 to 30,100, allowed are 99: largest: kernels +100 "
        "(help: raise growth=flash:, or see diff.md for all that changed)",
        "kws: error[E412]: Instructions grew by 50 from 1,000 to 1,050, allowed are 4.9 %: largest: a|b +50 "
        "(help: raise growth=instructions:, or see diff.md for all that changed)",
    ]


def test_a_gate_that_nothing_can_be_held_against_is_not_passed() -> None:
    limits = parse_limits("ram:0,stack:0,instructions:2%")
    check_comparable(diff(), limits)
    base, report = {**REPORT, "stack": None}, {**REPORT, "stack": None}
    with pytest.raises(ErrorGroup) as caught:
        check_comparable(compare(base, report, [], [RUN]).to_json(), limits)
    assert str(caught.value).splitlines() == [
        "kws: error[E412]: growth=stack cannot be checked: this build has no stack",
        "kws: error[E412]: growth=instructions cannot be checked: the base has no instructions "
        "(help: keep run.json beside the report.json of base=, or compare with a revision)",
    ]


@pytest.mark.parametrize("schema", ["sconnx.report/1", "sconnx.report/2", "sconnx.report/0"])
def test_a_base_that_an_older_revision_made(tmp_path: Path, schema: str) -> None:
    """All that is compared was in its report already, but the RAM of layers."""
    report, run = changed()
    base = deepcopy(REPORT)
    if schema.endswith("/1"):
        for layer in base["layers"]:
            del layer["ram_bytes"]
    documents = {
        "report.json": report | {"schema": "sconnx.report/2"},
        "run.json": run | {"schema": "sconnx.run/1"},
        "base.json": base | {"schema": schema},
    }
    paths = [tmp_path / name for name in documents]
    for path, document in zip(paths, documents.values(), strict=True):
        path.write_text(json.dumps(document))
    if schema.endswith("/0"):
        with pytest.raises(
            SconnxError, match=r"base\.json: error\[E102\]: the base is no report: .*'sconnx\.report/0'"
        ):
            diff_step.run({}, paths)
        return
    assert json.loads(diff_step.run({}, paths)[0]) == json.loads(json.dumps(compare(base, report, [], [run]).to_json()))
