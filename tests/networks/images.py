# SPDX-License-Identifier: Apache-2.0
"""Seeded images that differ from each other on every scale: coarse tiles, and noise on top."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TILES = 5
_NOISE_CODES = 24


def images(seed: int, count: int, dims: tuple[int, int, int]) -> NDArray[np.int8]:
    """`count` int8 images [count, H, W, C].

    Noise alone would average out in a network that ends in the mean over the plane: every image would get the same
    answer. So each image has 5 by 5 tiles of one colour each, and an overall brightness of its own.

    Args:
        dims: height, width, channels of one image.
    """
    random = np.random.default_rng(seed)
    height, width, channels = dims
    tiles = random.integers(-90, 91, (count, _TILES, _TILES, channels)) + random.integers(-30, 31, (count, 1, 1, 1))
    rows, columns = (np.arange(size) * _TILES // size for size in (height, width))
    noise = random.integers(-_NOISE_CODES, _NOISE_CODES + 1, (count, *dims))
    codes: NDArray[np.int8] = np.clip(tiles[:, rows][:, :, columns] + noise, -128, 127).astype(np.int8)
    return codes
