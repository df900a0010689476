# SPDX-License-Identifier: Apache-2.0
"""The figures of others: complete, consistent, and of the very files that the reference models are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sconnx.bench.peers import load_peers
from sconnx.target.cpu import cpu_names

MODELS = Path(__file__).resolve().parents[3] / "shared/models/mlperf_tiny"


def test_every_figure_has_a_source_and_says_something() -> None:
    peers = load_peers()
    assert {figure.source for figure in peers.figures} == {source.key for source in peers.sources}
    for source in peers.sources:
        assert source.name and source.version and source.origin and source.counts
    for figure in peers.figures:
        assert figure.core in {*cpu_names(), "cortex-m55"}
        assert figure.board
        assert any(value for value in (figure.instructions, figure.milliseconds, figure.ram_bytes))
    keys = [(figure.model, figure.source, figure.core, figure.board) for figure in peers.figures]
    assert len(keys) == len(set(keys))


def test_cycles_are_milliseconds_times_the_clock() -> None:
    (figure,) = (
        figure
        for figure in load_peers().figures
        if (figure.source, figure.core, figure.model) == ("st9", "cortex-m7", "ic")
    )
    assert (figure.milliseconds, figure.cycles, figure.instructions) == (40.84, 11_435_200, None)


@pytest.mark.skipif(not MODELS.is_dir(), reason="needs ../shared/models")
def test_models_are_known_by_their_content() -> None:
    peers = load_peers()
    for model in peers.models:
        assert peers.model_of(hashlib.sha256((MODELS / model.file).read_bytes()).hexdigest()) == model.name
    assert peers.model_of("0" * 64) is None
