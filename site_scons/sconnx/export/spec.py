# SPDX-License-Identifier: Apache-2.0
"""What an implementation accepts: IOSpec for one operand, ImplSpec for all of them; frozen and hashable."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.graph.tensor import DType, Tensor


@dataclass(frozen=True, slots=True)
class IOSpec:
    """One operand. None is a wildcard.

    Args:
        dtype: element type.
        dims: one entry per dimension; a None entry matches any size.
    """

    dtype: DType | None = None
    dims: tuple[int | None, ...] | None = None

    def mismatch(self, tensor: Tensor) -> str | None:
        """Why the tensor does not fit, or None when it does."""
        if self.dtype is not None and tensor.dtype is not self.dtype:
            return f"is {tensor.dtype.value}, not {self.dtype.value}"
        if self.dims is not None:
            fits = len(self.dims) == len(tensor.dims)
            if not fits or any(want not in (None, have) for want, have in zip(self.dims, tensor.dims, strict=True)):
                wanted = "x".join("?" if dim is None else str(dim) for dim in self.dims)
                return f"has dims {'x'.join(map(str, tensor.dims))}, not {wanted}"
        return None

    @property
    def specificity(self) -> int:
        """How many facts are fixed; the more, the earlier it is tried."""
        return (self.dtype is not None) + sum(dim is not None for dim in self.dims or ())


@dataclass(frozen=True, slots=True)
class ImplSpec:
    """All operands of one implementation and the CPU features it needs.

    Optional trailing inputs of a node may be absent; inputs beyond the last IOSpec follow the last one.
    """

    inputs: tuple[IOSpec, ...] = ()
    outputs: tuple[IOSpec, ...] = ()
    features: frozenset[str] = frozenset()

    @property
    def specificity(self) -> int:
        return sum(spec.specificity for spec in self.inputs + self.outputs) + len(self.features)

    def mismatch(
        self, inputs: tuple[Tensor | None, ...], outputs: tuple[Tensor, ...], features: frozenset[str]
    ) -> str | None:
        """The first reason why operands and CPU do not fit, or None when they do."""
        missing = sorted(self.features - features)
        if missing:
            return f"needs the CPU feature {', '.join(missing)}"
        for role, specs, tensors in (("input", self.inputs, inputs), ("output", self.outputs, outputs)):
            for position, tensor in enumerate(tensors):
                if tensor is None or not specs:
                    continue
                reason = specs[min(position, len(specs) - 1)].mismatch(tensor)
                if reason is not None:
                    return f"{role} {position} {reason}"
        return None
