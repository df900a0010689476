# SPDX-License-Identifier: Apache-2.0
"""Which poolings are folded row by row, and why others are not."""

from __future__ import annotations

import pytest

from sconnx.export.access import Fold, Window
from sconnx.export.node import ExportNode, export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.graph.operator import AveragePooling2D, MaxPooling2D, Operator
from sconnx.graph.tensor import DType
from tests.tiny_models import Chain, generic_lib, lowered_of


def pooling_node(operator: Operator, dims: tuple[int, ...]) -> ExportNode:
    chain = Chain()
    return export_node(chain.build(chain.node(operator, chain.input(*dims))).graph, 0)


def test_what_is_folded() -> None:
    chain = Chain()
    widest = chain.node(AveragePooling2D(kernel_dims=(8, 3), stride_dims=(1, 2)), chain.input(1, 8, 7, 5))
    largest = chain.node(MaxPooling2D(kernel_dims=(4, 2), dilation_dims=(1, 3)), chain.input(1, 4, 9, 2))
    average, maximum = lowered_of(chain.build(widest, largest)).choices
    assert (average.implementation, average.access, average.scratch_bytes) == (
        "AveragePooling2DFold",
        Fold(),
        4 * 3 * 5,
    )
    assert (average.kernel, average.params_type) == ("sx_average_pooling2d_fold_s8_tflite", "sx_average_pooling2d_s8")
    assert (maximum.implementation, maximum.access, maximum.scratch_bytes) == ("MaxPooling2DFold", Fold(), 6 * 2)
    assert (maximum.kernel, maximum.header) == ("sx_max_pooling2d_fold_s8_exact", "sx_max_pooling2d_fold_s8.h")


@pytest.mark.parametrize(
    ("window", "stride", "padding", "dims", "reason"),
    [
        ((3, 1), 1, (0, 0, 0, 0), (1, 6, 2, 3), "output 0 has dims 1x4x2x3, not 1x1x?x?"),
        ((3, 2), 3, (0, 0, 0, 0), (1, 5, 2, 3), "a window of 3 rows on an input of 5"),
        ((9, 2), 9, (3, 0, 3, 0), (1, 9, 2, 3), "rows of padding"),
        ((9, 2), 9, (0, 0, 3, 0), (1, 9, 2, 3), "rows of padding"),
        ((2, 2), 1, (0, 0, 0, 0), (1, 2, 2, 3), "one row and the scratch need 18 bytes, all rows 12"),
        ((1, 9), 1, (0, 0, 0, 0), (1, 1, 9, 1), "one row and the scratch need 13 bytes, all rows 9"),
    ],
)
def test_what_is_not(
    window: tuple[int, int], stride: int, padding: tuple[int, int, int, int], dims: tuple[int, ...], reason: str
) -> None:
    operator = AveragePooling2D(kernel_dims=window, stride_dims=(stride, 1), padding=padding)
    every = verdicts(pooling_node(operator, dims), [generic_lib()], frozenset())
    found = [verdict for verdict in every if verdict.spec.inputs[0].dtype is DType.INT8]
    assert [str(verdict) for verdict in found] == [
        f"generic.AveragePooling2DFold: {reason}",
        "generic.AveragePooling2DRows: fits",
        "generic.AveragePooling2DBatches: fits",
    ]
    fit = first_fit(found)
    assert fit is not None and isinstance(fit.implementation.access(pooling_node(operator, dims)), Window)


def test_a_maximum_needs_less_than_a_sum() -> None:
    chosen = []
    for operator in (AveragePooling2D(kernel_dims=(2, 2)), MaxPooling2D(kernel_dims=(2, 2))):
        fit = first_fit(verdicts(pooling_node(operator, (1, 2, 2, 3)), [generic_lib()], frozenset()))
        chosen.append(fit and fit.name)
    assert chosen == ["generic.AveragePooling2DRows", "generic.MaxPooling2DFold"]
