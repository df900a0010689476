# SPDX-License-Identifier: Apache-2.0
"""The rows of a fleet: read again as they were written, beside another fleet, and as a table."""

from __future__ import annotations

import json

from sconnx.bench.fleet import FleetRow, compared, fleet_page, fleet_text, from_json, to_json
from sconnx.diff.diff import Figure


def row(firmware: str, toolchain: str, ram: int, counts: dict[str, int | None], **changed: object) -> FleetRow:
    figures = {"Total RAM": ram, "Total Flash": 50_000, **counts}
    return FleetRow(
        firmware=firmware,
        target="cortex-m4",
        board="some-board",
        toolchain=toolchain,
        optimize="ram",
        figures=tuple(Figure(name=name, unit="", before=None, now=now) for name, now in figures.items()),
        budgets={"ram": 10_000},
        problems=tuple(changed.get("problems", ())),  # type: ignore[arg-type]
    )


def test_a_fleet_beside_an_older_one() -> None:
    base = [
        row("kws", "gcc 12.2.1", 8_000, {"Instructions": 1_000}),
        row("gone", "gcc 12.2.1", 1, {}),
    ]
    now = [
        row("kws", "gcc 13.1.0", 8_512, {"Instructions": 1_000}),
        row("two", "gcc 13.1.0", 12_000, {"Instructions of a": 7, "Instructions of b": 5}, problems=["budget ram"]),
    ]
    rows = from_json(json.loads(json.dumps(to_json(compared(now, base)))))
    assert rows == compared(now, base), "another version of the compiler is the same firmware"
    assert fleet_text(rows).splitlines() == [
        "2 firmwares",
        "  firmware  target     toolchain   optimize     RAM  of budget  change   flash  change  instructions  change",
        "  kws       cortex-m4  gcc 13.1.0  ram        8,512       85 %    +512  50,000       =         1,000       =",
        "  two       cortex-m4  gcc 13.1.0  ram       12,000      120 %          50,000                    12",
        "  two/cortex-m4/gcc-ram fails: budget ram",
    ]
    assert fleet_page(rows).splitlines()[4].startswith("| firmware | target | toolchain |")


def test_what_is_not_counted_for_all_models_has_no_sum() -> None:
    part = row("two", "gcc 13.1.0", 1, {"Instructions of a": 7, "Instructions of b": None})
    assert part.total("Instructions") == (None, None)
    assert part.total("Stack") == (None, None)
