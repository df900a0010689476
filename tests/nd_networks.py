# SPDX-License-Identifier: Apache-2.0
"""Random networks of plain tensors of any rank and dtype: element-wise operators, movements, reductions, gathers."""

from __future__ import annotations

import numpy as np

from sconnx.graph import operator as op
from sconnx.graph.model import Model, ModelBuilder
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

UNARY = [getattr(op, name)() for name in "Tanh Sigmoid Relu HardSwish Abs Erf Sin Gelu Softplus Neg".split()]
BINARY = [op.Add(), op.Sub(), op.Mul(), op.Maximum(), op.SquaredDifference(), op.Add(activation=op.Activation.RELU)]


class _Network:
    """Nodes one after the other, and the float32 tensors that there are."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.builder = ModelBuilder("nd", Rule.ONNX)
        dims = ((1, 5, 4, 3), (2, 3, 4), (2, 1, 3, 2, 4))[seed % 3]
        self.floats = [self.builder.add_input(f"x{number}", DType.FLOAT32, dims, None) for number in range(2)]
        self.count = 0

    def node(self, operator: Operator, *inputs: int, dtype: DType = DType.FLOAT32) -> int:
        self.count += 1
        name = f"n{self.count}"
        return self.builder.add_node(
            operator, inputs, name=name, source_index=self.count, output_name=f"{name}_y", dtype=dtype
        )

    def pick(self) -> int:
        return self.floats[int(self.rng.integers(len(self.floats)))]

    def dims(self, tensor: int) -> tuple[int, ...]:
        return self.builder.tensors[tensor].dims

    def like(self, tensor: int) -> int:
        """A tensor that broadcasts to another one: one that there is, or a constant."""
        dims = self.dims(tensor)
        same = [other for other in self.floats if self.dims(other) == dims]
        if self.rng.integers(2):
            return same[int(self.rng.integers(len(same)))]
        own = [dim if keep else 1 for dim, keep in zip(dims, self.rng.integers(0, 2, len(dims)), strict=True)]
        value = self.rng.standard_normal(own[int(self.rng.integers(len(own))) :]).astype(np.float32)
        return self.builder.add_constant(f"c{self.count}", value)

    def moved(self, x: int) -> int:
        """Transposed, cut, padded, repeated, resampled or gathered."""
        dims, rank = self.dims(x), len(self.dims(x))
        axis = int(self.rng.integers(rank))
        along = np.arange(rank) == axis
        match int(self.rng.integers(6)):
            case 0:
                return self.node(op.Transpose(permutation=tuple(map(int, self.rng.permutation(rank)))), x)
            case 1:
                last = tuple(dim - 1 if there else 0 for dim, there in zip(dims, along, strict=True))
                return self.node(op.Slice(starts=last, sizes=dims, steps=tuple(-1 if a else 1 for a in along)), x)
            case 2:
                return self.node(op.Pad(before=tuple(map(int, along)), after=(0,) * rank, value=0.5), x)
            case 3:
                return self.node(op.Tile(repeats=tuple(1 + int(there) for there in along)), x)
            case 4:
                double = tuple(2 * dim if there else dim for dim, there in zip(dims, along, strict=True))
                return self.node(op.Resize(dims=double, interpolation=op.Interpolation.LINEAR), x)
        indices = self.builder.add_constant(f"i{self.count}", self.rng.integers(-dims[axis], dims[axis], 3))
        return self.node(op.Gather(axis=axis), x, indices)

    def tested(self, x: int) -> int:
        """One of two tensors, as a comparison says."""
        other = self.like(x)
        condition = self.node(op.Greater(), x, other, dtype=DType.BOOL)
        return self.node(op.Where(), condition, x, other)

    def counted(self, x: int) -> int:
        """By integers: converted, computed, and back."""
        whole = self.node(
            op.Cast(), self.node(op.Mul(), x, self.builder.add_constant("ten", np.float32([10]))), dtype=DType.INT32
        )
        three = self.builder.add_constant("three", np.array([3], np.int32))
        rest = self.node(op.Mod(), whole, three, dtype=DType.INT32)
        return self.node(op.Cast(), rest)

    def step(self) -> None:
        x = self.pick()
        match int(self.rng.integers(6)):
            case 0:
                y = self.node(UNARY[int(self.rng.integers(len(UNARY)))], x)
            case 1 | 2:
                y = self.node(BINARY[int(self.rng.integers(len(BINARY)))], x, self.like(x))
            case 3:
                y = self.moved(x)
            case 4:
                y = self.tested(x)
            case _:
                y = self.counted(x)
        if np.prod(self.dims(y)) < 1000:
            self.floats.append(y)


def nd_network(seed: int) -> Model:
    """A dozen nodes from one seed; the outputs are the last tensor, its mean, and where it is largest."""
    network = _Network(seed)
    for _ in range(12):
        network.step()
    last = network.floats[-1]
    mean = network.node(op.ReduceMean(axes=(1,)), last)
    largest = network.node(op.ArgMax(axis=len(network.dims(last)) - 1), last, dtype=DType.INT64)
    return network.builder.build([last, mean, largest])
