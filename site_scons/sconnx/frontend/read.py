# SPDX-License-Identifier: Apache-2.0
"""Choose the reader of a model file, by its content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.graph.model import Model

_TFLITE_IDENTIFIER = b"TFL3"


def is_tflite(path: Path) -> bool:
    """Whether a file is to be read as TFLite; else it is for the ONNX reader.

    Raises SconnxError E101 for a file that cannot be read, E102 for an empty one and for a .tflite file that is none.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise SconnxError("E101", "cannot read the model", where=path.name, why=error.strerror or str(error)) from error
    if not head:
        raise SconnxError("E102", "the file is empty", where=path.name, help="give a .tflite or .onnx model")
    if head[4:8] == _TFLITE_IDENTIFIER:
        return True
    if path.suffix.lower() == ".tflite":
        raise SconnxError(
            "E102",
            "the file is not a TFLite model",
            where=path.name,
            why="its bytes 4 to 8 are not 'TFL3'",
            help="give a .tflite or .onnx model",
        )
    return False


def read_model(path: Path, name: str, carry: Mapping[str, str] | None = None) -> Model:
    """Read a .tflite or .onnx file.

    Args:
        name: of the model, a C identifier.
        carry: outputs of an .onnx model that become inputs of the next run, and these inputs.

    Raises:
        SconnxError: E702 `carry` is given for a .tflite file, or is not about outputs and inputs that fit each other.
        SconnxError: E101 the file cannot be read, E102 it is no model, E103 it is damaged, E201 (all) unsupported nodes.
    """
    if is_tflite(path):
        from sconnx.frontend.tflite.importer import read_tflite

        if carry:
            why = "a .tflite model says itself what it keeps, in variables"
            raise SconnxError("E702", "carry= is for .onnx models", where=path.name, why=why, help="leave carry= out")
        return read_tflite(path, name)
    from sconnx.frontend.onnx.importer import read_onnx

    return read_onnx(path, name, carry or {})
