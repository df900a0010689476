# SPDX-License-Identifier: Apache-2.0
"""`scons explain node=NAME`: the exact text, for nodes of every origin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sconnx.errors import SconnxError
from sconnx.export.lower import lower
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.graph.model import Model
from sconnx.report.show import show
from sconnx.steps import explain
from sconnx.steps.rules import load_target_libs
from tests.export.test_adapters import pooled
from tests.tiny_models import RULES, tiny_model

RULE_FILE = """
from sconnx.export.access import Whole
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.tensor import DataFormat, DType

mine = ExportLib("mine")


class Base(Implementation):
    header = "mine.h"
    params_type = "mine"

    def kernel(self, node):
        return "mine_kernel"

    def access(self, node):
        return Whole()


@mine.register("MaxPooling2D", ImplSpec((IOSpec(DType.INT16),)))
class Wide(Base): ...


@mine.register("MaxPooling2D", ImplSpec(features=frozenset({"dsp", "mve"})))
class Vector(Base): ...


@mine.register("MaxPooling2D", ImplSpec())
class Small(Base):
    def reject(self, node):
        return f"{node.input(0).width} columns, the limit is 4" if node.input(0).width > 4 else None


@mine.register("ConvRelu", ImplSpec())
class Fused(Base): ...
"""


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "rules/mine").mkdir(parents=True)
    (tmp_path / "rules/mine/__init__.py").write_text(RULE_FILE)
    return {"target": "cortex-m7", "rules": [str(RULES), str(tmp_path / "rules")], "externals": {}}


def explained(model: Model, folder: Path, options: dict[str, Any], node: str) -> str:
    graph, answer = folder / "graph.json", folder / "explain.json"
    graph.write_bytes(to_bytes(graph_to_json(model.graph)))
    [content] = explain.run({**options, "node": node}, [graph])
    answer.write_bytes(content)
    return show(answer)


def columns(text: str) -> list[str]:
    """The lines, with two spaces between columns, however wide others make these."""
    return [re.sub(r"(?<=\w)  +", "  ", line) for line in text.splitlines()]


def of_generic(lines: list[str]) -> bool:
    """Whether they are of candidates of lib `generic`, which grow in number, that nobody asked."""
    wanted = re.compile(r" {5}generic\.\w+  not asked: an earlier one fits")
    return bool(lines) and all(wanted.fullmatch(line) for line in lines)


def test_text(options: dict[str, Any], tmp_path: Path) -> None:
    lines = columns(explained(pooled(), tmp_path, options, "pool"))
    assert lines[:6] == [
        "node 1 'pool': MaxPooling2D on cortex-m7",
        "     mine.Vector  needs the CPU feature mve",
        "     mine.Wide  input 0 is int8, not int16",
        "     mine.Small  5 columns, the limit is 4",
        "     arm_dsp.MaxPooling2DFoldDsp  output 0 has dims 1x3x3x3, not 1x1x?x?",
        "  >  arm_dsp.MaxPooling2DRowsDsp  fits",
    ]
    assert of_generic(lines[6:])


def test_by_position_and_what_was_not_asked(options: dict[str, Any], tmp_path: Path) -> None:
    del options["rules"][1]
    lines = columns(explained(pooled(), tmp_path, options, "0"))
    assert lines[:2] == ["node 0 'relu': Relu on cortex-m7", "  >  generic.Lookup  fits"]
    assert of_generic(lines[2:])


def test_one_that_is_not_asked(options: dict[str, Any], tmp_path: Path) -> None:
    text = RULE_FILE.replace("> 4", "> 5")
    (tmp_path / "rules/mine/__init__.py").write_text(text)
    lines = columns(explained(pooled(), tmp_path, options, "pool"))
    assert lines[3:6] == [
        "  >  mine.Small  fits",
        "     arm_dsp.MaxPooling2DFoldDsp  not asked: an earlier one fits",
        "     arm_dsp.MaxPooling2DRowsDsp  not asked: an earlier one fits",
    ]
    assert of_generic(lines[6:])


def test_a_node_that_nothing_fits_is_explained_in_full(options: dict[str, Any], tmp_path: Path) -> None:
    """The error of `lower` says the same, each reason once."""
    from sconnx.graph.operator import FullyConnected
    from tests.tiny_models import Chain

    chain = Chain()
    model = chain.build(chain.node(FullyConnected(), chain.input(1, 3), chain.input(2, 3), name="product"))
    first, *lines = columns(explained(model, tmp_path, options, "product"))
    assert first == "node 0 'product': FullyConnected on cortex-m7"
    reasons = dict(line.split(maxsplit=1) for line in lines)
    assert reasons["generic.FullyConnectedWhole"] == "input 1 is computed at run time, not a constant"
    assert reasons["generic.FullyConnectedWholeS16"] == "input 0 is int8, not int16; output 0 is int8, not int16"
    cpu, libs = load_target_libs(options)
    with pytest.raises(SconnxError) as caught:
        lower(model.graph, cpu.name, libs, frozenset(cpu.features))
    assert re.sub(r"\d+", "N", caught.value.why) == (
        "arm_dsp.FullyConnectedPacked: the weights have a zero point other than N; "
        "arm_dsp.FullyConnectedWholeDsp, generic.FullyConnectedWhole: input N is computed at run time, not a constant; "
        "generic.FullyConnectedWholeSN: input N is intN, not intN; output N is intN, not intN; "
        "generic.FullyConnectedFN, generic.FullyConnectedAtRunTimeFN: input N is intN, not floatN; "
        "input N is intN, not floatN; output N is intN, not floatN"
    )


def test_a_metaoperator_names_its_members(options: dict[str, Any], tmp_path: Path) -> None:
    from sconnx.graph.operator import Add, Conv2D, Relu
    from tests.tiny_models import Chain

    chain = Chain()
    conv = chain.node(Conv2D(kernel_dims=(1, 1)), chain.input(1, 3, 3, 2), chain.constant(2, 1, 1, 2), name="conv")
    relu = chain.node(Relu(), conv, name="relu")
    model = chain.build(chain.node(Add(), relu, relu))
    assert explained(model, tmp_path, options, "relu").splitlines() == [
        "node 0 'relu': ConvRelu of Conv2D, Relu on cortex-m7",
        "  >  mine.Fused  fits",
    ]


def test_unknown_names(options: dict[str, Any], tmp_path: Path) -> None:
    for node, hint in (("pol", "did you mean 'pool'?"), ("3", "one of: relu, pool, last")):
        with pytest.raises(SconnxError) as caught:
            explained(pooled(), tmp_path, options, node)
        assert str(caught.value) == (
            f"planes: error[E203]: no node is called '{node}' (help: give a name or a position from 0 to 2; {hint})"
        )


def test_nodes_of_one_name_are_all_explained(options: dict[str, Any], tmp_path: Path) -> None:
    model = tiny_model(hostile="same")
    lines = explained(model, tmp_path, options, "same").splitlines()
    assert sum(line.startswith("node ") for line in lines) == sum(node.name == "same" for node in model.graph.nodes)
