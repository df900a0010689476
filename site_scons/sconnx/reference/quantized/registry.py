# SPDX-License-Identifier: Apache-2.0
"""How references of quantised operators are registered by operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sconnx.graph.operator import Operator
from sconnx.reference.run import Run

QUANTIZED: dict[type[Operator], Callable[[Run], Any]] = {}
"""The reference of each operator; gives the output, or a tuple of outputs."""

Function = TypeVar("Function", bound=Callable[[Run], Any])


def quantized(*operators: type[Operator]) -> Callable[[Function], Function]:
    """Register the reference function of operators on quantised tensors."""

    def register(function: Function) -> Function:
        for operator in operators:
            QUANTIZED[operator] = function
        return function

    return register
