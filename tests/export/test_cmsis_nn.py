# SPDX-License-Identifier: Apache-2.0
"""Lib `cmsis_nn` without CMSIS-NN: its manifest, what its rules take, and what they reject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.export.access import Elementwise, Whole
from sconnx.export.manifest import read_manifests, usable_libs
from sconnx.export.node import ExportNode
from sconnx.graph.operator import AveragePooling2D, Conv2D, DepthwiseConv2D, FullyConnected, MaxPooling2D, Softmax
from sconnx.project.settings import parse_settings
from sconnx.project.sources import kernel_sources
from sconnx.reference.rule import Rule
from tests.export.cmsis_nodes import DSP, PLAIN, chosen, lib, listed_sources, of_each_operator, one_node, reason
from tests.export.random_firmware import KERNELS, RULES

OPERATORS = ["Add", "AveragePooling2D", "Conv2D", "DepthwiseConv2D", "FullyConnected", "MaxPooling2D", "Softmax"]


def test_manifest() -> None:
    manifest = next(found for found in read_manifests((RULES,), KERNELS) if found.name == "cmsis_nn")
    assert manifest.external is not None
    assert (manifest.external.variable, manifest.external.includes) == ("cmsis_nn", ("Include",))
    assert list(manifest.external.sources) == sorted(manifest.external.sources)
    assert (manifest.rules, manifest.kernels) == (RULES / "cmsis_nn", (KERNELS / "cmsis_nn",))
    assert not manifest.is_users


def test_the_lib_is_used_only_when_its_folder_is_given() -> None:
    manifests = read_manifests((RULES,), KERNELS)

    def names(externals: dict[str, str]) -> list[str]:
        return [found.name for found in usable_libs(manifests, ("generic",), externals)]

    assert names({}) == names({"cmsis_nn": ""}) == ["generic"]
    assert names({"cmsis_nn": "folder"}) == ["cmsis_nn", "generic"]
    without = kernel_sources(parse_settings({}), (RULES,), KERNELS)
    assert not without.system_includes
    assert not [source for source in without.sources if source.object_path.startswith("cmsis_nn/")]


def test_rules_register_without_a_checkout() -> None:
    assert lib().operators == OPERATORS


def test_object_names_do_not_collide() -> None:
    stems = [Path(source).stem for source in listed_sources()]
    assert len(set(stems)) == len(stems)
    kernels = {path.stem for path in (KERNELS / "cmsis_nn").glob("*.c")}
    assert not kernels & set(stems)
    assert all(name.startswith("sx_cmsis_") for name in kernels)


def test_every_kernel_is_reached_by_a_rule() -> None:
    nodes = of_each_operator()
    nodes.append(one_node(Conv2D(kernel_dims=(1, 1)), (1, 8, 8, 2), (4, 1, 1, 2)))
    nodes.append(one_node(DepthwiseConv2D(kernel_dims=(2, 2)), (1, 8, 8, 2), (2, 2, 2)))
    kernels = {chosen(node, features).kernel(node) for node in nodes for features in (DSP, PLAIN)}
    assert kernels == {path.stem for path in (KERNELS / "cmsis_nn").glob("*.c")}


def test_access() -> None:
    kinds = {node.type: chosen(node).access(node) for node in of_each_operator()}
    in_place = {name for name, access in kinds.items() if isinstance(access, Elementwise)}
    assert in_place == {"Add", "Softmax"}
    assert {type(access) for name, access in kinds.items() if name not in in_place} == {Whole}


def test_a_folder_that_is_no_checkout(tmp_path: Path) -> None:
    settings = parse_settings({"cmsis_nn": str(tmp_path)})
    help = "(help: give the top folder of a checkout of 'cmsis_nn' of a version that has these files)"
    with pytest.raises(SconnxError) as caught:
        kernel_sources(settings, (RULES,), KERNELS)
    more = len(listed_sources())
    assert str(caught.value) == f"error[E605]: cmsis_nn={tmp_path}: this folder has no Include and {more} more {help}"
    (tmp_path / "Include").mkdir()
    for name in listed_sources()[:-1]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(SconnxError) as caught:
        kernel_sources(settings, (RULES,), KERNELS)
    assert str(caught.value) == f"error[E605]: cmsis_nn={tmp_path}: this folder has no {listed_sources()[-1]} {help}"


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SconnxError) as caught:
        parse_settings({"cmsis_nn": str(tmp_path / "none")})
    assert str(caught.value) == f"error[E101]: cmsis_nn={tmp_path / 'none'}: no such folder"


def test_models_of_another_rule_are_rejected() -> None:
    for node in of_each_operator(Rule.ONNX):
        assert reason(node) == "CMSIS-NN rounds twice; this model's rule is onnx", node.type


# What CMSIS-NN cannot compute exactly, or at all.
REJECTED: dict[str, tuple[Callable[[], ExportNode], str]] = {
    "weights_zero_point": (
        lambda: one_node(Conv2D(kernel_dims=(1, 1)), (1, 8, 8, 2), (4, 1, 1, 2), weights_zero_point=3),
        "the weights have a zero point other than 0",
    ),
    "depthwise_weights_zero_point": (
        lambda: one_node(DepthwiseConv2D(kernel_dims=(2, 2)), (1, 8, 8, 2), (2, 2, 2), weights_zero_point=3),
        "the weights have a zero point other than 0",
    ),
    "groups": (
        lambda: one_node(Conv2D(kernel_dims=(1, 1), groups=2), (1, 8, 8, 4), (4, 1, 1, 2)),
        "2 groups without a bias",
    ),
    "right_padding": (
        lambda: one_node(DepthwiseConv2D(kernel_dims=(3, 3), padding=(1, 1, 2, 2)), (1, 8, 8, 2), (3, 3, 2)),
        "a 3x3 window with two columns of padding on the right",
    ),
    "bottom_padding": (
        lambda: one_node(DepthwiseConv2D(kernel_dims=(2, 2), padding=(0, 0, 2, 0)), (1, 8, 8, 2), (2, 2, 2)),
        "a window that holds nothing but padding",
    ),
    "left_padding": (
        lambda: one_node(AveragePooling2D(kernel_dims=(2, 2), padding=(0, 2, 0, 0)), (1, 8, 8, 2)),
        "a window that holds nothing but padding",
    ),
    "dilated_pooling": (
        lambda: one_node(MaxPooling2D(kernel_dims=(2, 2), dilation_dims=(2, 2)), (1, 8, 8, 2)),
        "the window is dilated",
    ),
    "extent": (
        lambda: one_node(Conv2D(kernel_dims=(1, 1)), (1, 1, 32768, 1), (1, 1, 1, 1)),
        "a dimension of 32768, the limit is 32767",
    ),
    "window": (
        lambda: one_node(Conv2D(kernel_dims=(8, 8)), (1, 8, 8, 1024), (1, 8, 8, 1024)),
        "65536 elements in a window, the limit is 65535",
    ),
    "classes": (lambda: one_node(Softmax(), (1, 4096)), "4096 classes, the limit is 4095"),
    "batch": (
        lambda: one_node(MaxPooling2D(kernel_dims=(2, 2)), (2, 8, 8, 2)),
        "input 0 has dims 2x8x8x2, not 1x?x?x?; output 0 has dims 2x7x7x2, not 1x?x?x?",
    ),
}


@pytest.mark.parametrize("name", REJECTED)
def test_rejected(name: str) -> None:
    make, expected = REJECTED[name]
    assert reason(make()) == expected


def test_next_to_what_is_rejected() -> None:
    chosen(one_node(Conv2D(kernel_dims=(1, 1), groups=2), (1, 8, 8, 4), (4, 1, 1, 2), bias=4))
    # With stride 2 the padding on the right is only partly reached, or not at all.
    strided = DepthwiseConv2D(kernel_dims=(3, 3), stride_dims=(2, 2), padding=(0, 0, 0, 2))
    chosen(one_node(strided, (1, 8, 8, 2), (3, 3, 2)))
    shared = DepthwiseConv2D(kernel_dims=(3, 3), padding=(0, 0, 0, 2), channel_multiplier=2)
    chosen(one_node(shared, (1, 8, 8, 2), (3, 3, 4)))
    chosen(one_node(FullyConnected(), (1, 8), (4, 8), weights_zero_point=3))
