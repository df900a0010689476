# SPDX-License-Identifier: Apache-2.0
"""The files of `run` and `verify`, taken apart by model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sconnx.steps.emulation import read_inputs
from tests.tiny_pipeline import Pipeline


@pytest.mark.parametrize(
    "given", [(False,), (True,), (False, False), (True, False), (False, True), (True, True, False)]
)
def test_each_model_has_its_vectors(pipeline: Pipeline, tmp_path: Path, given: tuple[bool, ...]) -> None:
    elf, *own, counter = pipeline.inputs("verify")
    files: list[Path] = [elf]
    for number, has_vectors in enumerate(given):
        files += [*own, *([counter] if number == 0 else [])]
        if has_vectors:
            vectors = tmp_path / f"v{number}.npz"
            np.savez(vectors, **{f"in{k}_0": np.zeros(60, np.int8) for k in range(number + 1)})
            files.append(vectors)
    models, found = read_inputs(pipeline.options, files)
    assert found == counter
    assert [(model.graph, model.params, model.firmware.elf) for model in models] == [(own[0], own[1], elf)] * len(given)
    assert [(model.vectors_source, len(model.vectors)) for model in models] == [
        (f"v{number}.npz", number + 1) if has_vectors else ("seeded random inputs", 3)
        for number, has_vectors in enumerate(given)
    ]
