# SPDX-License-Identifier: Apache-2.0
"""Makes the float32 twin of a quantised .tflite file, and golden vectors of it by LiteRT.

    PYTHONPATH=. .venv/bin/python -m tests.networks.float_twin INT8.tflite FLOAT32.tflite [INPUTS.npz GOLDEN.npz]

Constants become the real numbers that they stand for, scale * (code - zero point); all else of the file stays. INPUTS.npz has
`in{k}_{position}` of the quantised model, which become real numbers as well.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
from numpy.typing import NDArray

from tests.frontend.tflite.tflite_file import flatbuffers, load

_FLOAT32 = 0
_DTYPES: dict[int, Any] = {2: np.int32, 4: np.int64, 7: np.int16, 9: np.int8}
"""Of quantised tensors, by the code of the schema."""


def float_twin(path: Path) -> bytes:
    """The model with float32 in the place of all that is quantised. Its operators must have the same options in float32."""
    model = load(path)
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            if tensor.quantization is None or tensor.quantization.scale is None:
                continue
            buffer = model.buffers[tensor.buffer]
            if buffer.data is not None:
                codes = np.frombuffer(bytes(buffer.data), _DTYPES[tensor.type]).reshape(tensor.shape)
                buffer.data = np.frombuffer(_real(codes, tensor.quantization).tobytes(), np.uint8)
            tensor.type, tensor.quantization = _FLOAT32, None
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _real(codes: NDArray[np.integer], quantization: Any) -> NDArray[np.float32]:
    """The real numbers of a tensor, whose scales run along a dimension if there are several."""
    dims = [1] * codes.ndim
    if len(quantization.scale) > 1:
        dims[quantization.quantizedDimension] = -1
    scale, zero_point = (np.reshape(values, dims) for values in (quantization.scale, quantization.zeroPoint))
    return ((codes.astype(np.float64) - zero_point) * scale).astype(np.float32)


def golden(quantized: Path, twin: bytes, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The inputs as real numbers, and what LiteRT makes of them: `in{k}_0` and `out{k}_0`, of a model with one input."""
    graph = load(quantized).subgraphs[0]
    quantization = graph.tensors[graph.inputs[0]].quantization
    interpreter = Interpreter(model_content=twin, num_threads=1)
    interpreter.allocate_tensors()
    arrays: dict[str, NDArray[Any]] = {}
    for name in sorted(name for name in inputs if name.startswith("in")):
        arrays[name] = _real(inputs[name], quantization)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], arrays[name])
        interpreter.invoke()
        output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        arrays[f"out{name.removeprefix('in')}"] = output.copy()
    return arrays


def write(quantized: Path, twin: Path, inputs: Path | None = None, vectors: Path | None = None) -> None:
    """Write the file of the twin, and its golden vectors if there are inputs."""
    content = float_twin(quantized)
    twin.write_bytes(content)
    if inputs is not None and vectors is not None:
        with np.load(inputs) as given, vectors.open("wb") as stream:
            np.savez(stream, **golden(quantized, content, dict(given)))  # type: ignore[arg-type]


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:]))
