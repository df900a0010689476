# SPDX-License-Identifier: Apache-2.0
"""Specs, libs and the choice of one implementation per node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.export.access import Access, Alias, Columns, Elementwise, Fold, Parts, Whole, Window, access_from_json
from sconnx.export.library import ExportLib, Implementation, load_libs
from sconnx.export.lower import lower
from sconnx.export.lowered import Choice, Lowered, lowered_from_json, read_lowered
from sconnx.export.node import ExportNode, export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.json_form import to_bytes
from sconnx.graph.operator import Add, FullyConnected, Relu, Sigmoid
from sconnx.graph.tensor import Computed, DType
from sconnx.memory.meminfo import MemInfo
from tests.tiny_models import RULES, Chain, generic_lib, lowered_of, tiny_model

S8 = IOSpec(DType.INT8)
NONE: frozenset[str] = frozenset()


class Base(Implementation):
    header = "h.h"
    params_type = "t"

    def kernel(self, node: ExportNode) -> str:
        return "k"

    def access(self, node: ExportNode) -> Whole:
        return Whole()


def relu_node(dims: tuple[int, ...] = (1, 4)) -> ExportNode:
    chain = Chain()
    return export_node(chain.build(chain.node(Relu(), chain.input(*dims))).graph, 0)


def tensor(dtype: DType = DType.INT8, *dims: int) -> Computed:
    return Computed(name="t", dtype=dtype, dims=dims or (1, 4))


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (IOSpec(), None),
        (IOSpec(DType.INT8), None),
        (IOSpec(DType.INT32), "is int8, not int32"),
        (IOSpec(dims=(None, None)), None),
        (IOSpec(dims=(1, None)), None),
        (IOSpec(dims=(2, None)), "has dims 1x4, not 2x?"),
        (IOSpec(dims=(None, None, 4)), "has dims 1x4, not ?x?x4"),
        (IOSpec(dims=()), "has dims 1x4, not "),
        (IOSpec(constant=False), None),
        (IOSpec(DType.INT32, constant=True), "is int8, not int32 and is computed at run time"),
    ],
)
def test_one_operand(spec: IOSpec, reason: str | None) -> None:
    found = spec.mismatch(tensor())
    assert (found and found[1]) == reason


def test_all_operands() -> None:
    spec = ImplSpec(inputs=(S8, IOSpec(DType.INT32)), outputs=(S8,), features=frozenset({"mve", "dsp"}))
    s8, s32 = tensor(), tensor(DType.INT32)

    def said(inputs: tuple[Computed | None, ...], outputs: tuple[Computed, ...]) -> list[str]:
        return [str(mismatch) for mismatch in spec.mismatches(inputs, outputs)]

    assert said((s8, s32), (s8,)) == []
    assert said((s8, None), (s8,)) == []
    assert said((s8,), (s8,)) == []
    assert said((s8, s32, s32), (s8,)) == []
    assert said((s8, s32, s8), (s8,)) == ["input 2 is int8, not int32"]
    assert said((s8, s8), (s32,)) == ["input 1 is int8, not int32", "output 0 is int32, not int8"]
    assert spec.missing_features(NONE) == ("dsp", "mve")
    assert spec.missing_features(frozenset({"dsp"})) == ("mve",)
    assert spec.missing_features(frozenset({"dsp", "mve", "div"})) == ()
    assert ImplSpec().mismatches((s8, s32), (s8,)) == []


def test_specificity_counts_facts() -> None:
    specs = [ImplSpec(), ImplSpec(inputs=(S8,)), ImplSpec(inputs=(IOSpec(DType.INT8, (1, None)),), outputs=(S8,))]
    specs.append(ImplSpec(inputs=(IOSpec(DType.INT8, constant=True),)))
    assert [spec.specificity for spec in specs] == [(0, 0), (0, 1), (0, 4), (0, 2)]
    assert ImplSpec(features=frozenset({"dsp"})).specificity == (1, 0)
    assert len({ImplSpec(inputs=(S8,)), ImplSpec(inputs=(IOSpec(DType.INT8),))}) == 1


def test_a_second_registration_is_refused() -> None:
    lib = ExportLib("mine")
    spec = ImplSpec(inputs=(S8,))

    @lib.register("Relu", spec)
    class First(Base):
        pass

    class Second(Base):
        pass

    with pytest.raises(TypeError) as caught:
        lib.register("Relu", spec)(Second)
    assert str(caught.value) == (
        f"mine: Relu is registered twice for {spec}: {First.__qualname__}, {Second.__qualname__}"
    )
    lib.register("Sigmoid", spec)(Second)
    lib.register("Relu", ImplSpec())(First)  # one class for two specs is fine
    again = type("First", (Base,), {})
    with pytest.raises(TypeError, match="mine: two implementations of Relu are called First"):
        lib.register("Relu", ImplSpec(outputs=(S8,)))(again)
    assert lib.operators == ["Relu", "Sigmoid"]


def ranked() -> tuple[ExportLib, ExportLib]:
    """Two libs; in the first the general implementation is registered first."""
    first, second = ExportLib("first"), ExportLib("second")

    @first.register("Relu", ImplSpec())
    class General(Base):
        pass

    @first.register("Relu", ImplSpec(inputs=(IOSpec(DType.INT8, (2, None)),)))
    class ForTwo(Base):
        pass

    @first.register("Relu", ImplSpec(features=frozenset({"dsp"})))
    class Dsp(Base):
        def reject(self, node: ExportNode) -> str | None:
            return "4 channels are too few" if node.output.channels == 4 else None

    @second.register("Relu", ImplSpec(inputs=(S8,), outputs=(S8,), features=frozenset({"dsp"})))
    class Elsewhere(Base):
        pass

    return first, second


def test_the_most_specific_first_within_the_preferred_lib() -> None:
    first, second = ranked()
    assert [type(impl).__name__ for _, impl in first.candidates("Relu")] == ["Dsp", "ForTwo", "General"]

    def chosen(dims: tuple[int, ...], features: frozenset[str], *libs: ExportLib) -> str:
        found = first_fit(verdicts(relu_node(dims), libs, features))
        assert found is not None
        return found.name

    dsp = frozenset({"dsp"})
    assert chosen((2, 4), dsp, first, second) == "first.ForTwo"
    assert chosen((2, 8), dsp, first, second) == "first.Dsp"
    assert chosen((1, 8), dsp, first, second) == "first.Dsp"
    assert chosen((1, 4), dsp, first, second) == "first.General"
    assert chosen((1, 4), dsp, second, first) == "second.Elsewhere"
    assert chosen((1, 4), NONE, second, first) == "first.General"


def test_every_candidate_says_why_not() -> None:
    _, second = ranked()
    third = ExportLib("third")

    @third.register("Relu", ImplSpec(features=frozenset({"dsp"})))
    class Picky(Base):
        def reject(self, node: ExportNode) -> str | None:
            return "not today"

    assert [str(verdict) for verdict in verdicts(relu_node(), [second, third], NONE)] == [
        "second.Elsewhere: needs the CPU feature dsp",
        "third.Picky: needs the CPU feature dsp",
    ]
    chain = Chain("net")
    graph = chain.build(chain.node(Relu(), chain.input(1, 4), name="act\n1")).graph
    with pytest.raises(SconnxError) as caught:
        lower(graph, "cortex-m0", [third], frozenset({"dsp"}))
    assert str(caught.value) == (
        "net: error[E202]: node 0 'act\\n1': operator Relu has no implementation for cortex-m0: third.Picky: not today"
        " (help: `scons explain node=NAME` lists all candidates, `scons ops` what the target has; rules=DIR adds rules)"
    )


def test_ten_unsupported_nodes_are_ten_errors() -> None:
    chain = Chain("net")
    tensor = chain.input(1, 4)
    for _ in range(10):
        tensor = chain.node(Relu(), chain.node(Sigmoid(), tensor))
    lib = ExportLib("only")
    lib.register("Sigmoid", ImplSpec())(type("Any", (Base,), {}))
    with pytest.raises(ErrorGroup) as caught:
        lower(chain.build(tensor).graph, "host", [lib], NONE)
    assert [error.what for error in caught.value.errors] == [
        f"node {2 * i + 1} 'n{2 * i + 1}': operator Relu has no implementation for host" for i in range(10)
    ]
    assert {error.why for error in caught.value.errors} == {"no lib of only registers Relu"}
    assert len(str(caught.value).splitlines()) == 10


def test_weights_computed_at_run_time_and_reshaped_constants_are_refused() -> None:
    chain = Chain("net")
    x, w = chain.input(1, 4), chain.input(3, 4, name="w")
    with pytest.raises(SconnxError, match="FullyConnectedWhole: input 1 is computed at run time, not a constant"):
        lowered_of(chain.build(chain.node(FullyConnected(), x, w)))
    from sconnx.graph.operator import Reshape

    chain = Chain("net")
    flat = chain.node(Reshape(dims=(4,)), chain.constant(1, 4))
    with pytest.raises(SconnxError, match="ReshapeAlias: input 0 is a constant"):
        lowered_of(chain.build(flat))


def test_the_choice_of_a_lowered_file(tmp_path: Path) -> None:
    lowered = lowered_of(tiny_model())
    conv, flat = lowered.choices[0], lowered.choices[4]
    assert conv == Choice(
        lib="generic",
        implementation="Conv2DRows",
        kernel="sx_conv2d_s8_tflite",
        header="sx_conv2d_s8.h",
        params_type="sx_conv2d_s8",
        operands=(0,),
        scratch_bytes=0,
        macs=lowered.graph.macs(lowered.graph.nodes[0]),
        access=Window(kernel=3, stride=1, dilation=1, pad=1, columns=Columns(kernel=3, stride=1, dilation=1, pad=1)),
    )
    assert (flat.kernel, flat.access) == ("", Alias())
    assert lowered.choices[2].operands == (0, 1)
    assert all((RULES.parent / "kernels" / lib / f"{kernel}.c").is_file() for lib, kernel in lowered.kernels)
    assert list(lowered.headers) == sorted(set(lowered.headers)) and "" not in lowered.headers
    (tmp_path / "lowered.json").write_bytes(to_bytes(lowered.to_json()))
    assert read_lowered(tmp_path / "lowered.json") == lowered
    assert lowered_from_json(json.loads(to_bytes(lowered.to_json()))) == lowered
    with pytest.raises(ValueError, match="0 choices for 7 nodes"):
        Lowered(target="host", graph=lowered.graph, choices=())


@pytest.mark.parametrize(
    "access",
    [
        *(Alias(), Elementwise(), Fold(), Parts(), Whole(), Window(kernel=3, stride=2, dilation=4, pad=1)),
        Window(1, 1, 1, 0, Columns(kernel=3, stride=2, dilation=4, pad=1, block=2, reads_first=True)),
    ],
)
def test_every_access_survives(access: Access) -> None:
    assert access_from_json(json.loads(json.dumps(access.to_json()))) == access


def test_the_rows_of_a_window() -> None:
    window = Window(kernel=3, stride=2, dilation=2, pad=2)
    assert [window.rows(y, 5) for y in range(3)] == [[0, 2], [0, 2, 4], [2, 4]]


def test_the_node_of_a_rule() -> None:
    chain = Chain()
    x = chain.input(1, 2, 3, 4)
    graph = chain.build(chain.node(Add(), x, x, name="sum")).graph
    place = MemInfo(tensor=0, region="ram", offset_bytes=8, size_bytes=24, alignment_bytes=4, first=0, last=1)
    node = export_node(graph, 0, {0: place})
    assert (node.name, node.type, node.input(0).mem, node.output.mem) == ("sum", "Add", place, None)
    operand = node.input(1)
    assert (operand.batch, operand.height, operand.width, operand.channels) == (1, 2, 3, 4)
    assert (operand.row_bytes, operand.size, operand.dims) == (12, 24, (1, 2, 3, 4))
    chain = Chain()
    absent = chain.node(FullyConnected(), chain.input(1, 4), chain.constant(2, 4), None, name="fc")
    with pytest.raises(IndexError, match="node 'fc' has no input 2"):
        export_node(chain.build(absent).graph, 0).input(2)


# Folders of rules.


def write_rule(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


OWN_LIB = """
from sconnx.export.access import Whole
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.spec import ImplSpec

mine = ExportLib("mine")


@mine.register("Relu", ImplSpec())
class MyRelu(Implementation):
    header, params_type = "mine.h", "mine"

    def kernel(self, node):
        return "my_relu"

    def access(self, node):
        return Whole()
"""


def test_a_folder_adds_a_lib(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine/__init__.py", OWN_LIB)
    libs = load_libs((RULES, tmp_path))
    assert set(libs) == {"arm_dsp", "arm_mve", "cmsis_nn", "generic", "mine"}
    assert libs["mine"].operators == ["Relu"]
    assert libs["generic"].operators == generic_lib().operators
    chain = Chain()
    graph = chain.build(chain.node(Relu(), chain.input(1, 4))).graph
    choice = lower(graph, "host", [libs["mine"], libs["generic"]], NONE).choices[0]
    assert (choice.lib, choice.kernel) == ("mine", "my_relu")
    assert set(load_libs((RULES,))) == {"arm_dsp", "arm_mve", "cmsis_nn", "generic"}


def test_the_lower_step_prefers_the_users_lib(tmp_path: Path) -> None:
    from sconnx.graph.json_form import graph_to_json
    from sconnx.steps import lower as step

    write_rule(tmp_path / "rules/mine/__init__.py", OWN_LIB)
    path = tmp_path / "graph.json"
    path.write_bytes(to_bytes(graph_to_json(tiny_model().graph)))
    for folders, lib in (((RULES,), "generic"), ((RULES, tmp_path / "rules"), "mine")):
        options = {"target": "cortex-m4", "rules": [str(folder) for folder in folders], "externals": {}}
        (content,) = step.run(options, [path])
        assert json.loads(content)["choices"][1]["lib"] == lib


@pytest.mark.parametrize("package", [True, False])
def test_a_folder_adds_a_file_to_a_known_lib(tmp_path: Path, package: bool) -> None:
    if package:
        write_rule(tmp_path / "generic/__init__.py", "")
    rule = "from export_rules.generic import generic\nfrom export_rules.generic.elementwise import Lookup\n"
    rule += "from sconnx.export.spec import ImplSpec\n\n\n@generic.register('Quantize', ImplSpec())\n"
    write_rule(tmp_path / "generic/quantize.py", f"{rule}class Quantize(Lookup):\n    pass\n")
    libs = load_libs((RULES, tmp_path))
    assert set(libs) == {"arm_dsp", "arm_mve", "cmsis_nn", "generic"}
    assert set(libs["generic"].operators) == {*generic_lib().operators, "Quantize"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError(\"No module named 'nothing_of_this_name'\")"),
        ("1 / 0", "ZeroDivisionError('division by zero')"),
        ("raise SystemError('x')", "SystemError('x')"),
    ],
)
@pytest.mark.parametrize("file", ["__init__", "relu"])
def test_a_bad_rule_file_is_named(tmp_path: Path, file: str, text: str, why: str) -> None:
    write_rule(tmp_path / "mine/__init__.py", "")
    write_rule(tmp_path / f"mine/{file}.py", text)
    with pytest.raises(SconnxError) as caught:
        load_libs((RULES, tmp_path))
    shown = "mine" if file == "__init__" else "mine/relu"
    assert str(caught.value) == f"rules: error[E606]: rule '{shown}' cannot be loaded: {why}"


def test_bad_syntax_and_a_taken_name(tmp_path: Path) -> None:
    write_rule(tmp_path / "a/mine/__init__.py", "def")
    with pytest.raises(SconnxError, match=r"^rules: error\[E606\]: rule 'mine' cannot be loaded: SyntaxError"):
        load_libs((RULES, tmp_path / "a"))
    write_rule(tmp_path / "b/other/__init__.py", OWN_LIB.replace('"mine"', '"generic"'))
    with pytest.raises(SconnxError) as caught:
        load_libs((RULES, tmp_path / "b"))
    assert str(caught.value) == "rules: error[E607]: two libs have the name 'generic'"


def test_a_file_that_only_imports_a_lib_is_no_second_lib(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine/__init__.py", "from export_rules.generic import generic\n")
    assert set(load_libs((RULES, tmp_path))) == {"arm_dsp", "arm_mve", "cmsis_nn", "generic"}
