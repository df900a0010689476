# SPDX-License-Identifier: Apache-2.0
"""A TFLite model of one operator with values for its inputs, and the file form of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.model import Model
from tests.frontend.tflite.tflite_file import File

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Operand:
    """A tensor. With a value it is a constant of the model, or, if `given`, an input that the caller writes before a run.

    Args:
        scale: none for a tensor that is not quantised; several with one per index of dimension `axis`.
        variable: state that the operator keeps between runs.
    """

    dims: tuple[int, ...]
    dtype: str = "int8"
    scale: tuple[float, ...] = ()
    zero_point: int = 0
    axis: int = 0
    value: Array | None = None
    given: bool = False
    variable: bool = False


def given(value: Array, scale: float | None = None, zero_point: int = 0) -> Operand:
    """An input of the model."""
    return replace(constant(value, scale, zero_point), given=True)


def constant(
    value: Array, scale: float | tuple[float, ...] | None = None, zero_point: int = 0, axis: int = 0
) -> Operand:
    """Weights, or a parameter such as axes or dims, which has no scale."""
    scales = () if scale is None else scale if isinstance(scale, tuple) else (scale,)
    return Operand(value.shape, value.dtype.name, scales, zero_point, axis, value)


def computed(dims: tuple[int, ...], scale: float | None = None, zero_point: int = 0, dtype: str = "int8") -> Operand:
    """An output."""
    return Operand(tuple(dims), dtype, () if scale is None else (scale,), zero_point)


@dataclass(frozen=True, eq=False)
class Case:
    """One node. Its inputs are in the order of the schema, None for an absent one; `fields` are those of its option table.

    Args:
        options: name of the option table, empty if the operator has none.
        further_runs: the values of the given inputs in runs after the first, of an operator that keeps state.
    """

    operator: str
    inputs: tuple[Operand | None, ...]
    outputs: tuple[Operand, ...]
    options: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    further_runs: tuple[tuple[Array, ...], ...] = ()

    @property
    def given(self) -> tuple[Array, ...]:
        """Values of the inputs in the first run."""
        return tuple(x.value for x in self.inputs if x is not None and x.given and x.value is not None)

    @property
    def runs(self) -> tuple[tuple[Array, ...], ...]:
        return (self.given, *self.further_runs)

    def pack(self, version: int = 3) -> bytes:
        """The .tflite file; `version` is that of the operator."""
        return pack_all([self], version)

    def read(self, folder: Path) -> Model:
        """The model as sconnx imports it. `folder` gets the file."""
        path = folder / "case.tflite"
        path.write_bytes(self.pack())
        return read_tflite(path, "case")

    def describe(self) -> str:
        """For the messages of tests."""
        lines = [f"{self.operator} {dict(self.fields)}"]
        for kind, operands in (("input", self.inputs), ("output", self.outputs)):
            for position, x in enumerate(operands):
                if x is not None:
                    small = "" if x.value is None or x.given or x.value.size > 16 else f" = {x.value.tolist()}"
                    quantized = f" scale {list(x.scale)[:4]} zero point {x.zero_point}" if x.scale else ""
                    lines.append(f"{kind} {position}: {x.dtype} {list(x.dims)}{quantized}{small}")
        return "\n".join(lines)


def pack_all(cases: Sequence[Case], version: int = 3) -> bytes:
    """The .tflite file of one model that has the nodes of all cases side by side."""
    file = File()
    for number, case in enumerate(cases):
        inputs = [
            -1 if operand is None else _add(file, f"input{number}.{position}", operand)
            for position, operand in enumerate(case.inputs)
        ]
        outputs = [_add(file, f"output{number}.{position}", operand) for position, operand in enumerate(case.outputs)]
        file.node(case.operator, inputs, outputs, case.options, version=version, **case.fields)
        operands = zip(inputs, case.inputs, strict=True)
        file.graph.inputs += [index for index, operand in operands if operand is not None and operand.given]
        file.graph.outputs += outputs
    return file.pack()


def _add(file: File, name: str, operand: Operand) -> int:
    number = file.tensor(
        name,
        operand.dims,
        operand.dtype,
        list(operand.scale),
        operand.zero_point,
        operand.axis,
        None if operand.given else operand.value,
    )
    file.graph.tensors[number].isVariable = operand.variable
    return int(number)


def codes(rng: np.random.Generator, dims: tuple[int, ...], dtype: str = "int8", extreme: bool = False) -> Array:
    """Uniform integers of a dtype, or only the two ends of its range."""
    info = np.iinfo(dtype)
    if extreme:
        return rng.choice(np.array([info.min, info.max], dtype), dims)
    return rng.integers(info.min, info.max + 1, dims).astype(dtype)


def scale(rng: np.random.Generator, low: float = 1e-3, high: float = 1.0) -> float:
    """A float32 scale, log-uniform."""
    return float(np.float32(np.exp(rng.uniform(np.log(low), np.log(high)))))


def zero_point(rng: np.random.Generator, dtype: str = "int8") -> int:
    """Mostly within the range of int8, sometimes one of its ends; of uint8 128 more; of larger ones 0, as TFLite has it."""
    if dtype in ("int16", "int32"):
        return 0
    return int(rng.choice([-128, 127, *rng.integers(-60, 60, 6)])) + (128 if dtype == "uint8" else 0)


def dims_of(rng: np.random.Generator, rank: int, most: int = 6) -> tuple[int, ...]:
    """`rank` random dims of 1 to `most`."""
    return tuple(int(dim) for dim in rng.integers(1, most + 1, rank))
