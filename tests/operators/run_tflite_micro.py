# SPDX-License-Identifier: Apache-2.0
"""Process that runs models in tflite-micro: run_tflite_micro.py FOLDER.

For each NUMBER.tflite there is NUMBER.npz with the inputs: `RUN.INPUT`. NUMBER.out.npz gets `RUN.OUTPUT`, or `error` with what
tflite-micro says. Models that have their outputs already are left out, so that the caller can go on after one that kills it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from tflite_micro.python.tflite_micro import runtime  # type: ignore[import-untyped]

_ARENA_BYTES = 4 << 20


def run(model: bytes, inputs: dict[str, Any]) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    try:
        interpreter = runtime.Interpreter.from_bytes(model, arena_size=_ARENA_BYTES)
        count = len(runtime.convert_bytearray_to_object(model).subgraphs[0].outputs)
        for number in range(1 + max((int(key.split(".")[0]) for key in inputs), default=0)):
            for key in inputs:
                if key.startswith(f"{number}."):
                    interpreter.set_input(inputs[key], int(key.split(".")[1]))
            interpreter.invoke()
            outputs |= {f"{number}.{i}": np.array(interpreter.get_output(i)) for i in range(count)}
    except Exception as error:
        return {"error": np.array(f"{type(error).__name__}: {error}")}
    return outputs


def main(folder: Path) -> None:
    for path in sorted(folder.glob("*.tflite")):
        target = path.with_suffix(".out.npz")
        if target.exists():
            continue
        with np.load(path.with_suffix(".npz")) as file:
            outputs = run(path.read_bytes(), dict(file))
        np.savez(target, **outputs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
