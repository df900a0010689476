# SPDX-License-Identifier: Apache-2.0
"""Random graphs with tensors of several dtypes, lowered without any rule."""

from __future__ import annotations

from hypothesis import strategies as st

from sconnx.export.access import Access, Alias, Elementwise, Parts, Whole, Window
from sconnx.export.lowered import Choice, Lowered
from sconnx.graph.graph import Graph
from sconnx.graph.model import ModelBuilder
from sconnx.graph.node import Node
from sconnx.graph.operator import (
    Add,
    Concat,
    Dequantize,
    MaxPooling2D,
    Operator,
    Quantize,
    Relu,
    Reshape,
    Split,
    Transpose,
)
from sconnx.graph.tensor import DType, State
from sconnx.reference.rule import Rule

DTYPES = tuple(DType)
HEADER, PARAMS_TYPE, KERNEL = "made_up.h", "made_up", "made_up_exact"
"""What all nodes are said to call."""


def access_of(node: Node) -> Access:
    """What the byte machine does, as a rule would say it."""
    if isinstance(node.operator, MaxPooling2D):
        return Window(node.operator.kernel_dims[0], node.operator.stride_dims[0], 1, node.operator.padding[0])
    kinds: dict[type[Operator], Access] = {Transpose: Whole(), Reshape: Alias(), Concat: Parts(), Split: Parts()}
    return kinds.get(type(node.operator), Elementwise())


def made_up(graph: Graph, scratch: dict[int, int] | None = None) -> Lowered:
    """A choice for every node without any rule."""

    def choice(index: int, node: Node) -> Choice:
        access = access_of(node)
        return Choice(
            lib="none",
            implementation="",
            kernel="" if isinstance(access, Alias) else KERNEL,
            header=HEADER,
            params_type=PARAMS_TYPE,
            operands=tuple(range(len(node.inputs))),
            scratch_bytes=0 if isinstance(access, Alias | Parts) else (scratch or {}).get(index, 0),
            macs=0,
            access=access,
        )

    choices = tuple(choice(index, node) for index, node in enumerate(graph.nodes))
    return Lowered(target="none", graph=graph, choices=choices)


class Mixed:
    """Builds graphs of tensors of any dtype."""

    def __init__(self) -> None:
        self.builder = ModelBuilder("mixed", Rule.ONNX)

    def input(self, dtype: DType, *dims: int) -> int:
        return self.builder.add_input(f"x{len(self.builder.inputs)}", dtype, dims, None)

    def state(self, dtype: DType, *dims: int) -> int:
        return self.builder.add_state(f"s{len(self.builder.tensors)}", dtype, dims)

    def nodes(self, operator: Operator, *inputs: int, dtype: DType | None = None, outputs: int = 1) -> tuple[int, ...]:
        number = len(self.builder.nodes)
        return self.builder.add_node_of_many(
            operator,
            inputs,
            name=f"n{number}",
            source_index=number,
            output_names=[f"t{number}_{i}" for i in range(outputs)],
            dtype=dtype or self.builder.tensors[inputs[0]].dtype,
        )

    def node(self, operator: Operator, *inputs: int, dtype: DType | None = None) -> int:
        return self.nodes(operator, *inputs, dtype=dtype)[0]


@st.composite
def mixed_graphs(draw: st.DrawFn, most_nodes: int = 7, least_states: int = 0, most_states: int = 0) -> Graph:
    mixed = Mixed()
    dims = st.tuples(st.just(1), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))
    tensors = [mixed.input(draw(st.sampled_from(DTYPES)), *draw(dims)) for _ in range(draw(st.integers(1, 3)))]
    states = [
        mixed.state(draw(st.sampled_from(DTYPES)), *draw(dims))
        for _ in range(draw(st.integers(least_states, most_states)))
    ]
    tensors += states
    for _ in range(draw(st.integers(1, most_nodes))):
        tensors.extend(_random_nodes(draw, mixed, tensors))
    for state in states:
        mixed.builder.update_state(state, _next(draw, mixed, tensors, state))
    outputs = draw(st.lists(st.sampled_from(tensors), min_size=1, max_size=3, unique=True))
    if states and draw(st.integers(0, 4)):
        # Outputs that are the old content of a state are refused: mostly there are none.
        outputs = [mixed.node(Add(), tensor, tensor) if tensor in _old(mixed, states) else tensor for tensor in outputs]
        outputs += [mixed.node(Add(), state, state) for state in states]
    return mixed.builder.build(outputs).graph


def _old(mixed: Mixed, states: list[int]) -> set[int]:
    """States, and what may lie in them."""
    found = set(states)
    for node in mixed.builder.nodes:
        if isinstance(node.operator, Reshape | Split | Concat) and found.intersection(node.reads):
            found.update(node.outputs)
    return found


def _next(draw: st.DrawFn, mixed: Mixed, tensors: list[int], state: int) -> int:
    """A tensor of the state's dims and dtype."""
    known = mixed.builder.tensors
    fitting = [
        tensor
        for tensor in tensors
        if (known[tensor].dims, known[tensor].dtype) == (known[state].dims, known[state].dtype)
        and not isinstance(known[tensor], State)
    ]
    return draw(st.sampled_from(fitting)) if fitting else mixed.node(Relu(), state)


def _random_nodes(draw: st.DrawFn, mixed: Mixed, tensors: list[int]) -> tuple[int, ...]:
    known = mixed.builder.tensors
    source = draw(st.sampled_from(tensors))
    _, height, width, channels = known[source].dims
    kind = draw(
        st.sampled_from(("relu", "add", "convert", "convert", "pool", "transpose", "reshape", "concat", "split"))
    )
    if kind == "add":
        alike = [t for t in tensors if (known[t].dims, known[t].dtype) == (known[source].dims, known[source].dtype)]
        return mixed.nodes(Add(), source, draw(st.sampled_from(alike)))
    if kind == "convert":
        operator = draw(st.sampled_from((Quantize(), Dequantize())))
        return mixed.nodes(operator, source, dtype=draw(st.sampled_from(DTYPES)))
    if kind == "pool":
        kernel = draw(st.integers(1, height))
        return mixed.nodes(MaxPooling2D(kernel_dims=(kernel, 1), padding=(kernel - 1, 0, 0, 0)), source)
    if kind == "transpose":
        return mixed.nodes(Transpose(permutation=(0, 3, 1, 2)), source)
    if kind == "reshape":
        return mixed.nodes(Reshape(dims=(1, width, channels, height)), source)
    if kind == "concat":
        of_dtype = [
            t for t in tensors if known[t].dtype is known[source].dtype and known[t].dims[2:] == (width, channels)
        ]
        parts = draw(st.lists(st.sampled_from(of_dtype), min_size=1, max_size=3))
        return mixed.nodes(Concat(axis=1), source, *parts)
    if kind == "split" and height > 1:
        first = draw(st.integers(1, height - 1))
        return mixed.nodes(Split(axis=1, sizes=(first, height - first)), source, outputs=2)
    return mixed.nodes(Relu(), source)
