# SPDX-License-Identifier: Apache-2.0
"""Wall-clock seconds of the commands of a build, in a file of their own: what a build makes is the same on every machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LOG = "seconds.jsonl"
VARIABLE = "SCONNX_SECONDS"
"""Environment variable with the file to append to; without it nothing is measured."""


@contextmanager
def timed(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Append a line with the first output of a command and how long it took, in one write: commands run side by side."""
    log = environment.get(VARIABLE)
    start = time.monotonic()
    yield
    if log and "-o" in words:
        line = json.dumps({"output": words[words.index("-o") + 1], "seconds": round(time.monotonic() - start, 3)})
        with Path(log).open("a", encoding="utf-8", buffering=1) as file:
            file.write(line + "\n")


def read_seconds(log: Path) -> Callable[[str], float | None]:
    """The function from a folder to the seconds of the last run of each command that wrote below it; None: not known."""
    try:
        entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        entries = []
    last = {entry["output"]: entry["seconds"] for entry in entries}

    def seconds(folder: str) -> float | None:
        found = [value for output, value in last.items() if output.startswith(f"{folder}/")]
        return sum(found) if found else None

    return seconds
