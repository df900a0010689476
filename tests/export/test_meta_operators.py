# SPDX-License-Identifier: Apache-2.0
"""MetaOperators: matched by structure, formed where a lib takes them, expanded elsewhere."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.export.library import ExportLib, load_libs
from sconnx.export.lowered import lowered_from_json
from sconnx.export.node import export_node
from sconnx.export.spec import ImplSpec
from sconnx.graph.graph import Graph
from sconnx.graph.json_form import graph_from_json, graph_to_json
from sconnx.graph.node import MetaOperator, attributes, expand
from sconnx.graph.operator import Add, Conv2D, MaxPooling2D, Operator, Pad2D, Relu
from sconnx.graph.recipe import Pattern, Recipe
from sconnx.graph.recipes import CONV_ADD, CONV_RELU, GRU, LSTM, PADDED_CONV2D, RECIPES
from sconnx.passes.match import expand_node, find_matches, fuse
from tests.export.made_up import gru, lib_of, lowered_by, lstm, rule, types
from tests.tiny_models import RULES, Chain

CONV: Operator = Conv2D(kernel_dims=(1, 1))


class Images(Chain):
    """Graphs of 1x1 convolutions of two channels."""

    def conv(self, x: int, bias: bool = False) -> int:
        constants = [self.constant(2, 1, 1, 2), *([self.constant(2)] if bias else [])]
        return self.node(CONV, x, *constants)

    @classmethod
    def start(cls) -> tuple[Images, int]:
        chain = cls()
        return chain, chain.input(1, 3, 3, 2)


def matched(graph: Graph, recipe: Recipe) -> list[dict[str, int]]:
    return [match.nodes for match in find_matches(graph, recipe)]


@pytest.mark.parametrize("bias", [False, True])
def test_optional_bias(bias: bool) -> None:
    chain, x = Images.start()
    graph = chain.build(chain.node(Relu(), chain.conv(x, bias))).graph
    [match] = find_matches(graph, CONV_RELU)
    assert match.nodes == {"conv": 0, "relu": 1}
    assert (match.inputs["bias"] is not None) == bias
    fused = fuse(graph, match)
    assert fused is not None
    node = fused.nodes[0]
    assert (node.type, node.name, len(node.inputs)) == ("ConvRelu", "n1", 3)
    assert node.inputs[2] == match.inputs["bias"]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_sum_matches_either_way_round(swapped: bool) -> None:
    chain, x = Images.start()
    conv = chain.conv(x)
    skip = chain.node(Relu(), x)
    graph = chain.build(chain.node(Add(), *((skip, conv) if swapped else (conv, skip)))).graph
    [match] = find_matches(graph, CONV_ADD)
    assert match.inputs["x"] == graph.inputs[0]
    assert graph.nodes[match.nodes["conv"]].type == "Conv2D"
    assert match.inputs["skip"] == graph.nodes[1].outputs[0]


def test_a_difference_does_not() -> None:
    """Sub is not commutative: the GRU's h - hidden is no hidden - h."""
    model = gru()
    assert len(matched(model.graph, GRU)) == 1
    nodes = [
        replace(node, inputs=tuple(reversed(node.inputs))) if node.type == "Sub" else node for node in model.graph.nodes
    ]
    assert matched(replace(model.graph, nodes=tuple(nodes)), GRU) == []


def test_a_tensor_that_is_read_outside_prevents_a_match() -> None:
    chain, x = Images.start()
    conv = chain.conv(x)
    relu = chain.node(Relu(), conv)
    assert matched(chain.build(relu, chain.node(Relu(), conv)).graph, CONV_RELU) == []


def test_a_tensor_that_is_an_output_prevents_a_match() -> None:
    chain, x = Images.start()
    conv = chain.conv(x)
    assert matched(chain.build(chain.node(Relu(), conv), conv).graph, CONV_RELU) == []


def test_a_member_cannot_be_an_input_of_its_own_match() -> None:
    """Add(conv, conv): the sum's other input is the convolution itself."""
    chain, x = Images.start()
    conv = chain.conv(x)
    graph = chain.build(chain.node(Add(), conv, conv)).graph
    assert matched(graph, CONV_ADD) == []
    assert types(lowered_by(graph, lib_of("x0", "ConvAdd", "Conv2D", "Add"))) == ["Conv2D", "Add"]


def test_a_match_that_would_run_before_and_after_another_node() -> None:
    """conv -> relu -> add(conv', relu): conv' depends on the relu, which is fine; a cycle is not."""
    recipe = Recipe("Apart", (Pattern("first", "Relu", ("x",)), Pattern("sum", "Add", ("first", "y"))))
    chain, x = Images.start()
    first = chain.node(Relu(), x)
    between = chain.node(MaxPooling2D(kernel_dims=(1, 1)), first)
    graph = chain.build(chain.node(Add(), first, between)).graph
    assert matched(graph, recipe) == []  # the pooling reads an inner tensor
    both = Recipe("Both", recipe.members, outputs=("sum", "first"))
    [match] = find_matches(graph, both)
    assert fuse(graph, match) is None
    lib = lib_of("x0", "Both", "Relu", "Add", "MaxPooling2D")
    lib.define(both)
    assert types(lowered_by(graph, lib)) == ["Relu", "MaxPooling2D", "Add"]


def test_overlapping_matches_share_no_node() -> None:
    """Two convolutions into one sum: either may be the member, one is."""
    chain, x = Images.start()
    graph = chain.build(chain.node(Add(), chain.conv(x), chain.conv(x))).graph
    assert matched(graph, CONV_ADD) == [{"conv": 0, "add": 2}, {"conv": 1, "add": 2}]
    lowered = lowered_by(graph, lib_of("x0", "ConvAdd", "Conv2D"))
    assert types(lowered) == ["Conv2D", "ConvAdd"]
    meta = lowered.graph.nodes[1].operator
    assert isinstance(meta, MetaOperator)
    assert meta.member("conv").name == "n0"


def test_a_refused_match_leaves_the_other_one() -> None:
    chain, x = Images.start()
    graph = chain.build(chain.node(Add(), chain.conv(x), chain.conv(x))).graph
    lib = lib_of("x0", "Conv2D")
    choosy = rule("Choosy", lambda node: "not this one" if node.members["conv"].name == "n0" else None)
    lib.register("ConvAdd", ImplSpec())(choosy)
    lowered = lowered_by(graph, lib)
    assert types(lowered) == ["Conv2D", "ConvAdd"]
    assert export_node(lowered.graph, 1).members["conv"].name == "n1"


def test_a_chain_of_overlaps_is_taken_from_the_front() -> None:
    pair = Recipe("Pair", (Pattern("a", "Relu", ("x",)), Pattern("b", "Relu", ("a",))))
    chain, x = Images.start()
    for _ in range(5):
        x = chain.node(Relu(), x)
    lib = lib_of("x0", "Pair", "Relu")
    lib.define(pair)
    assert types(lowered_by(chain.build(x).graph, lib)) == ["Pair", "Pair", "Relu"]


def test_the_larger_recipe_goes_first() -> None:
    chain, x = Images.start()
    graph = chain.build(chain.node(Relu(), chain.node(Add(), chain.conv(x), x))).graph
    three = Recipe(
        "ConvAddRelu",
        (
            Pattern("conv", "Conv2D", ("x", "weights", "bias?")),
            Pattern("add", "Add", ("conv", "skip")),
            Pattern("relu", "Relu", ("add",)),
        ),
    )
    lib = lib_of("x0", "ConvAdd", "ConvAddRelu", "Relu")
    lib.define(three)
    assert types(lowered_by(graph, lib)) == ["ConvAddRelu"]


@pytest.mark.parametrize("swapped", [False, True])
def test_lstm(swapped: bool) -> None:
    graph = lstm(swapped).graph
    lowered = lowered_by(graph, lib_of("x0", "LSTM"))
    [node] = lowered.graph.nodes
    names = {
        name: None if t is None else graph.tensors[t].name for name, t in zip(LSTM.inputs, node.inputs, strict=True)
    }
    # x and h play the same part: which sum comes first says which is which.
    assert [names["x"], names["h"], names["c"]] == (["h", "x", "c"] if swapped else ["x", "h", "c"])
    assert [graph.tensors[index] for index in node.outputs] == [graph.tensors[index] for index in graph.outputs]
    missing = {name for name, tensor in names.items() if tensor is None}
    bias = "wb" if swapped else "rb"
    assert missing == {f"{gate}_{bias}" for gate in ("input", "forget", "cell", "output")}
    assert lowered.choices[0].macs == graph.macs(node) == 4 * (3 * 5 + 3 * 3)


def test_lstm_is_expanded_where_no_lib_takes_it() -> None:
    graph = lstm().graph
    lib = lib_of("x0", "FullyConnected", "Add", "Mul", "Sigmoid", "Tanh")
    assert lowered_by(graph, lib).graph == graph
    formed = lowered_by(graph, lib_of("y0", "LSTM")).graph
    again = expand_node(formed, 0)
    assert sorted(map(repr, again.nodes)) == sorted(map(repr, graph.nodes))
    assert types(lowered_by(formed, lib)) == [node.type for node in again.nodes]


def test_gru() -> None:
    lowered = lowered_by(gru().graph, lib_of("x0", "GRU"))
    assert types(lowered) == ["GRU"]
    node = export_node(lowered.graph, 0)
    assert [node.input(GRU.inputs.index(name)).tensor.name for name in ("x", "h")] == ["x", "h"]
    assert node.name == "h_next"


def test_every_recipe_is_a_recipe_of_operators() -> None:
    for recipe in RECIPES.values():
        assert {member.operator for member in recipe.members} <= set(Operator.types)


def padded(pads: tuple[int, int, int, int] = (1, 2, 3, 4)) -> Graph:
    chain = Chain()
    pad = chain.node(Pad2D(padding=pads), chain.input(1, 4, 5, 2))
    conv = chain.node(Conv2D(kernel_dims=(3, 2), stride_dims=(2, 1)), pad, chain.constant(3, 3, 2, 2), name="conv")
    return chain.build(conv).graph


def test_members_need_no_implementation() -> None:
    lowered = lowered_by(padded(), lib_of("x0", "PaddedConv2D"))
    assert types(lowered) == ["PaddedConv2D"]
    with pytest.raises(SconnxError) as caught:
        lowered_by(padded(), lib_of("x0", "Softmax"))
    assert [line.split(": ")[2:4] for line in str(caught.value).splitlines()] == [
        ["node 0 'n0'", "operator Pad2D has no implementation for cortex-x0"],
        ["node 1 'conv'", "operator Conv2D has no implementation for cortex-x0"],
    ]


def test_attributes_of_members_at_any_depth() -> None:
    graph = lowered_by(padded(), lib_of("x0", "PaddedConv2D")).graph
    node = export_node(graph, 0)
    assert node.attribute("conv.kernel_dims") == (3, 2)
    assert node.attribute("pad.padding") == (1, 2, 3, 4)
    assert node.attributes == attributes(graph.nodes[0].operator)
    assert node.members["conv"].output.dims == node.output.dims
    assert node.members["pad"].output.dims == (1, 8, 11, 2)
    with pytest.raises(
        KeyError, match=r"PaddedConv2D has no attribute 'kernel_dims'; it has pad\.padding, conv\.kernel_dims, "
    ):
        node.attribute("kernel_dims")
    meta = graph.nodes[0].operator
    assert isinstance(meta, MetaOperator)
    with pytest.raises(KeyError, match="PaddedConv2D has no member 'relu'; it has pad, conv"):
        meta.member("relu")


def nested() -> Graph:
    """A MetaOperator whose first member is one."""
    outer = Recipe("Activated", (Pattern("body", "PaddedConv2D", ("x", "w", "b?")), Pattern("relu", "Relu", ("body",))))
    base = padded()
    chain = Chain()
    pad = chain.node(Pad2D(padding=(1, 2, 3, 4)), chain.input(1, 4, 5, 2))
    conv = chain.node(Conv2D(kernel_dims=(3, 2), stride_dims=(2, 1)), pad, chain.constant(3, 3, 2, 2), name="conv")
    graph = chain.build(chain.node(Relu(), conv)).graph
    assert len(graph.nodes) == len(base.nodes) + 1
    for recipe in (PADDED_CONV2D, outer):
        [match] = find_matches(graph, recipe)
        fused = fuse(graph, match)
        assert fused is not None
        graph = fused
    return graph


def test_a_metaoperator_of_metaoperators() -> None:
    graph = nested()
    assert [node.type for node in graph.nodes] == ["Activated"]
    assert export_node(graph, 0).attribute("body.conv.stride_dims") == (2, 1)
    assert [node.type for node in expand(graph.nodes[0])] == ["Pad2D", "Conv2D", "Relu"]
    assert types(lowered_by(graph, lib_of("x0", "Pad2D", "Conv2D", "Relu"))) == ["Pad2D", "Conv2D", "Relu"]


@pytest.mark.parametrize("graph", [nested(), lstm().graph], ids=["nested", "lstm"])
def test_json_round_trip(graph: Graph) -> None:
    import json

    lowered = lowered_by(graph, lib_of("x0", "Activated", "LSTM"))
    assert any(isinstance(node.operator, MetaOperator) for node in lowered.graph.nodes)
    assert graph_from_json(json.loads(json.dumps(graph_to_json(lowered.graph)))) == lowered.graph
    assert lowered_from_json(json.loads(json.dumps(lowered.to_json()))) == lowered


@pytest.mark.parametrize(
    ("members", "outputs", "why"),
    [
        ((), (), "recipe R: member names [] must be unique, and there must be one"),
        ((("a", "Relu", ("x",)), ("a", "Relu", ("x",))), (), "recipe R: member names ['a', 'a'] must be unique"),
        ((("a", "Relu", ("b",)), ("b", "Relu", ("x",))), (), "recipe R: a reads ['b'] before it is computed"),
        ((("a", "Relu", ("a",)),), (), "recipe R: a reads ['a'] before it is computed"),
        ((("a", "Relu", ("x",)), ("b", "Relu", ("y",))), (), "recipe R: ['a'] lead to no input of the last member, b"),
        ((("a", "Relu", ("x",)),), ("c",), "recipe R: outputs ['c'] are no members"),
    ],
)
def test_bad_recipes(members: tuple[tuple[str, str, tuple[str, ...]], ...], outputs: tuple[str, ...], why: str) -> None:
    with pytest.raises(ValueError) as caught:
        Recipe("R", tuple(Pattern(*member) for member in members), outputs)
    assert str(caught.value).startswith(why)


def test_a_name_means_one_structure() -> None:
    lib = ExportLib("x0")
    other = Recipe("ConvRelu", (Pattern("relu", "Relu", ("x",)),))
    with pytest.raises(TypeError, match="x0: the recipe ConvRelu is defined already, with another structure"):
        lib.define(other)
    with pytest.raises(TypeError, match="x0: the recipe Relu has the name of an operator"):
        lib.define(Recipe("Relu", other.members))
    lib.define(CONV_RELU)
    assert lib.recipes == [], "defined, but not registered"


USERS = """
from sconnx.export.access import Whole
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.spec import ImplSpec
from sconnx.graph.recipe import Pattern, Recipe

mine = ExportLib("mine")
mine.define(Recipe("TwoRelus", (Pattern("first", "Relu", ("x",)), Pattern("second", "Relu", ("first",)))))


@mine.register("TwoRelus", ImplSpec())
class Both(Implementation):
    header = "both.h"
    params_type = "both"

    def kernel(self, node):
        return "both"

    def access(self, node):
        return Whole()
"""


def test_a_recipe_in_a_rules_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/__init__.py").write_text(textwrap.dedent(USERS))
    libs = load_libs((RULES, tmp_path))
    chain, x = Images.start()
    graph = chain.build(chain.node(Relu(), chain.node(Relu(), x))).graph
    lowered = lowered_by(graph, libs["mine"], libs["generic"])
    assert [(choice.lib, choice.implementation) for choice in lowered.choices] == [("mine", "Both")]
    assert types(lowered) == ["TwoRelus"]


def test_formed_only_where_an_implementation_fits() -> None:
    lib = lib_of("x0", "Conv2D", "Relu")
    lib.register("ConvRelu", ImplSpec())(rule("Small", lambda node: "too wide" if node.output.width > 3 else None))
    for width, expected in ((3, ["ConvRelu"]), (4, ["Conv2D", "Relu"])):
        chain = Images()
        graph = chain.build(chain.node(Relu(), chain.conv(chain.input(1, 3, width, 2)))).graph
        assert types(lowered_by(graph, lib)) == expected
