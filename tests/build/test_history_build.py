# SPDX-License-Identifier: Apache-2.0
"""`page` and `history`: which steps they take, and that the user's file is safe from the build."""

from __future__ import annotations

import json

import pytest

from tests.build.scons_checkout import Checkout, clone


@pytest.mark.slow
def test_a_history_beside_the_model(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> None:
    checkout = clone(built, tmp_path_factory.mktemp("history") / "checkout")
    before = checkout.everything()
    checkout.build("run")
    assert checkout.build("page").steps == ["PAGE mnist/page.html"]
    assert checkout.build("page").steps == [] and checkout.everything() == before
    page, file = checkout.path("build/cortex-m7/mnist/page.html"), checkout.path("examples/mnist/history.jsonl")
    plain = page.read_bytes()

    first = checkout.build("history")
    assert first.steps == ["HISTORY mnist/history.json", "PAGE mnist/page.html"]
    assert checkout.everything() - before == {"examples/mnist/history.jsonl"}
    content = file.read_bytes()
    assert content.count(b"\n") == 1 and json.loads(content)["model"] == "mnist"
    assert b"sx-trend" in page.read_bytes() and b"sx-trend" not in plain

    second = checkout.build("history")
    assert second.steps == ["HISTORY mnist/history.json"] and "already in history.jsonl" in second.output
    assert file.read_bytes() == content and checkout.build("page").steps == []

    checkout.append("examples/mnist/history.jsonl", "{}\n")
    broken = checkout.scons("history")
    assert broken.status == 2 and broken.errors == [
        "history.jsonl:2: error[E102]: no entry of a history: its schema is not sconnx.history_line/1 "
        "(help: mend or remove the line; the others are not touched)"
    ]
    assert file.read_bytes() == content + b"{}\n"

    file.write_bytes(content)
    checkout.build("-c", "history")
    assert file.read_bytes() == content and not page.exists()
    checkout.build("history=elsewhere.jsonl", "page")
    assert page.read_bytes() == plain and not checkout.path("elsewhere.jsonl").exists()
