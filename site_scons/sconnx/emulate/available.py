# SPDX-License-Identifier: Apache-2.0
"""Which CPUs are emulated on this machine: unicorn comes with sconnx, QEMU with the system or not at all."""

from __future__ import annotations

import shutil

from sconnx.target.board import QEMU, Board, load_board
from sconnx.target.cpu import cpu_names, load_cpu


def emulated_cpus() -> tuple[str, ...]:
    """Those whose default board runs in an emulator that is here, in the order of cpus.toml."""
    return tuple(name for name in cpu_names() if is_emulated_here(load_board("", load_cpu(name))))


def is_emulated_here(board: Board) -> bool:
    """Whether the board runs in an emulator that is on this machine."""
    return board.run in (("unicorn", "qemu") if shutil.which(QEMU) else ("unicorn",))
