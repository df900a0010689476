# SPDX-License-Identifier: Apache-2.0
"""Constructors of operators, one for each: `Conv2DOp(kernel_dims=3, stride_dims=2)`.

They differ from the classes in what they accept: one number stands for all elements of a tuple, and an activation may be
given by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from sconnx.graph.operator import Operator


def _full(hint: Any, value: Any) -> Any:
    """A value as the field wants it: 3 for tuple[int, int] is (3, 3), "relu" for an enum is its member."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if get_origin(hint) is tuple and not isinstance(value, tuple | list):
        count = 1 if Ellipsis in get_args(hint) else len(get_args(hint))
        return (value,) * count
    return tuple(value) if isinstance(value, list) else value


def constructor(operator: type[Operator]) -> Callable[..., Operator]:
    """The constructor of an operator class."""
    hints = get_type_hints(operator)

    def construct(**attributes: Any) -> Operator:
        return operator(**{name: _full(hints.get(name), value) for name, value in attributes.items()})

    construct.__name__ = f"{operator.__name__}Op"
    construct.__doc__ = operator.__doc__
    return construct


def __getattr__(name: str) -> Callable[..., Operator]:
    # Classes that stand for several operators, like MetaOperator, say otherwise what their type is.
    known = {f"{n}Op": cls for n, cls in Operator.types.items() if cls.type_name is Operator.type_name}
    if name not in known:
        raise AttributeError(f"there is no constructor {name}; there are {', '.join(known)}")
    return constructor(known[name])
