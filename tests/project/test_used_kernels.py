# SPDX-License-Identifier: Apache-2.0
"""Which kernels a lowered.json names, and which objects belong in the library with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path, PurePath

import pytest

from sconnx.export.lowered import read_lowered
from sconnx.export.members import members, used_kernels
from sconnx.graph.json_form import to_bytes
from sconnx.project.settings import parse_settings
from sconnx.project.sources import kernel_sources, used_sources
from tests.tiny_pipeline import KERNELS, RULES, Pipeline


def test_kernels_are_those_of_the_lowered_graph(pipeline: Pipeline, tmp_path: Path) -> None:
    (path,) = pipeline.paths("lowered.json")
    lowered = read_lowered(path)
    assert used_kernels(path) == lowered.kernels != ()
    # A file that serves a family of kernels, and a node without a call.
    first, second, *others = lowered.choices
    changed = replace(lowered, choices=(replace(first, source="sx_family"), replace(second, kernel=""), *others))
    (tmp_path / "lowered.json").write_bytes(to_bytes(changed.to_json()))
    assert used_kernels(tmp_path / "lowered.json") == changed.kernels != lowered.kernels


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff", b"[]", b"{}", b'{"choices": 1}', b'{"choices": [{"lib": "generic"}]}']
)
def test_no_kernels_before_the_file_is_there(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "lowered.json").write_bytes(content)
    assert used_kernels(tmp_path / "lowered.json") == ()


def test_members_are_the_objects_of_what_is_used() -> None:
    folder = PurePath("build/cortex-m7/kernels")
    generic, glue = folder / "generic/sx_add_s8_tflite.o", folder / "cmsis_nn/sx_cmsis_add_s8.o"
    external = folder / "cmsis_nn/external/arm_elementwise_add_s8.o"
    other = folder / "cmsis_nn/sx_cmsis_softmax_s8.o"
    model = PurePath("build/cortex-m7/model/model.o")
    objects = [model, external, glue, other, generic]
    assert members([("generic", "sx_add_s8_tflite")], objects) == [model, generic]
    assert members([("cmsis_nn", "sx_cmsis_add_s8")], objects) == [model, external, glue]
    assert members([], objects) == [model]


def test_sources_of_a_model_come_with_all_that_is_static_in_their_libs(tmp_path: Path) -> None:
    found = kernel_sources(parse_settings({"target": "cortex-m3"}), (RULES,), KERNELS)
    choices = [{"lib": "generic", "kernel": "sx_add_s8_tflite", "source": ""}]
    (tmp_path / "lowered.json").write_text(json.dumps({"choices": choices}))
    used = [source.object_path for source in used_sources(found.sources, tmp_path / "lowered.json")]
    static = sorted((KERNELS / "generic/static").glob("*.c"))
    assert used == ["generic/sx_add_s8_tflite.o", *(f"generic/static/{path.stem}.o" for path in static)]
