# SPDX-License-Identifier: Apache-2.0
"""`PYTHONPATH=site_scons python -m tests.conformance COMMAND [PATTERN]`: what becomes of onnx's own tests.

cases   makes the cases of the installed onnx anew
status  runs those whose name matches the pattern (a regular expression), and tells what became of them by operator and reason
accept  runs all, and writes executed.txt, left_out.txt and the tables of docs/conformance.md
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.conformance.cases import Cases, load_cases, make_cases
from tests.conformance.lists import EXECUTED, LEFT_OUT, executed_text, left_out_text
from tests.conformance.outcome import BUG, PASS, REFUSED, WRONG, Outcome, run_cases
from tests.conformance.page import PAGE, with_tables

COMMANDS = ("cases", "status", "accept")


def main(arguments: Sequence[str]) -> int:
    command, pattern = (*arguments, "", "")[:2]
    if command not in COMMANDS or len(arguments) > 2:
        print(__doc__)
        return 2
    if command == "cases":
        print(f"{len(make_cases().cases)} cases")
        return 0
    cases = load_cases()
    chosen = [case for case in cases.cases if command == "accept" or re.search(pattern, case.name)]
    outcomes = run_cases(cases, chosen)
    if command == "accept":
        EXECUTED.write_text(executed_text(outcomes))
        LEFT_OUT.write_text(left_out_text(outcomes))
        PAGE.write_text(with_tables(PAGE.read_text()))
    print(status(cases, outcomes), end="")
    return 0


def status(cases: Cases, outcomes: Sequence[Outcome]) -> str:
    """Counts by kind; the reasons, the most frequent first; counts by operator."""
    counts = Counter(outcome.kind for outcome in outcomes)
    lines = [f"{number:5} {kind}" for kind, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    for kind in (BUG, WRONG, REFUSED):
        lines += _by_reason(kind, outcomes)
    lines += ["", "operator: pass / refused / wrong / bug", *_by_operator(cases, outcomes)]
    return "\n".join(lines) + "\n"


def _by_reason(kind: str, outcomes: Sequence[Outcome]) -> list[str]:
    """How many cases have each reason alone, and among others."""
    alone: dict[str, list[str]] = defaultdict(list)
    among: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.kind == kind:
            among.update(outcome.why)
            if len(outcome.why) == 1:
                alone[outcome.why[0]].append(outcome.name.removeprefix("node/test_"))
    lines = ["", f"{kind}: alone / at all"] if among else []
    for why, number in sorted(among.items(), key=lambda pair: (-len(alone[pair[0]]), -pair[1], pair[0])):
        shown = f"  [{', '.join(alone[why][:5])}]" if alone[why] else ""
        lines.append(f"{len(alone[why]):5} /{number:5}  {why}{shown}")
    return lines


def _by_operator(cases: Cases, outcomes: Sequence[Outcome]) -> list[str]:
    """Of cases with one operator."""
    operators = {case.name: case.operators for case in cases.cases}
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        if len(operators[outcome.name]) == 1:
            table[operators[outcome.name][0]][outcome.kind] += 1
    return [
        f"{operator}: " + " / ".join(str(counts[kind]) for kind in (PASS, REFUSED, WRONG, BUG))
        for operator, counts in sorted(table.items())
        if any(counts[kind] for kind in (PASS, REFUSED, WRONG, BUG))
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
