# SPDX-License-Identifier: Apache-2.0
"""One test for each row of the table of concepts of the export system; the details are in the tests beside this one."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from sconnx.errors import SconnxError
from sconnx.export.node import export_node
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.constructors import Conv2DOp
from sconnx.graph.operator import Conv2D, Operator, Relu, Transpose
from sconnx.graph.tensor import Computed, Constant, DataFormat, DType, GraphInput, Tensor
from sconnx.memory.meminfo import MemInfo, scratch_key
from sconnx.memory.planner import Memory, plan_memory
from sconnx.reference.execute import execute
from sconnx.schedule.scheduler import ExportScheduler
from tests.export import cortex_x0
from tests.export.made_up import lib_of, lowered_by, rule, types
from tests.export.test_adapters import NCHW_S8, pooled
from tests.export.workshop import Exported, Workshop
from tests.tiny_models import Chain, tiny_model

S8 = IOSpec(DType.INT8)


@pytest.fixture(scope="module")
def x0(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The network of the made-up core, exported for it."""
    folder = tmp_path_factory.mktemp("x0")
    cpu = cortex_x0.make(folder)
    return workshop.export(cortex_x0.network(), rules=[folder / "rules"], target=str(cpu))


def test_io_spec() -> None:
    """dtype, data format, dims, any a wildcard, of one operand; frozen, hashable."""
    image = Computed(name="t", dtype=DType.INT8, dims=(1, 4, 5, 3))
    assert IOSpec().mismatch(image) is None
    assert IOSpec(DType.INT8, (1, None, 5, 3), DataFormat.NHWC).mismatch(image) is None
    different = IOSpec(DType.INT16, (1, 4, 5, 3), DataFormat.NCHW).mismatch(image)
    assert different is not None
    assert different[1] == "is int8, not int16 and is NHWC, not NCHW"
    assert hash(IOSpec(DType.INT8)) == hash(S8)
    with pytest.raises(FrozenInstanceError):
        S8.dtype = None  # type: ignore[misc]


def test_impl_spec() -> None:
    """Inputs, outputs, required CPU features; the key of the registry."""
    spec = ImplSpec((S8, S8), (S8,), frozenset({"dsp"}))
    assert {spec: 1}[ImplSpec((S8, S8), (S8,), frozenset({"dsp"}))] == 1
    assert spec.missing_features(frozenset({"mve"})) == ("dsp",)
    with pytest.raises(FrozenInstanceError):
        spec.inputs = ()  # type: ignore[misc]


def test_export_lib(x0: Exported) -> None:
    """A lib that registers PaddedConv2D and nothing else exports a network made of those, on a core of the user's."""
    assert {choice.lib for choice in x0.lowered.choices} == {"x0"}
    assert x0.lowered.target == "cortex-x0"
    oracle = cortex_x0.network(padded=False)
    for seed in range(3):
        inputs = x0.random_inputs(seed)
        [output] = x0.run(inputs)
        np.testing.assert_array_equal(output, execute(oracle, inputs)[oracle.graph.outputs[0]])


def test_selection() -> None:
    """Most specific first; every rejection has a reason; a missing layout is adapted by a visible node, never silently."""
    lib = lib_of("x0", "Relu", "Transpose")
    lib.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(rule("Planar"))
    lib.register("MaxPooling2D", ImplSpec((IOSpec(DType.INT16),)))(rule("Wide"))
    lib.register("MaxPooling2D", ImplSpec(features=frozenset({"mve"})))(rule("Vector"))
    lowered = lowered_by(pooled().graph, lib)
    assert types(lowered) == ["Relu", "Transpose", "MaxPooling2D", "Transpose", "Relu"]
    lib = lib_of("x0", "Relu")
    lib.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(rule("Planar"))
    lib.register("MaxPooling2D", ImplSpec((IOSpec(DType.INT16),)))(rule("Wide"))
    lib.register("MaxPooling2D", ImplSpec(features=frozenset({"mve"})))(rule("Vector"))
    with pytest.raises(SconnxError) as caught:
        lowered_by(pooled().graph, lib)
    assert (
        "x0.Vector: needs the CPU feature mve; x0.Wide: input 0 is int8, not int16; "
        "x0.Planar: input 0 is NHWC, not NCHW; output 0 is NHWC, not NCHW"
    ) in str(caught.value)


def test_export_node(x0: Exported) -> None:
    """Typed attributes at any depth; name, dtype, dims, batch, channels, height, width; MemInfo of inputs, outputs, scratch."""
    places = x0.plan.by_tensor()
    node = export_node(x0.lowered.graph, 1, places, places[scratch_key(1)])
    assert node.attribute("conv.stride_dims") == (1, 2)
    assert node.attribute("pad.padding") == (1, 1, 0, 1)
    image, weights, bias = node.inputs
    assert image is not None
    assert weights is not None
    assert bias is not None
    assert (image.batch, image.channels, image.height, image.width) == (1, 5, 4, 6)
    assert image.mem == places[image.index]
    assert node.output.mem == places[node.output.index]
    assert node.scratch is not None
    assert (node.scratch.scratch_of, node.scratch.size_bytes) == (1, 4 * 4)
    assert (weights.mem, bias.mem, weights.tensor.dtype) == (None, None, DType.INT8)


def test_meta_operator(x0: Exported) -> None:
    """A subgraph with a name: exported whole where a lib registers it, else expanded and its members are selected."""
    assert [node.type for node in x0.lowered.graph.nodes] == ["PaddedConv2D", "PaddedConv2D"]
    graph = cortex_x0.network().graph
    expanded = lowered_by(x0.lowered.graph, lib_of("y0", "Pad2D", "Conv2D"))
    assert types(expanded) == [node.type for node in graph.nodes] == ["Pad2D", "Conv2D", "Pad2D", "Conv2D"]


def test_operator_names() -> None:
    """The dimension is in the name; constructors end in Op."""
    assert Conv2DOp(kernel_dims=3) == Conv2D(kernel_dims=(3, 3))
    spatial = [
        name for name, operator in Operator.types.items() if "kernel_dims" in {item.name for item in fields(operator)}
    ]
    assert spatial
    assert all(name.endswith(("1D", "2D", "3D")) for name in spatial)


def test_producers() -> None:
    """A constant, a graph input and a computed tensor are different kinds; no flag tells them apart."""
    assert {type(tensor) for tensor in tiny_model().graph.tensors} == {Constant, GraphInput, Computed}
    assert {item.name for item in fields(Constant)} == {item.name for item in fields(Tensor)}
    kinds = {type(operand.tensor) for operand in export_node(tiny_model().graph, 0).inputs if operand}
    assert kinds == {GraphInput, Constant}


def test_mem_info(x0: Exported) -> None:
    """One frozen dataclass: region, offset, size, alignment, lifetime, relation; inputs and outputs are allocated once."""
    assert is_dataclass(MemInfo)
    names = (
        "tensor name region offset_bytes size_bytes alignment_bytes first last ring_rows relation scratch_of "
        "is_state".split()
    )
    assert [item.name for item in fields(MemInfo)] == names
    places = x0.plan.by_tensor()
    graph = x0.lowered.graph
    inner = {graph.nodes[0].outputs[0]}
    assert set(places) == {*graph.inputs, *graph.outputs, *inner, scratch_key(0), scratch_key(1)}
    assert len(places) == len(x0.plan.tensors)
    with pytest.raises(FrozenInstanceError):
        places[graph.inputs[0]].offset_bytes = 0  # type: ignore[misc]


def test_export_scheduler() -> None:
    """One class for all exports: order and lifetimes; it drives the memory manager, whatever the libs are."""
    for lib in (lib_of("x0", "Relu", "MaxPooling2D"), lib_of("y0", "MaxPooling2D", "Relu")):
        schedule = ExportScheduler("clobber").schedule(lowered_by(pooled().graph, lib))
        assert schedule.order == (0, 1, 2)
        assert [(life.tensor, life.first, life.last) for life in schedule.lifetimes] == [
            (0, 0, 1),
            (1, 0, 2),
            (2, 1, 3),
            (3, 2, 4),
        ]
        plan = plan_memory(schedule, [Memory(region="ram")])
        assert all(arena.is_optimal for arena in plan.arenas)


def test_data_format() -> None:
    """NHWC inside; the extents of an operand have names whatever its format is; a transpose is a node."""
    planar = Computed(name="t", dtype=DType.INT8, dims=(1, 3, 4, 5), data_format=DataFormat.NCHW)
    image = Computed(name="t", dtype=DType.INT8, dims=(1, 4, 5, 3))
    assert image.data_format is DataFormat.NHWC
    for tensor in (planar, image):
        assert (tensor.batch, tensor.channels, tensor.height, tensor.width) == (1, 3, 4, 5)
    sequence = Computed(name="t", dtype=DType.INT8, dims=(1, 7, 2))
    assert (sequence.data_format, sequence.width, sequence.channels, sequence.height) == (DataFormat.NLC, 7, 2, 1)
    chain = Chain()
    transposed = chain.node(Transpose(permutation=(0, 3, 1, 2)), chain.input(1, 4, 5, 3))
    graph = chain.build(chain.node(Relu(), transposed)).graph
    assert types(lowered_by(graph, lib_of("x0", "Transpose", "Relu"))) == ["Transpose", "Relu"]
