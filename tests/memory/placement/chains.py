# SPDX-License-Identifier: Apache-2.0
"""Problems like those of long networks: a chain of layers with branches that join again some steps later."""

from __future__ import annotations

import random

from sconnx.memory.placement import Block, Gap, Problem


def chain(count: int, seed: int, gaps: bool = False) -> Problem:
    """`count` blocks, about five alive at a time; with gaps, most outputs may overlap their dying input in part."""
    draw = random.Random(seed).random
    blocks = []
    for step in range(count):
        grown = 1 + int(40 * draw()) * int(1 + 6 * draw())
        lives = 2 if draw() < 0.6 else 2 + int(9 * draw())
        blocks.append(Block(size_bytes=16 * grown + int(3 * draw()), alignment_bytes=4, first=step, last=step + lives))
    rules = {}
    for step in range(count - 1):
        if gaps and blocks[step].last == step + 2 and draw() < 0.8:
            a, b = blocks[step].size_bytes, blocks[step + 1].size_bytes
            if draw() < 0.5:
                rules[step, step + 1] = Gap(low=-(1 + int(0.3 * draw() * b)), high=a)
            else:
                rules[step, step + 1] = Gap(low=-b, high=min(a, a - b + int(0.3 * draw() * b)))
    return Problem(blocks=tuple(blocks), gaps=rules)
