# SPDX-License-Identifier: Apache-2.0
"""Process that runs the models of build_tflite.py in tflite-micro: run_tflite_micro.py DIRECTORY [SEED].

Writes outputs.npz, one array per model, named as the model; several outputs are one flat array.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tflite_cases import OPERATORS, cases
from tflite_micro.python.tflite_micro import runtime


def main(directory: Path, seed: int) -> None:
    outputs = {}
    for operator in OPERATORS:
        for index, case in enumerate(cases(operator, seed)):
            name = f"{operator}_{index}"
            model = (directory / f"{name}.tflite").read_bytes()
            interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
            for position, operand in enumerate(case.inputs):
                interpreter.set_input(operand.data, position)
            interpreter.invoke()
            outputs[name] = interpreter.get_output(0).copy()
            if case.further_outputs:
                several = (interpreter.get_output(i).reshape(-1) for i in range(1 + len(case.further_outputs)))
                outputs[name] = np.concatenate(list(several))
    np.savez(directory / "outputs.npz", **outputs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
