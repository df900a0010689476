# SPDX-License-Identifier: Apache-2.0
"""What follows from constants alone is computed at import, with the reference arithmetic."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sconnx.frontend.tflite.place import Placed
from sconnx.frontend.tflite.translation import Translation
from sconnx.graph.model import ModelBuilder
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule, ScaleError


def folded(translation: Translation) -> dict[int, NDArray[Any]]:
    """The values of all outputs by number in the file; none when they depend on more, or the operator has no reference for it."""
    values = {output.index: value for output, value in translation.constants if output.index is not None}
    if (
        not translation.steps
        or translation.updates
        or any(
            operand.value is None and operand.index is not None
            for step in translation.steps
            for operand in step.inputs
            if operand is not None
        )
    ):
        return values
    builder = ModelBuilder("constant", Rule.TFLITE)
    placed = Placed(builder)
    placed.add(0, translation)
    outputs = [out.index for step in translation.steps for out in step.outputs if out.index is not None]
    model = builder.build([placed.find(index) for index in outputs])
    try:
        computed = execute(model, [])
    except (KeyError, ScaleError):
        return {}
    return dict(zip(outputs, (computed[index] for index in model.graph.outputs), strict=True))
