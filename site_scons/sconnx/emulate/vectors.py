# SPDX-License-Identifier: Apache-2.0
"""Test vectors: inputs for the firmware and, where known, the outputs that it must give.

A vectors file is an .npz with `in{k}_{input}` for k = 0, 1, ... and `{engine}_out{k}_{output}` or `out{k}_{output}`; inputs and
outputs are named, or numbered by position. Of several engines the one is taken that the model's rule is exact to. Arrays
have the dims and dtype of the source model; where a port is quantised they may be float32, and are quantised on the way in, and
compared dequantised. Vectors follow each other: a model with state begins vector k with what vector k - 1 left.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.interface import Interface, Port
from sconnx.errors import SconnxError, raise_all
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.rule import Rule

ENGINES = {Rule.TFLITE: "tflm", Rule.ONNX: "ort_none"}
SEED = 20261122
SEEDED_COUNT = 3

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """One inference.

    Args:
        inputs: of the graph's dtypes, in the stored order of dims, one per graph input.
        expected: as in the file, in the source's order of dims, one per graph output; empty when unknown.
    """

    inputs: tuple[Array, ...]
    expected: tuple[Array, ...] = ()

    @property
    def stdin(self) -> bytes:
        """What the firmware reads for this inference."""
        return b"".join(array.tobytes() for array in self.inputs)


def seeded_vectors(interface: Interface, count: int = SEEDED_COUNT) -> list[Vector]:
    """Random inputs, the same in every run: see `_random`."""
    random = np.random.default_rng(SEED)
    return [Vector(tuple(_random(random, port) for port in interface.inputs)) for _ in range(count)]


def _random(random: np.random.Generator, port: Port) -> Array:
    """float32: of a normal distribution around 0; integers: all that the dtype has, but 0 and 1 where they may be indices."""
    dtype = np.dtype(port.dtype)
    if dtype == np.float32:
        return random.standard_normal(port.dims, np.float32)
    if dtype == np.bool_ or dtype.itemsize > 2:
        return random.integers(0, 2, port.dims).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(int(limits.min), int(limits.max) + 1, port.dims).astype(dtype)


def _longer_than_1(dims: Sequence[int]) -> list[int]:
    return [dim for dim in dims if dim != 1]


def _source_dims(port: Port, array: NDArray[np.generic], where: str) -> list[int]:
    """The dims of a port in the source model. Raises SconnxError E505 when an array of the file does not fit."""
    source_dims = list(port.dims)
    for stored, source in enumerate(port.source_axes):
        source_dims[source] = port.dims[stored]
    # A batch of 1 may be left out, and a flat array has one meaning; axes in another order do not fit.
    fits = array.shape == (port.size,) or _longer_than_1(array.shape) == _longer_than_1(source_dims)
    dtypes = [port.dtype] if port.scale is None else [port.dtype, "float32"]
    if not fits or array.dtype.name not in dtypes:
        wanted = f"{' or '.join(dtypes)} of {'x'.join(map(str, source_dims)) or 'no dims'}"
        have = f"{array.dtype} of {'x'.join(map(str, array.shape))}"
        raise SconnxError("E505", f"the vectors for '{port.name}' are {have}, not {wanted}", where=where)
    if port.scale is not None and np.isnan(array.astype(np.float32)).any():
        raise SconnxError("E505", f"the vectors for '{port.name}' hold values that are not a number", where=where)
    return source_dims


def to_stored(port: Port, rule: Rule, array: NDArray[np.generic], where: str) -> Array:
    """A source tensor as the firmware wants it: of the port's dtype, quantised if need be, dims in stored order."""
    source_dims = _source_dims(port, array, where)
    axes = port.source_axes or tuple(range(len(port.dims)))
    if array.dtype.name != port.dtype:
        assert port.scale is not None and port.zero_point is not None
        array = quantize(rule, array.astype(np.float32), port.scale, port.zero_point, np.dtype(port.dtype))
    return np.array(array.reshape(source_dims).transpose(axes), order="C")


def to_source(port: Port, stored: Array, dtype: np.dtype[np.generic]) -> Array:
    """An output of the firmware in the source's order of dims; dequantised where the source's dtype is float32, its own not."""
    if port.source_axes:
        stored = stored.reshape(port.dims).transpose(np.argsort(port.source_axes))
    if dtype.name == port.dtype or dtype != np.float32:
        return stored
    assert port.scale is not None and port.zero_point is not None
    return dequantize(cast(NDArray[np.integer[Any]], stored), port.scale, port.zero_point)


def read_vectors(path: Path, interface: Interface, rule: Rule) -> list[Vector]:
    """Raises SconnxError E101 when the file cannot be read, E505 when it does not fit the model."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except OSError as error:
        raise SconnxError(
            "E101", "cannot read the vectors", where=path.name, why=error.strerror or str(error)
        ) from error
    except (ValueError, EOFError, AttributeError, TypeError, BadZipFile, zlib.error) as error:
        raise SconnxError("E102", "the vectors are not an .npz file", where=path.name, why=str(error)) from error

    def find(prefix: str, port: Port, position: int) -> NDArray[np.generic] | None:
        return arrays.get(f"{prefix}_{port.name}", arrays.get(f"{prefix}_{position}"))

    vectors: list[Vector] = []
    for k in range(len(arrays)):
        given = [find(f"in{k}", port, i) for i, port in enumerate(interface.inputs)]
        if any(array is None for array in given):
            if vectors and any(array is not None for array in given):
                raise SconnxError("E505", f"vector {k} lacks some of the inputs", where=path.name)
            break
        inputs = tuple(
            to_stored(port, rule, array, path.name)
            for port, array in zip(interface.inputs, given, strict=True)
            if array is not None
        )
        for prefix in (f"{ENGINES[rule]}_out{k}", f"out{k}"):
            outputs = [find(prefix, port, i) for i, port in enumerate(interface.outputs)]
            expected = tuple(array for array in outputs if array is not None)
            if expected:
                break
        if expected and len(expected) != len(interface.outputs):
            raise SconnxError("E505", f"vector {k} lacks some of the outputs", where=path.name)
        for port, array in zip(interface.outputs, expected, strict=False):
            _source_dims(port, array, path.name)
        vectors.append(Vector(inputs, expected))
    if not vectors:
        names = ", ".join(f"in0_{port.name}" for port in interface.inputs)
        raise SconnxError(
            "E505", "the file holds no inputs of this model", where=path.name, help=f"its keys must be: {names}"
        )
    _check_keys(arrays, interface, rule, len(vectors), path.name)
    return vectors


def _check_keys(keys: Iterable[str], interface: Interface, rule: Rule, count: int, where: str) -> None:
    """A key that looks like a vector but was not read would be a comparison that silently does not happen."""
    errors = []
    for key in keys:
        match = re.fullmatch(rf"(in|out|{ENGINES[rule]}_out)(\d+)_(.+)", key)
        if match is None:
            continue
        kind = "input" if match[1] == "in" else "output"
        ports = interface.inputs if kind == "input" else interface.outputs
        known = [port.name for port in ports]
        if match[3] not in (*known, *map(str, range(len(ports)))):
            hint = f"its {kind}s: {', '.join(known)}"
            errors.append(SconnxError("E505", f"key '{key}' names no {kind} of this model", where=where, help=hint))
        elif int(match[2]) >= count:
            errors.append(SconnxError("E505", f"key '{key}' follows a gap: vector {count} has no inputs", where=where))
    raise_all(errors)
