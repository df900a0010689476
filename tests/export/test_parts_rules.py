# SPDX-License-Identifier: Apache-2.0
"""Where Concat and Split need no code, and what is called elsewhere."""

from __future__ import annotations

import pytest

from sconnx.export.access import Access, Parts, Whole, Window
from sconnx.export.lowered import Choice
from sconnx.graph.operator import Concat, Relu
from tests.tiny_models import Chain, lowered_of


def concat_of(axis: int, *dims: tuple[int, ...], twice: bool = False, constant: bool = False) -> Choice:
    chain = Chain()
    parts = [chain.node(Relu(), chain.input(*own)) for own in dims]
    parts += parts[:1] if twice else []
    parts += [chain.constant(*dims[0])] if constant else []
    return lowered_of(chain.build(chain.node(Concat(axis=axis), *parts))).choices[-1]


@pytest.mark.parametrize(
    ("axis", "dims", "access"),
    [
        (1, [(1, 3, 4, 5), (1, 2, 4, 5)], Parts()),
        (0, [(3, 4), (2, 4)], Parts()),
        (1, [(1, 4), (1, 5)], Parts()),
        (2, [(1, 1, 4), (1, 1, 5)], Parts()),
        (3, [(1, 1, 1, 4), (1, 1, 1, 5)], Parts()),
        (3, [(1, 3, 4, 5), (1, 3, 4, 2)], Window(1, 1, 1, 0)),
        (2, [(1, 3, 4, 5), (1, 3, 2, 5)], Window(1, 1, 1, 0)),
        (3, [(1, 1, 4, 5), (1, 1, 4, 2)], Whole()),
        (3, [(2, 3, 4, 5), (2, 3, 4, 2)], Whole()),
        (1, [(2, 3), (2, 5)], Whole()),
    ],
)
def test_concat(axis: int, dims: list[tuple[int, ...]], access: Access) -> None:
    choice = concat_of(axis, *dims)
    assert (choice.access, choice.kernel, choice.operands) == (access, "sx_concat_s8_exact", (0, 1))


def test_parts_that_cannot_lie_in_the_whole() -> None:
    assert concat_of(1, (1, 4), (1, 5), twice=True).access == Whole()
    assert concat_of(1, (1, 4), (1, 5), constant=True).access == Whole()
    assert concat_of(3, (1, 3, 4, 5), (1, 3, 4, 2), twice=True, constant=True).access == Window(1, 1, 1, 0)
