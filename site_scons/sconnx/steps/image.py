# SPDX-License-Identifier: Apache-2.0
"""image: firmware.elf -> firmware.hex, all of it, and firmware.bin, the flash of the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.elf.flash_image import intel_hex, region_bytes
from sconnx.elf.image import read_image
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    board = load_board(options["board"], load_cpu(options["target"]))
    image = read_image(inputs[0], board.regions)
    return intel_hex(image), region_bytes(image, board.flash)
