# SPDX-License-Identifier: Apache-2.0
"""`diff`: a build beside a saved report, and beside an earlier revision of the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.build.scons_checkout import Checkout, clone


def git(checkout: Checkout, *words: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=checkout.root, check=True, capture_output=True)


@pytest.mark.slow
def test_a_report_and_a_revision(built: Checkout, tmp_path: Path) -> None:
    checkout = clone(built, tmp_path / "checkout")
    checkout.path(".gitignore").write_text("build/\n__pycache__/\n.sconsign*\n")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "first")
    checkout.build("run")
    saved = checkout.path("saved")
    saved.mkdir()
    for name in ("report.json", "run.json"):
        (saved / name).write_bytes(checkout.path(f"build/cortex-m7/mnist/{name}").read_bytes())

    same = checkout.build("diff", "base=saved/report.json")
    assert same.output.endswith("  nothing changed\n")

    larger = ("optimize=speed", "diff")
    by_file = checkout.build(*larger, "base=saved/report.json", "growth=ram:2K").output
    assert "    Activation RAM" in by_file and not by_file.endswith("  nothing changed\n")
    # A revision is built with the arguments of this build; a saved report is as it was.
    by_revision = checkout.build(*larger, "base=HEAD")
    assert [step for step in by_revision.steps if step.startswith("BASE mnist/diff/")]
    assert by_revision.output.endswith("  nothing changed\n")
    assert not [step for step in checkout.build(*larger, "base=HEAD").steps if step.startswith("BASE")]

    # A base that is over budget is compared with all the same.
    small = checkout.build(*larger, "base=HEAD", "ram=1K")
    assert [step for step in small.steps if step.startswith("BASE")]
    assert small.output.endswith("  nothing changed\n")

    outcome = checkout.scons(*larger, "base=saved/report.json", "growth=ram:100")
    assert outcome.status == 2
    [error] = outcome.errors
    assert error.startswith("mnist: error[E412]: Total RAM grew by ") and ", allowed are 100: largest: arena +" in error

    assert checkout.scons("diff", "base=nothing").errors == [
        "error[E701]: base=nothing is neither a file nor a revision of git "
        "(help: give a report.json, or a commit, branch or tag of this repository)"
    ]
    assert checkout.scons("diff").errors == [
        "error[E702]: diff needs something to compare with (help: base=path/to/report.json, or base=main)"
    ]
