# SPDX-License-Identifier: Apache-2.0
"""How plain references are registered by operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.node import Node
from sconnx.graph.operator import Operator

Array = NDArray[Any]


class Evaluation(Protocol):
    """One node with the values of its inputs."""

    @property
    def node(self) -> Node: ...

    @property
    def operands(self) -> tuple[Array | None, ...]: ...

    @property
    def dtypes(self) -> tuple[np.dtype[Any], ...]: ...


PLAIN: dict[type[Operator], Callable[[Evaluation], Any]] = {}
"""The reference of each operator; gives the output, or a tuple of outputs."""

Function = TypeVar("Function", bound=Callable[..., Any])


def plain(*operators: type[Operator]) -> Callable[[Function], Function]:
    """Register `function(operator, *operands)`, which gives the output or a tuple of outputs of any dtype.

    What it gives is converted to the dtypes of the node's outputs.
    """

    def register(function: Function) -> Function:
        def evaluate(run: Evaluation) -> tuple[Array, ...]:
            # Results beyond a dtype's range are what they are: infinite, or no numbers.
            with np.errstate(all="ignore"):
                result = function(run.node.operator, *run.operands)
                results: Sequence[Array] = result if isinstance(result, tuple) else (result,)
                return tuple(np.asarray(one).astype(dtype) for one, dtype in zip(results, run.dtypes, strict=True))

        for operator in operators:
            PLAIN[operator] = evaluate
        return function

    return register
