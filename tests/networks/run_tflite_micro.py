# SPDX-License-Identifier: Apache-2.0
"""Process that runs a network in tflite-micro on seeded images: run_tflite_micro MODEL.tflite GOLDEN.npz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from tflite_micro.python.tflite_micro import runtime  # type: ignore[import-untyped]

from tests.networks.images import images

_ARENA_BYTES = 64 << 20
_SEED = 20260301
_COUNT = 2


def main(model: Path, golden: Path) -> None:
    interpreter = runtime.Interpreter.from_bytes(model.read_bytes(), arena_size=_ARENA_BYTES)
    _, height, width, channels = (int(dim) for dim in interpreter.get_input_details(0)["shape"])
    arrays: dict[str, Any] = {}
    for k, image in enumerate(images(_SEED, _COUNT, (height, width, channels))):
        interpreter.set_input(image[None], 0)
        interpreter.invoke()
        arrays[f"in{k}_0"] = image[None]
        arrays[f"tflm_out{k}_0"] = interpreter.get_output(0).copy()
    with golden.open("wb") as stream:
        np.savez(stream, **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
