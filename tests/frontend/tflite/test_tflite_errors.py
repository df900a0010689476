# SPDX-License-Identifier: Apache-2.0
"""What the user reads when a file cannot be imported."""

from __future__ import annotations

import numpy as np
import pytest
from tflite_file import File, schema, small

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.frontend.tflite.names import operator_name, printable, type_name
from sconnx.frontend.tflite.translate import TRANSLATORS

SUPPORTED = ", ".join(sorted(TRANSLATORS))
NOT_HYBRID = "convert the model with full integer quantisation (a representative dataset), or without quantisation"
TYPES = "int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, bool"


def message(path):
    """All errors, every field of them: how they are laid out for the user is not this module's concern."""
    with pytest.raises(SconnxError) as raised:
        read_tflite(path, "net")
    assert raised.value.__cause__ is None
    lines = []
    for error in getattr(raised.value, "errors", (raised.value,)):
        lines.append(f"{error.where}: error[{error.code}]: {error.what}")
        lines += [f"  why: {error.why}"] * bool(error.why) + [f"  help: {error.help}"] * bool(error.help)
    return "\n".join(lines)


def reason(tmp_path, file):
    """The reason of the only error."""
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert not isinstance(raised.value, ErrorGroup)
    assert raised.value.code == "E201"
    return raised.value.why


def test_missing_file(tmp_path):
    expected = "no.tflite: error[E101]: cannot read the file\n  why: No such file or directory"
    assert message(tmp_path / "no.tflite") == expected


def test_directory(tmp_path):
    (tmp_path / "dir.tflite").mkdir()
    expected = "dir.tflite: error[E101]: cannot read the file\n  why: Is a directory"
    assert message(tmp_path / "dir.tflite") == expected


def test_empty_file(tmp_path):
    path = tmp_path / "empty.tflite"
    path.write_bytes(b"")
    assert message(path) == "empty.tflite: error[E102]: the file is empty"


@pytest.mark.parametrize("text", [b"a", b"This is the README", b"\x08\x07\x12\x07pytorch"])
def test_another_file(tmp_path, text):
    path = tmp_path / "text.tflite"
    path.write_bytes(text)
    assert message(path) == (
        "text.tflite: error[E102]: not a TFLite file\n  why: the identifier TFL3 is missing at offset 4"
    )


def test_truncated_file(tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(small().pack()[:40])
    assert message(path) == (
        "cut.tflite: error[E103]: the file is truncated or malformed\n"
        "  why: 4 bytes at offset 40 are outside of the file\n"
        "  help: copy or convert the model again"
    )


def test_file_name_is_one_line(tmp_path):
    assert message(tmp_path / "a\nb.tflite").startswith("'a\\nb.tflite': error[E101]")


def test_all_unsupported_operators_are_listed(tmp_path):
    file = small()
    for code, name in ((0, "UNIQUE"), (2, "STABLEHLO_WHILE")):
        number = getattr(schema.BuiltinOperator, name)
        file.model.operatorCodes[code].builtinCode = number
        file.model.operatorCodes[code].deprecatedBuiltinCode = min(number, 127)
    assert message(file.write(tmp_path)) == (
        "model.tflite: error[E201]: node 0 'features': operator UNIQUE version 1 is not supported\n"
        "model.tflite: error[E201]: node 2 'scores': operator STABLEHLO_WHILE version 1 is not supported\n"
        f"  help: supported operators are {SUPPORTED}"
    )


def test_the_way_out_of_a_loop(tmp_path):
    file = small()
    file.model.operatorCodes[0].builtinCode = file.model.operatorCodes[0].deprecatedBuiltinCode = (
        schema.BuiltinOperator.WHILE
    )
    assert message(file.write(tmp_path)) == (
        "model.tflite: error[E201]: node 0 'features': operator WHILE version 1 is not supported\n"
        "  help: a loop that Keras made of a recurrent layer is unrolled with LSTM(..., unroll=True), likewise GRU and SimpleRNN"
    )


def test_custom_operator(tmp_path):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y'\n", (1, 4))
    file.node("CUSTOM", [x], [y], custom="My'Op", version=3)
    file.graph.inputs, file.graph.outputs = [x], [y]
    assert message(file.write(tmp_path)) == (
        'model.tflite: error[E201]: node 0 "y\'\\n": operator CUSTOM "My\'Op" version 3 is not supported\n'
        f"  help: supported operators are {SUPPORTED}"
    )


def test_operator_of_a_later_schema(tmp_path):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y", (1, 4))
    file.node(9999, [x], [y])
    file.graph.inputs, file.graph.outputs = [x], [y]
    assert "node 0 'y': operator 9999 version 1 is not supported" in message(file.write(tmp_path))


def test_hybrid(tmp_path):
    file = File()
    x, y = file.tensor("x", (1, 4), "float32", []), file.tensor("y", (1, 3), "float32", [])
    weights = file.constant("w", np.ones((3, 4), np.int8))
    file.node("FULLY_CONNECTED", [x, weights], [y], "FullyConnectedOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    assert message(file.write(tmp_path)) == (
        "model.tflite: error[E201]: node 0 'y': operator FULLY_CONNECTED version 1 is not supported\n"
        "  why: hybrid: float activations with int8 weights\n"
        f"  help: {NOT_HYBRID}"
    )


def test_subgraphs_are_reported_with_the_rest(tmp_path):
    file = small()
    file.model.subgraphs = [file.graph, file.graph]
    file.model.operatorCodes[1].builtinCode = file.model.operatorCodes[1].deprecatedBuiltinCode = 10
    assert message(file.write(tmp_path)) == (
        "model.tflite: error[E201]: the model has 2 subgraphs; one is supported, and those that CALL_ONCE calls\n"
        "model.tflite: error[E201]: node 1 'pooled': operator HASHTABLE_LOOKUP version 1 is not supported\n"
        f"  help: supported operators are {SUPPORTED}"
    )


def test_variable(tmp_path):
    file = small()
    file.graph.tensors[3].isVariable = True
    text = message(file.write(tmp_path))
    assert "node 0 'features': operator CONV_2D version 1 is not supported\n  why: output 0 'features' is a" in text
    assert "node 1 'pooled': operator MAX_POOL_2D version 1 is not supported\n  why: input 0 'features' is a" in text


def test_nodes_without_outputs_are_not_dropped(tmp_path):
    file = small()
    file.node("ASSIGN_VARIABLE", [0], [])
    expected = "node 3 without outputs: operator ASSIGN_VARIABLE version 1 is not supported"
    assert expected in message(file.write(tmp_path))


def test_graph_without_inputs_and_outputs(tmp_path):
    file = small()
    file.graph.inputs, file.graph.outputs = [], []
    assert message(file.write(tmp_path)) == (
        "model.tflite: error[E201]: the model has no inputs\nmodel.tflite: error[E201]: the model has no outputs"
    )


def test_output_that_is_an_input_or_a_constant(tmp_path):
    file = small()
    table = file.constant("table", np.arange(4, dtype=np.int8).reshape(1, 4))
    file.graph.outputs = [6, 0, table]
    model = read_tflite(file.write(tmp_path), "m")
    computed, given, constant = model.graph.outputs
    assert given == model.graph.inputs[0] and constant in model.graph.constants
    assert model.params.value[constant].tolist() == [[0, 1, 2, 3]]
    assert computed not in (given, constant)


def test_output_without_a_value(tmp_path):
    file = small()
    nothing = file.tensor("nothing", (1, 4))
    file.graph.outputs = [6, nothing]
    expected = "model.tflite: error[E201]: graph output 1 'nothing' is not computed by a node and has no value"
    assert message(file.write(tmp_path)) == expected


CHANGES = {
    "activation": (0, "fusedActivationFunction", 4, "fused activation TANH"),
    "later activation": (0, "fusedActivationFunction", 9, "fused activation 9"),
    "stride": (0, "strideH", 0, "stride 0 by 2"),
    "dilation": (0, "dilationWFactor", -1, "dilation 1 by -1"),
    "padding": (0, "padding", 2, "padding 2 is neither SAME nor VALID"),
    "dims": (0, "strideH", 1, "output 0 has the dims [1, 3, 3, 4]; [1, 6, 3, 4] follow from the inputs"),
    "kernel": (1, "filterWidth", 0, "kernel 3 by 0"),
    "large kernel": (
        1,
        "filterWidth",
        7,
        "kernel (3, 7) does not fit input dims (1, 3, 3, 4) with padding (0, 0, 0, 0)",
    ),
    "shuffled": (2, "weightsFormat", 1, "the weights are shuffled"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_attributes(tmp_path, change):
    node, field, value, expected = CHANGES[change]
    file = small()
    setattr(file.graph.operators[node].builtinOptions, field, value)
    assert reason(tmp_path, file) == expected


def test_options_are_missing(tmp_path):
    file = small()
    file.graph.operators[0].builtinOptions, file.graph.operators[0].builtinOptionsType = None, 0
    assert reason(tmp_path, file) == "it has no Conv2DOptions"


IMAGE, KERNEL, BIAS, FEATURES, POOLED, DENSE, SCORES = range(7)
QUANTIZATIONS = {
    "absent": (SCORES, None, "output 0 'scores' is int8 without quantisation"),
    "absent weights": (DENSE, None, "the weight tensor 'dense' is int8 without quantisation"),
    "per channel": (
        SCORES,
        {"scale": [1.0] * 3, "zeroPoint": [0] * 3},
        "output 0 has 3 scales along dimension 0",
    ),
    "other axis": (KERNEL, {"quantizedDimension": 3}, "the weight tensor has 4 scales along dimension 3"),
    "nan": (SCORES, {"scale": [float("nan")]}, "output 0 has a scale that is not a positive number"),
    "zero": (SCORES, {"scale": [0.0]}, "output 0 has a scale that is not a positive number"),
    "zero point": (SCORES, {"zeroPoint": [128]}, "output 0 has a zero point outside of -128 to 127"),
    "zero point of the bias": (BIAS, {"zeroPoint": [1] * 4}, "the bias has a zero point outside of 0 to 0"),
    "zero points": (SCORES, {"zeroPoint": [1, 2]}, "output 0 has 2 zero points and 1 scales"),
    "pooling": (POOLED, {"scale": [0.25]}, "the quantisation of its output differs from that of its input"),
}


@pytest.mark.parametrize("name", QUANTIZATIONS)
def test_quantization(tmp_path, name):
    tensor, fields, expected = QUANTIZATIONS[name]
    file = small()
    if fields is None:
        file.graph.tensors[tensor].quantization = None
    else:
        for key, value in fields.items():
            setattr(file.graph.tensors[tensor].quantization, key, value)
    if tensor == POOLED:
        assert expected in message(file.write(tmp_path))
    else:
        assert reason(tmp_path, file) == expected


def test_quantization_by_another_scheme(tmp_path):
    file = small()
    quantization = file.graph.tensors[SCORES].quantization
    quantization.detailsType = schema.QuantizationDetails.CustomQuantization
    quantization.details = schema.CustomQuantizationT()
    assert reason(tmp_path, file) == "output 0 is quantised by another scheme than scales and zero points"


@pytest.mark.parametrize(
    ("operator", "options", "expected"),
    [
        ("LOGISTIC", "", "its output must have scale 1/256 and zero point -128"),
        ("SOFTMAX", "SoftmaxOptions", "its output must have scale 1/256 and zero point -128"),
        ("TANH", "", "its output must have scale 1/128 and zero point 0"),
        ("RESHAPE", "", "the quantisation of its output differs from that of its input"),
        ("TRANSPOSE", "", "the quantisation of its output differs from that of its input"),
    ],
)
def test_quantization_that_an_operator_fixes(tmp_path, operator, options, expected):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y", (1, 4), scale=[0.25])
    file.node(operator, [x], [y], options, **({"beta": 1.0} if options else {}))
    file.graph.inputs, file.graph.outputs = [x], [y]
    assert reason(tmp_path, file) == expected


def test_dynamic_dims(tmp_path):
    file = small()
    file.graph.tensors[SCORES].shapeSignature = [1, -1]
    assert reason(tmp_path, file) == "output 0 'scores' has the dynamic dims [1, -1]"


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        ([], "output 0 has the dims []; [1, 3] follow from the inputs"),
        ([0, 3], "output 0 has the dims [0, 3]; every dimension must be at least 1"),
        ([1] * 9, "output 0 has 9 dimensions; 8 are supported"),
        ([1, 4], "output 0 has the dims [1, 4]; [1, 3] follow from the inputs"),
    ],
)
def test_dims(tmp_path, dims, expected):
    file = small()
    file.graph.tensors[SCORES].shape = dims
    assert reason(tmp_path, file) == expected


@pytest.mark.parametrize(
    ("tensor", "dtype", "expected"),
    [
        (SCORES, "INT16", "its inputs and outputs are int16 and int8; they must be of one type"),
        (SCORES, "STRING", f"output 0 'scores' is string; sconnx imports {TYPES}"),
        (DENSE, "INT2", "the weight tensor is int2; for int8 activations it must be int8"),
        (SCORES, "INT4", f"output 0 'scores' is int4; sconnx imports {TYPES}"),
        (DENSE, "FLOAT32", "the weight tensor is float32; for int8 activations it must be int8"),
        (BIAS, "INT64", "the bias is int64; for int8 activations it must be int32"),
    ],
)
def test_types(tmp_path, tensor, dtype, expected):
    file = small()
    file.graph.tensors[tensor].type = getattr(schema.TensorType, dtype)
    assert reason(tmp_path, file) == expected


def test_weights_that_are_no_constants(tmp_path):
    file = small()
    file.graph.tensors[DENSE].buffer = 0
    assert reason(tmp_path, file) == "the weight tensor 'dense' is not constant"


MALFORMED = {
    "tensor": (lambda f: f.graph.operators[0].inputs.__setitem__(0, 77), "tensor 77 does not exist"),
    "buffer": (lambda f: setattr(f.graph.tensors[DENSE], "buffer", 88), "buffer 88 does not exist"),
    "code": (lambda f: setattr(f.graph.operators[1], "opcodeIndex", 9), "operator code 9 does not exist"),
    "order": (lambda f: f.graph.operators.reverse(), "tensor 4 is read before it is written"),
    "two inputs": (lambda f: f.graph.inputs.append(IMAGE), "tensor 0 is written twice"),
    "size": (
        lambda f: setattr(f.model.buffers[3], "data", np.zeros(5, np.uint8)),
        "buffer 3 has 5 bytes, which are no int8 of dims [3, 4]",
    ),
    "no graph": (lambda f: setattr(f.model, "subgraphs", []), "it has no graph"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(tmp_path, name):
    change, expected = MALFORMED[name]
    file = small()
    change(file)
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert (raised.value.code, raised.value.why) == ("E103", expected)


def test_cycle(tmp_path):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y", (1, 4))
    file.node("ADD", [x, y], [y], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    assert "why: tensor 1 is read before it is written" in message(file.write(tmp_path))


def test_printable():
    assert printable("a") == "'a'"
    assert printable("a\n\u202e") == "'a\\n\\u202e'"
    assert printable("x" * 300) == "'" + "x" * 75 + "...'"
    assert len(printable("x" * 78)) == len(printable("x" * 79)) == 80
    assert type_name(9) == "int8"
    assert type_name(99) == "type 99"
    assert operator_name(-1, "") == "-1"


def test_weights_in_int4_that_take_a_byte_each(tmp_path):
    file = small()
    file.graph.tensors[DENSE].type = schema.TensorType.INT4
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    size, dims = file.model.buffers[file.graph.tensors[DENSE].buffer].data.size, list(file.graph.tensors[DENSE].shape)
    assert raised.value.code == "E103"
    assert raised.value.why == (
        f"buffer {file.graph.tensors[DENSE].buffer} has {size} bytes, which are no int4 of dims {dims}"
    )
