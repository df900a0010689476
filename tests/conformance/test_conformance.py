# SPDX-License-Identifier: Apache-2.0
"""onnx's own tests, exported, compiled and run: the cases of executed.txt pass, and no other one does."""

from __future__ import annotations

import pytest

from tests.conformance.cases import Cases, load_cases
from tests.conformance.lists import read_executed, read_left_out
from tests.conformance.outcome import PASS, Outcome, run_cases
from tests.conformance.page import PAGE, with_tables

HOW = "`python -m tests.conformance accept` writes the lists anew"

Outcomes = dict[str, Outcome]


@pytest.fixture(scope="module")
def cases() -> Cases:
    return load_cases()


@pytest.fixture(scope="module")
def outcomes(cases: Cases) -> Outcomes:
    """Of all cases, by name."""
    return {outcome.name: outcome for outcome in run_cases(cases, cases.cases)}


def test_every_case_is_in_one_list(cases: Cases) -> None:
    executed, left_out = read_executed(), read_left_out()
    assert not executed & left_out.keys()
    assert executed | left_out.keys() == {case.name for case in cases.cases}, HOW


def test_as_many_as_promised(cases: Cases) -> None:
    """Of the node tests, and of what was converted from PyTorch every convolution."""
    executed = read_executed()
    convolutions = {
        case.name for case in cases.cases if case.name.startswith("pytorch-converted/") and "Conv" in case.operators
    }
    assert sum(name.startswith("node/") for name in executed) >= 480
    assert len(convolutions) >= 26
    assert convolutions <= executed


def test_the_page_has_the_counts_and_the_frozen_inputs() -> None:
    page = PAGE.read_text()
    assert with_tables(page) == page, HOW


@pytest.mark.slow
def test_cases_that_are_listed_execute_and_pass(outcomes: Outcomes) -> None:
    executed = read_executed()
    failed = [outcome for name, outcome in outcomes.items() if name in executed and outcome.kind != PASS]
    assert not failed, "\n".join(f"{outcome.name}: {outcome.kind}: {'; '.join(outcome.why)}" for outcome in failed)


@pytest.mark.slow
def test_other_cases_are_left_out_for_the_reason_listed(outcomes: Outcomes) -> None:
    """A case that passes unexpectedly fails this test, too."""
    executed, listed = read_executed(), read_left_out()
    found = {name: outcome.kind for name, outcome in outcomes.items() if name not in executed}
    changed = {name: kind for name, kind in found.items() if listed.get(name) != kind}
    assert not changed, f"{changed}; {HOW}"
