# SPDX-License-Identifier: Apache-2.0
"""What an implementation accepts: IOSpec for one operand, ImplSpec for all of them; frozen, validated and hashable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sconnx.graph.tensor import Constant, DataFormat, DType, Tensor


class Aspect(Enum):
    """What of an operand can be other than an implementation wants it."""

    DTYPE = "dtype"
    DATA_FORMAT = "data format"
    DIMS = "dims"
    CONSTANT = "constant"
    QUANTIZATION = "quantization"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One operand that does not fit.

    Args:
        role: "input" or "output".
        position: among the inputs or outputs.
        aspects: what does not fit; an adapter can change dtype and data format, nothing else.
    """

    role: str
    position: int
    aspects: tuple[Aspect, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.role} {self.position} {self.text}"


@dataclass(frozen=True, slots=True)
class IOSpec:
    """One operand. None is a wildcard.

    Args:
        dtype: element type.
        dims: one entry per dimension; a None entry matches any size.
        data_format: the order of the dimensions; of tensors that are neither images nor sequences it does not matter.
        constant: whether its value is known at build time, or must not be.
        quantized: whether its integers stand for real numbers, or must not.
    """

    dtype: DType | None = None
    dims: tuple[int | None, ...] | None = None
    data_format: DataFormat | None = None
    constant: bool | None = None
    quantized: bool | None = None

    def __post_init__(self) -> None:
        if self.dtype is not None and not isinstance(self.dtype, DType):
            raise TypeError(f"dtype is {self.dtype!r}; it must be a DType or None")
        if self.data_format is not None and not isinstance(self.data_format, DataFormat):
            raise TypeError(f"data_format is {self.data_format!r}; it must be a DataFormat or None")
        if self.dims is not None and any(dim is not None and dim < 1 for dim in self.dims):
            raise ValueError(f"dims are {self.dims}; each must be None or at least 1")

    def mismatch(self, tensor: Tensor) -> tuple[tuple[Aspect, ...], str] | None:
        """What of the tensor does not fit, with a reason; None when it fits."""
        aspects: list[Aspect] = []
        reasons: list[str] = []
        if self.dtype is not None and tensor.dtype is not self.dtype:
            aspects.append(Aspect.DTYPE)
            reasons.append(f"is {tensor.dtype.value}, not {self.dtype.value}")
        wanted_dims = self.dims
        if self.data_format is not None and tensor.data_format not in (self.data_format, DataFormat.NONE):
            aspects.append(Aspect.DATA_FORMAT)
            reasons.append(f"is {tensor.data_format.value if tensor.data_format else ''}, not {self.data_format.value}")
            wanted_dims = None if wanted_dims is None else (None,) * len(wanted_dims)
        if wanted_dims is not None and not _fits(wanted_dims, tensor.dims):
            aspects.append(Aspect.DIMS)
            wanted = "x".join("?" if dim is None else str(dim) for dim in wanted_dims)
            reasons.append(f"has dims {'x'.join(map(str, tensor.dims))}, not {wanted}")
        if self.constant is not None and isinstance(tensor, Constant) is not self.constant:
            aspects.append(Aspect.CONSTANT)
            reasons.append("is computed at run time" if self.constant else "is a constant")
        if self.quantized is not None and (tensor.quantization is not None) is not self.quantized and not reasons:
            aspects.append(Aspect.QUANTIZATION)
            reasons.append("is not quantised" if self.quantized else "is quantised")
        return (tuple(aspects), " and ".join(reasons)) if aspects else None

    @property
    def specificity(self) -> int:
        """How many facts are fixed; the more, the earlier it is tried."""
        fixed_dims = sum(dim is not None for dim in self.dims or ())
        stated = (self.dtype, self.data_format, self.dims, self.constant, self.quantized)
        return sum(fact is not None for fact in stated) + fixed_dims


def _fits(wanted: tuple[int | None, ...], dims: tuple[int, ...]) -> bool:
    return len(wanted) == len(dims) and all(want in (None, have) for want, have in zip(wanted, dims, strict=True))


@dataclass(frozen=True, slots=True)
class ImplSpec:
    """All operands of one implementation and the CPU features it needs.

    Optional trailing inputs of a node may be absent; operands beyond the last IOSpec follow the last one. No IOSpec at all
    accepts anything.
    """

    inputs: tuple[IOSpec, ...] = ()
    outputs: tuple[IOSpec, ...] = ()
    features: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for spec in (*self.inputs, *self.outputs):
            if not isinstance(spec, IOSpec):
                raise TypeError(f"{spec!r} is no IOSpec")
        if not isinstance(self.features, frozenset):
            raise TypeError(f"features are {self.features!r}; they must be a frozenset of names")

    @property
    def specificity(self) -> tuple[int, int]:
        """CPU features first, then fixed facts of the operands: the larger, the earlier it is tried."""
        return len(self.features), sum(spec.specificity for spec in self.inputs + self.outputs)

    def missing_features(self, features: frozenset[str]) -> tuple[str, ...]:
        """What the CPU lacks."""
        return tuple(sorted(self.features - features))

    def mismatches(self, inputs: tuple[Tensor | None, ...], outputs: tuple[Tensor, ...]) -> list[Mismatch]:
        """Every operand that does not fit."""
        found = []
        for role, specs, tensors in (("input", self.inputs, inputs), ("output", self.outputs, outputs)):
            for position, tensor in enumerate(tensors):
                if tensor is None or not specs:
                    continue
                difference = specs[min(position, len(specs) - 1)].mismatch(tensor)
                if difference is not None:
                    found.append(Mismatch(role, position, *difference))
        return found
