# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/conformance.md: what is frozen, and how many cases there are of each kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import onnx

from tests.conformance.cases import KINDS, ROOT
from tests.conformance.frozen import PARAMETERS
from tests.conformance.lists import read_executed, read_left_out
from tests.conformance.outcome import PASS

BODIES = "bodies of functions"
SUITES = (KINDS[0], BODIES, *KINDS[1:])
"""Of the node tests, those whose operator ONNX itself wrote as others are counted apart."""
PAGE = ROOT / "docs" / "conformance.md"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def frozen_table() -> str:
    """Operators that freeze the same inputs share a row."""
    by_inputs: dict[tuple[str, ...], list[str]] = {}
    for operator, positions in PARAMETERS.items():
        schema = onnx.defs.get_schema(operator)
        by_inputs.setdefault(tuple(schema.inputs[position].name for position in positions), []).append(operator)
    rows = sorted((", ".join(operators), ", ".join(inputs)) for inputs, operators in by_inputs.items())
    return _table(("operator", "frozen inputs"), rows)


def counts_table() -> str:
    """Cases by what becomes of them, and by kind of test."""
    found = [(name, PASS) for name in read_executed()]
    found += [(name, re.sub("(dtype|type) .*", r"\1", kind)) for name, kind in read_left_out().items()]
    counts = Counter((kind, _suite(name)) for name, kind in found)
    totals = Counter(kind for _, kind in found)
    rows = [
        (kind, *(str(counts[kind, suite]) for suite in SUITES))
        for kind, _ in sorted(totals.items(), key=lambda pair: (pair[0] != PASS, -pair[1], pair[0]))
    ]
    return _table(("", *SUITES), rows)


def _suite(name: str) -> str:
    return BODIES if "_expanded" in name else name.partition("/")[0]


def with_tables(page: str) -> str:
    """The page with its tables as they must be: each follows a comment with its name, up to an empty line."""
    for name, table in (("counts", counts_table()), ("frozen", frozen_table())):
        before, mark, rest = page.partition(f"<!-- {name} -->\n")
        page = before + mark + table + "\n" + rest.partition("\n\n")[2]
    return page
