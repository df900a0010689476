# SPDX-License-Identifier: Apache-2.0
"""Calibration samples: an .npz with one float32 array per graph input, named like it; its first dimension counts the samples."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sconnx.errors import SconnxError, raise_all

Sample = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class GraphInput:
    """An input of the float model; `dims` with an open batch as 1."""

    name: str
    dtype: np.dtype[Any]
    dims: tuple[int, ...]


def read_samples(path: Path, inputs: Sequence[GraphInput]) -> list[Sample]:
    """The samples, each with one array of its own dims per input.

    Raises:
        SconnxError: E101 unreadable, E102 no .npz file, E505 all that does not fit the model.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except OSError as error:
        why = error.strerror or str(error)
        raise SconnxError("E101", "cannot read the samples", where=path.name, why=why) from error
    except (ValueError, EOFError, AttributeError, TypeError, BadZipFile, zlib.error) as error:
        raise SconnxError("E102", "the samples are not an .npz file", where=path.name, why=str(error)) from error
    _check(arrays, inputs, path.name)
    count = len(arrays[inputs[0].name])
    return [{one.name: arrays[one.name][i].reshape(one.dims).astype(one.dtype) for one in inputs} for i in range(count)]


def _check(arrays: Mapping[str, NDArray[Any]], inputs: Sequence[GraphInput], where: str) -> None:
    errors = []
    names = [one.name for one in inputs]
    for one in inputs:
        array = arrays.get(one.name)
        if array is None:
            hint = f"its keys must be: {', '.join(names)}; it has: {', '.join(arrays) or 'none'}"
            errors.append(SconnxError("E505", f"there are no samples of input '{one.name}'", where=where, help=hint))
        elif array.ndim == 0 or len(array) == 0 or array[0].size != np.prod(one.dims, dtype=int):
            wanted, have = ("x".join(map(str, dims)) for dims in (one.dims, array.shape))
            what = f"the samples of '{one.name}' are of {have or 'no dims'}, not any number of {wanted}"
            errors.append(SconnxError("E505", what, where=where))
        elif array.dtype.kind not in "fiub" or not np.isfinite(array).all():
            errors.append(SconnxError("E505", f"the samples of '{one.name}' are not all numbers", where=where))
    if not errors and len({len(arrays[name]) for name in names}) > 1:
        counts = ", ".join(f"{len(arrays[name])} of '{name}'" for name in names)
        errors.append(SconnxError("E505", f"the inputs have different numbers of samples: {counts}", where=where))
    raise_all(errors)
