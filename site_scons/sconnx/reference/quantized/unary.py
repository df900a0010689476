# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of one tensor: tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Requantize
from sconnx.reference.lookup import lookup, signed_zero_point, table_of, tabulated
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Int8Array, Run, Scales


@quantized(*(operator for operator in tabulated() if operator is not Requantize))
def by_table(run: Run) -> Int8Array:
    return lookup(run.int8(0), table_of(run.node.operator, run.rule, **run.scales))


@quantized(Requantize)
def requantize(run: Run) -> NDArray[Any]:
    """Also between int8 and uint8: an element of uint8 and its zero point are the int8 ones and 128."""
    x = run.operands[0]
    assert x is not None
    (dtype,) = run.dtypes
    scales: Scales = {
        **run.scales,
        "input_zero_point": signed_zero_point(x.dtype, run.scales["input_zero_point"]),
        "output_zero_point": signed_zero_point(dtype, run.scales["output_zero_point"]),
    }
    signed = x if x.dtype == np.int8 else (x ^ np.uint8(128)).view(np.int8)
    result = lookup(signed, table_of(run.node.operator, run.rule, **scales))
    return result if dtype == np.int8 else result.view(np.uint8) ^ np.uint8(128)
