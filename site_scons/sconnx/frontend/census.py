# SPDX-License-Identifier: Apache-2.0
"""Which operators a model file has, whether sconnx knows them or not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sconnx.frontend.read import is_tflite


def census(path: Path) -> Counter[str]:
    """How many nodes of each operator the file has, by the names of its format; of all its subgraphs, for TFLite.

    Raises:
        SconnxError: E101 to E104, as `read_model`.
    """
    if is_tflite(path):
        from sconnx.frontend.tflite.importer import read_operators

        return Counter(read_operators(path))
    from sconnx.frontend.onnx.load import load, operator_name

    return Counter(operator_name(node) for node in load(path).nodes)
