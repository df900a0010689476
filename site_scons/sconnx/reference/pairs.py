# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of two int8 tensors, by operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Activation, Operator
from sconnx.reference.binary import FLOAT_OPERATIONS, Affine, binary
from sconnx.reference.comparison import EXTREMES, RELATIONS, comparison, extreme
from sconnx.reference.rule import Rule

PAIRS = (*FLOAT_OPERATIONS, *EXTREMES, *RELATIONS)
"""The names of the operators."""

Int8Array = NDArray[Any]


def pair_of(
    operator: Operator,
    rule: Rule,
    left: Affine,
    right: Affine,
    output: Affine | None,
    dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8,
) -> Callable[[Int8Array, Int8Array], NDArray[Any]]:
    """The function of two tensors that broadcast; int8, or bool for comparisons, which have no `output` quantisation.

    Raises:
        KeyError: no operator of PAIRS, or one that the rule has no arithmetic for.
        ValueError: scales that the operator cannot have.
    """
    name = operator.type_name
    if name in RELATIONS:
        return comparison(name, rule, left, right)
    assert output is not None
    if name in EXTREMES:
        return extreme(name, rule, left, right, output)
    return binary(name, rule, left, right, output, getattr(operator, "activation", Activation.NONE).value, dtype)
