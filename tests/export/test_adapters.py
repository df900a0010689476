# SPDX-License-Identifier: Apache-2.0
"""Adapters: visible nodes around an implementation that wants another data format or dtype, and reasons where there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sconnx.errors import SconnxError
from sconnx.export.library import ExportLib
from sconnx.export.node import export_node
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.graph import Graph
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Add, Conv2D, Greater, MaxPooling2D, Operator, Relu, Reshape, Transpose
from sconnx.graph.tensor import DataFormat, DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.export.made_up import lib_of, lowered_by, rule, types
from tests.export.workshop import KERNELS, Workshop, cpu_text
from tests.tiny_models import Chain

S8, F32 = IOSpec(DType.INT8), IOSpec(DType.FLOAT32)
NCHW_S8 = IOSpec(DType.INT8, (1, None, None, None), DataFormat.NCHW)

NCHW_RULES = """
from export_rules.generic.elementwise import Lookup
from export_rules.generic.movement import TransposeWhole
from sconnx.export.access import Whole
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.tensor import DataFormat, DType

planar = ExportLib("planar")
planar.register("Relu", ImplSpec())(Lookup)
planar.register("Transpose", ImplSpec())(TransposeWhole)
NCHW = IOSpec(DType.INT8, (1, None, None, None), DataFormat.NCHW)


@planar.register("MaxPooling2D", ImplSpec(inputs=(NCHW,), outputs=(NCHW,)))
class PlanarMaxPooling2D(Implementation):
    header = "planar_max.h"
    params_type = "planar_max_params"

    def reject(self, node):
        return "it is padded" if any(node.attribute("padding")) else None

    def kernel(self, node):
        return "planar_max"

    def access(self, node):
        return Whole()

    def pack(self, node, params):
        assert node.input(0).dims[1:] == (node.input(0).channels, node.input(0).height, node.input(0).width)
        kernel, stride = node.attribute("kernel_dims"), node.attribute("stride_dims")
        return {
            "planes": node.input(0).channels, "in_height": node.input(0).height, "in_width": node.input(0).width,
            "out_height": node.output.height, "out_width": node.output.width,
            "kernel_height": kernel[0], "kernel_width": kernel[1], "stride_height": stride[0], "stride_width": stride[1],
        }
"""

PLANAR_H = """#ifndef PLANAR_MAX_H
#define PLANAR_MAX_H
#include <stdint.h>
typedef struct {
    int32_t planes, in_height, in_width, out_height, out_width, kernel_height, kernel_width, stride_height, stride_width;
} planar_max_params;
void planar_max(const planar_max_params *p, const int8_t *const rows[], int8_t *out);
#endif
"""

PLANAR_C = """#include "planar_max.h"
void planar_max(const planar_max_params *p, const int8_t *const rows[], int8_t *out)
{
    for (int32_t c = 0; c < p->planes; ++c) {
        const int8_t *plane = rows[0] + c * p->in_height * p->in_width;
        for (int32_t y = 0; y < p->out_height; ++y) {
            for (int32_t x = 0; x < p->out_width; ++x) {
                int8_t best = -128;
                for (int32_t i = 0; i < p->kernel_height; ++i) {
                    for (int32_t j = 0; j < p->kernel_width; ++j) {
                        const int8_t v = plane[(y * p->stride_height + i) * p->in_width + x * p->stride_width + j];
                        best = v > best ? v : best;
                    }
                }
                *out++ = best;
            }
        }
    }
}
"""


@pytest.fixture
def planar(tmp_path: Path) -> Path:
    """A rules folder with a lib whose pooling works on planes, and a CPU that has no other lib."""
    files = {
        "planar/__init__.py": NCHW_RULES,
        "kernels/planar/planar_max.h": PLANAR_H,
        "kernels/planar/planar_max.c": PLANAR_C,
        "cortex-p0.toml": cpu_text("planar"),
    }
    for name in ("sx_transpose_s8.h", "sx_transpose_s8_exact.c", "sx_lookup_s8.h", "sx_lookup_s8_exact.c"):
        files[f"kernels/planar/{name}"] = (KERNELS / "generic" / name).read_text()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def pooled(padding: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Model:
    chain = Chain("planes", Rule.ONNX)
    relu = chain.node(Relu(), chain.input(1, 6, 5, 3), name="relu")
    pool = chain.node(MaxPooling2D(kernel_dims=(2, 3), stride_dims=(2, 1), padding=padding), relu, name="pool")
    return chain.build(chain.node(Relu(), pool, name="last"))


def test_a_planar_kernel_between_transposes_is_exact(workshop: Workshop, planar: Path) -> None:
    exported = workshop.export(pooled(), rules=[planar], target=str(planar / "cortex-p0.toml"))
    graph = exported.lowered.graph
    assert [(node.type, node.name) for node in graph.nodes] == [
        ("Relu", "relu"),
        ("Transpose", "pool (input 0)"),
        ("MaxPooling2D", "pool"),
        ("Transpose", "pool (output 0)"),
        ("Relu", "last"),
    ]
    before, after = (node.operator for node in graph.nodes if node.type == "Transpose")
    assert (before, after) == (Transpose(permutation=(0, 3, 1, 2)), Transpose(permutation=(0, 2, 3, 1)))
    added = [graph.tensors[index] for index in range(len(exported.model.graph.tensors), len(graph.tensors))]
    assert [(tensor.dims, tensor.data_format) for tensor in added] == [
        ((1, 3, 6, 5), DataFormat.NCHW),
        ((1, 3, 3, 3), DataFormat.NCHW),
    ]
    assert exported.choices[2] == "planar.PlanarMaxPooling2D"
    pool = export_node(graph, 2)
    for operand in (pool.input(0), pool.output):
        shape = (operand.batch, operand.channels, operand.height, operand.width)
        assert shape == operand.dims
    assert (pool.input(0).channels, pool.input(0).height, pool.input(0).width) == (3, 6, 5)
    for seed in range(3):
        inputs = exported.random_inputs(seed)
        observed, expected = exported.observed(inputs), execute(exported.model, inputs)
        np.testing.assert_array_equal(observed.outputs[0][0], expected[exported.model.graph.outputs[0]])
        layers = observed.layers[0]
        for tensor in (1, 2, 3):
            assert layers[tensor].made.all()
            np.testing.assert_array_equal(layers[tensor].values, expected[tensor])
        (planar,) = graph.nodes[2].outputs
        np.testing.assert_array_equal(layers[planar].values, expected[2].transpose(0, 3, 1, 2))


def test_transposes_between_planar_kernels_cancel(workshop: Workshop, planar: Path) -> None:
    """Both poolings read what the first transpose made, and the way back and forth between two of them is left out."""
    chain = Chain("planes", Rule.ONNX)
    relu = chain.node(Relu(), chain.input(1, 6, 5, 3))
    first = chain.node(MaxPooling2D(kernel_dims=(2, 3), stride_dims=(2, 1)), relu)
    second = chain.node(MaxPooling2D(kernel_dims=(2, 2)), first)
    other = chain.node(MaxPooling2D(kernel_dims=(3, 1)), relu)
    model = chain.build(chain.node(Relu(), second), chain.node(Relu(), other), first)
    exported = workshop.export(model, rules=[planar], target=str(planar / "cortex-p0.toml"))
    graph = exported.lowered.graph
    assert [node.type for node in graph.nodes] == [
        "Relu", "Transpose", "MaxPooling2D", "Transpose", "MaxPooling2D", "Transpose", "MaxPooling2D", "Transpose",
        "Relu", "Relu",
    ]  # fmt: skip
    (planes,) = graph.nodes[1].outputs
    assert [node.reads[0] == planes for node in graph.nodes if node.type == "MaxPooling2D"] == [True, False, True]
    assert graph.nodes[4].reads == graph.nodes[2].outputs
    for seed in range(3):
        inputs = exported.random_inputs(seed)
        observed, expected = exported.observed(inputs), execute(exported.model, inputs)
        for values, index in zip(observed.outputs[0], exported.model.graph.outputs, strict=True):
            np.testing.assert_array_equal(values, expected[index])


def test_what_fits_without_an_adapter_is_taken_first() -> None:
    """The planar pooling comes first and would do with adapters, the generic one does without."""
    lib = ExportLib("planar")
    lib.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(rule("Planar"))
    with_generic = lowered_by(pooled().graph, lib, lib_of("generic", "MaxPooling2D", "Relu", "Transpose"))
    assert types(with_generic) == ["Relu", "MaxPooling2D", "Relu"]
    assert with_generic.choices[1].lib == "generic"


def test_a_refusal_after_adapting_is_final() -> None:
    lib = lib_of("x0", "Relu", "Transpose")
    planar_rule = rule("Planar", lambda node: "it is padded" if any(node.attribute("padding")) else None)
    lib.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(planar_rule)
    assert types(lowered_by(pooled().graph, lib)).count("Transpose") == 2
    with pytest.raises(SconnxError) as caught:
        lowered_by(pooled((0, 0, 0, 1)).graph, lib)
    assert str(caught.value) == (
        "planes: error[E202]: node 1 'pool': operator MaxPooling2D has no implementation for cortex-x0: "
        "x0.Planar: input 0 is NHWC, not NCHW; output 0 is NHWC, not NCHW "
        "(help: `scons explain node=NAME` lists all candidates, `scons ops` what the target has; rules=DIR adds rules)"
    )


def test_no_adapter_without_an_implementation_of_the_adapter() -> None:
    lib = ExportLib("x0")
    lib.register("Relu", ImplSpec())(rule("Any"))
    lib.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(rule("Planar"))
    with pytest.raises(SconnxError, match=r"x0\.Planar: input 0 is NHWC, not NCHW; output 0 is NHWC, not NCHW"):
        lowered_by(pooled().graph, lib)


def float_lib(*adapters: str) -> ExportLib:
    lib = lib_of("x0", *adapters)
    lib.register("Add", ImplSpec((F32, F32), (F32,)))(rule("FloatAdd"))
    return lib


def test_rule_tflite_means_no_float32() -> None:
    """Its integers are not what float32 rounds to: a model would differ without a word."""
    chain = Chain()
    a, b = chain.input(2, 3, name="a"), chain.input(2, 3, name="b")
    graph = chain.build(chain.node(Add(), a, b, name="sum")).graph
    with pytest.raises(SconnxError, match="node 0 'sum': operator Add has no implementation"):
        lowered_by(graph, float_lib("Quantize", "Dequantize"))


def test_float32_between_dequantize_and_quantize() -> None:
    chain = Chain(rule=Rule.ONNX)
    a, b = chain.input(2, 3, name="a"), chain.input(2, 3, name="b")
    graph = chain.build(chain.node(Add(), a, b, name="sum")).graph
    lowered = lowered_by(graph, float_lib("Quantize", "Dequantize"))
    after = lowered.graph
    assert [(node.type, node.name) for node in after.nodes] == [
        ("Dequantize", "sum (input 0)"),
        ("Dequantize", "sum (input 1)"),
        ("Add", "sum"),
        ("Quantize", "sum (output 0)"),
    ]
    add = export_node(after, 2)
    assert [operand.tensor.dtype for operand in (*add.inputs, *add.outputs) if operand] == [DType.FLOAT32] * 3
    # The rule finds scale and zero point where the imported graph has them.
    assert [operand.values for operand in (*add.inputs, *add.outputs) if operand] == [*graph.inputs, *graph.outputs]
    assert after.outputs == graph.outputs
    assert after.tensors[: len(graph.tensors)] == graph.tensors


def test_both_aspects_of_one_operand() -> None:
    """Transposed, then dequantised; and back in the other order."""
    planes = IOSpec(DType.FLOAT32, (1, None, None, None), DataFormat.NCHW)
    lib = lib_of("x0", "Relu", "Transpose", "Quantize", "Dequantize")
    lib.register("MaxPooling2D", ImplSpec((planes,), (planes,)))(rule("FloatPlanes"))
    graph = lowered_by(pooled().graph, lib).graph
    assert [node.type for node in graph.nodes[1:6]] == [
        "Transpose",
        "Dequantize",
        "MaxPooling2D",
        "Quantize",
        "Transpose",
    ]
    pool = export_node(graph, 3)
    for operand in (pool.input(0), pool.output):
        assert (operand.tensor.dtype, operand.tensor.data_format) == (DType.FLOAT32, DataFormat.NCHW)
    for node in graph.nodes:
        if node.type == "Transpose":
            assert node.operator.output_dims(graph.dims(node.reads)) == graph.tensors[node.outputs[0]].dims


def test_only_one_of_the_two_adapters() -> None:
    chain = Chain(rule=Rule.ONNX)
    graph = chain.build(chain.node(Add(), chain.input(3), chain.input(3, name="b"))).graph
    with pytest.raises(SconnxError) as caught:
        lowered_by(graph, float_lib("Dequantize"))
    assert (
        "x0.FloatAdd: input 0 is int8, not float32; input 1 is int8, not float32; output 0 is int8, not float32"
        in str(caught.value)
    )


def test_constants_are_never_adapted() -> None:
    chain = Chain(rule=Rule.ONNX)
    graph = chain.build(chain.node(Add(), chain.input(2, 3), chain.constant(2, 3))).graph
    with pytest.raises(SconnxError, match=r"x0\.FloatAdd: input 0 is int8, not float32; input 1 is int8, not float32"):
        lowered_by(graph, float_lib("Quantize", "Dequantize"))
    conv = Chain()
    weights = conv.constant(2, 1, 1, 2)
    graph = conv.build(conv.node(Conv2D(kernel_dims=(1, 1)), conv.input(1, 3, 3, 2), weights)).graph
    lib = lib_of("x0", "Transpose")
    lib.register("Conv2D", ImplSpec((NCHW_S8, S8), (NCHW_S8,)))(rule("PlanarInput"))
    assert types(lowered_by(graph, lib)) == ["Transpose", "Conv2D", "Transpose"]
    strict = lib_of("x0", "Transpose")
    strict.register("Conv2D", ImplSpec((NCHW_S8, IOSpec(data_format=DataFormat.NCHW)), (NCHW_S8,)))(
        rule("PlanarWeights")
    )
    with pytest.raises(SconnxError, match="input 1 is NHWC, not NCHW"):
        lowered_by(graph, strict)


def test_dims_are_never_adapted() -> None:
    chain = Chain(rule=Rule.ONNX)
    graph = chain.build(chain.node(Relu(), chain.input(2, 3))).graph
    lib = lib_of("x0", "Transpose", "Reshape")
    lib.register("Relu", ImplSpec((IOSpec(DType.INT8, (None,)),)))(rule("Flat"))
    with pytest.raises(SconnxError, match=r"x0\.Flat: input 0 has dims 2x3, not \?"):
        lowered_by(graph, lib)


def test_a_tensor_of_no_format_has_every_format() -> None:
    lib = ExportLib("x0")
    lib.register("Relu", ImplSpec((IOSpec(data_format=DataFormat.NCHW),)))(rule("Planar"))
    chain = Chain(rule=Rule.ONNX)
    assert types(lowered_by(chain.build(chain.node(Relu(), chain.input(2, 3))).graph, lib)) == ["Relu"]


def test_a_sequence_cannot_become_an_image() -> None:
    lib = lib_of("x0", "Transpose")
    lib.register("Relu", ImplSpec((IOSpec(data_format=DataFormat.NCHW),)))(rule("Planar"))
    chain = Chain(rule=Rule.ONNX)
    with pytest.raises(SconnxError, match="input 0 is NLC, not NCHW"):
        lowered_by(chain.build(chain.node(Relu(), chain.input(1, 2, 3))).graph, lib)


def test_an_adapter_that_needs_an_adapter_is_no_adapter() -> None:
    lib = ExportLib("x0")
    lib.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(rule("Planar"))
    lib.register("Relu", ImplSpec())(rule("Any"))
    lib.register("Transpose", ImplSpec((F32,), (F32,)))(rule("FloatTranspose"))
    lib.register("Dequantize", ImplSpec())(rule("Back"))
    lib.register("Quantize", ImplSpec())(rule("There"))
    with pytest.raises(SconnxError, match="operator MaxPooling2D has no implementation"):
        lowered_by(pooled().graph, lib)


def test_a_node_that_is_of_an_adapters_type_is_adapted_too() -> None:
    """A Transpose of the model is a node like any other."""
    chain = Chain(rule=Rule.ONNX)
    x = chain.input(1, 2, 3, 4)
    graph = chain.build(
        chain.node(Reshape(dims=(1, 4, 2, 3)), chain.node(Transpose(permutation=(0, 3, 1, 2)), x))
    ).graph
    lib = lib_of("x0", "Reshape", "Quantize", "Dequantize")
    lib.register("Transpose", ImplSpec((F32,), (F32,)))(rule("FloatTranspose"))
    assert types(lowered_by(graph, lib)) == ["Dequantize", "Transpose", "Quantize", "Reshape"]


def test_float_input_of_an_int8_implementation() -> None:
    chain = Chain(rule=Rule.ONNX)
    x = chain.builder.add_input("x", DType.FLOAT32, (2, 3), None)
    graph = chain.build(chain.node(Relu(), x)).graph
    lib = lib_of("x0", "Quantize")
    lib.register("Relu", ImplSpec((S8,), (S8,)))(rule("Int8"))
    # Nobody says how a tensor without quantisation would be quantised.
    with pytest.raises(SconnxError, match="input 0 is float32, not int8"):
        lowered_by(graph, lib)


def test_the_first_candidate_whose_adapters_there_are() -> None:
    """The preferred one needs a Transpose, which nobody has; the next one needs what there is."""
    first = ExportLib("first")
    first.register("MaxPooling2D", ImplSpec((NCHW_S8,), (NCHW_S8,)))(rule("Planar"))
    second = lib_of("second", "Relu", "Quantize", "Dequantize")
    second.register("MaxPooling2D", ImplSpec((F32,), (F32,)))(rule("Float"))
    lowered = lowered_by(pooled().graph, first, second)
    assert types(lowered) == ["Relu", "Dequantize", "MaxPooling2D", "Quantize", "Relu"]


def of_dtypes(operator: Operator, source: DType, target: DType, quantization: QuantValues | None = None) -> Graph:
    """One node that reads the same tensor twice."""
    builder = ModelBuilder("one", Rule.ONNX)
    x = builder.add_input("x", source, (1, 4), quantization)
    y = builder.add_node(
        operator, (x, x), name="n", source_index=0, output_name="y", dtype=target, quantization=quantization
    )
    return builder.build([y]).graph


@pytest.mark.parametrize("dtype", [DType.INT8, DType.UINT8, DType.INT16])
def test_integers_that_stand_for_real_numbers_may_be_computed_in_float32(dtype: DType) -> None:
    lowered = lowered_by(of_dtypes(Add(), dtype, dtype, QuantValues.of(0.5, 3)), float_lib("Quantize", "Dequantize"))
    assert types(lowered) == ["Dequantize", "Add", "Quantize"]
    tensors = lowered.graph.tensors
    assert [tensors[node.outputs[0]].dtype for node in lowered.graph.nodes] == [DType.FLOAT32, DType.FLOAT32, dtype]
    assert [tensors[node.outputs[0]].quantization is None for node in lowered.graph.nodes] == [True, True, False]
    first, last = export_node(lowered.graph, 0), export_node(lowered.graph, 2)
    assert (first.input(0).values, last.output.values) == (0, 1)


@pytest.mark.parametrize(("source", "taken"), [(DType.INT8, True), (DType.BOOL, True), (DType.INT32, False)])
def test_other_numbers_are_cast_where_none_is_lost(source: DType, taken: bool) -> None:
    lib = lib_of("floats", "Cast")
    lib.register("Greater", ImplSpec((F32, F32), (IOSpec(DType.BOOL),)))(rule("FloatGreater"))
    graph = of_dtypes(Greater(), source, DType.BOOL)
    if taken:
        assert types(lowered_by(graph, lib)) == ["Cast", "Greater"]
    else:
        with pytest.raises(SconnxError, match="input 0 is int32, not float32"):
            lowered_by(graph, lib)


def test_results_are_cast_to_dtypes_that_have_them_all() -> None:
    lib = lib_of("narrow", "Cast")
    lib.register("Greater", ImplSpec((), (IOSpec(DType.INT32),)))(rule("NarrowGreater"))
    assert types(lowered_by(of_dtypes(Greater(), DType.INT8, DType.INT64), lib)) == ["Greater", "Cast"]
    with pytest.raises(SconnxError, match="output 0 is int8, not int32"):
        lowered_by(of_dtypes(Greater(), DType.INT8, DType.INT8), lib)
