# SPDX-License-Identifier: Apache-2.0
"""The values of a graph: constants, scales and zero points, keyed by tensor. The file form is params.npz."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Params:
    """Values by tensor index.

    `value[t]` has the dims and dtype of constant t, or is what state t has before the first run. `scale[t]` (float32) and
    `zero_point[t]` (int32) have one element, or one per index of the quantization axis.
    """

    value: Mapping[int, NDArray[np.generic]] = field(default_factory=dict)
    scale: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)
    zero_point: Mapping[int, NDArray[np.int32]] = field(default_factory=dict)

    def to_npz(self) -> bytes:
        """The file form; equal values give equal bytes (numpy stamps every member 1980-01-01)."""
        arrays = {f"t{t}.value": self.value[t] for t in sorted(self.value)}
        arrays |= {f"t{t}.scale": self.scale[t] for t in sorted(self.scale)}
        arrays |= {f"t{t}.zero_point": self.zero_point[t] for t in sorted(self.zero_point)}
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **{key: np.asarray(array, order="C") for key, array in arrays.items()})
        return buffer.getvalue()

    @classmethod
    def from_npz(cls, path: Path) -> Params:
        with np.load(path, allow_pickle=False) as file:
            fields: dict[str, dict[int, NDArray[np.generic]]] = {"value": {}, "scale": {}, "zero_point": {}}
            for key in file.files:
                tensor, what = key.split(".")
                fields[what][int(tensor[1:])] = file[key]
        return cls(fields["value"], fields["scale"], fields["zero_point"])  # type: ignore[arg-type]
