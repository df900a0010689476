# SPDX-License-Identifier: Apache-2.0
"""interface.json: names, dtypes, dims and quantisation of the graph's inputs and outputs.

It is a file of its own so that retraining, which changes every scale in params.npz, regenerates the header only when a scale
that the application sees has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document
from sconnx.graph.tensor import DType

SCHEMA = "sconnx.interface/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One graph input or output.

    Args:
        tensor: index in the graph.
        name: in the source model.
        identifier: unique among the inputs, or among the outputs.
        source_axes: see `Tensor`; empty when the source model has the same order.
        scale, zero_point: real = scale * (q - zero_point); None where the elements are what they are.
    """

    tensor: int
    name: str
    identifier: str
    dtype: str
    dims: tuple[int, ...]
    source_axes: tuple[int, ...]
    scale: float | None
    zero_point: int | None

    @property
    def size(self) -> int:
        size = 1
        for dim in self.dims:
            size *= dim
        return size

    @property
    def size_bytes(self) -> int:
        return self.size * DType(self.dtype).size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "inputs": [asdict(port) for port in self.inputs],
            "outputs": [asdict(port) for port in self.outputs],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Interface:
        def ports(key: str) -> tuple[Port, ...]:
            return tuple(
                Port(**{**port, "dims": tuple(port["dims"]), "source_axes": tuple(port["source_axes"])})
                for port in document[key]
            )

        return cls(inputs=ports("inputs"), outputs=ports("outputs"))


def read_interface(path: Path) -> Interface:
    return Interface.from_json(read_document(path, SCHEMA))
