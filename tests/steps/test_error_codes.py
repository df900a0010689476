# SPDX-License-Identifier: Apache-2.0
"""docs/errors.md is the list of all error codes."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*(ROOT / "site_scons").rglob("*.py"), *(ROOT / "export_rules").rglob("*.py")]


def test_the_page_has_each_code_that_can_be_raised_and_no_other() -> None:
    raised = {code for path in SOURCES for code in re.findall(r'"(E\d{3})"|error\[(E\d{3})\]', path.read_text())}
    page = re.findall(r"^\| (E\d{3}) \| \S", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
    assert page == sorted({plain or printed for plain, printed in raised})
