# SPDX-License-Identifier: Apache-2.0
"""`python -m tests [pytest arguments]`: lint, types, then all tests. What `./sconsw test` runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "--quiet", "."),
    ("mypy",),
    ("pytest", "-q"),
)


def main(pytest_arguments: list[str]) -> int:
    """Run every check, also after one has failed; the number of those that failed."""
    failed = 0
    for check in CHECKS:
        arguments = [*check, *(pytest_arguments if check[0] == "pytest" else ())]
        print(f"-- {' '.join(arguments)}", flush=True)
        failed += subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
