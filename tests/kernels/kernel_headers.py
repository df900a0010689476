# SPDX-License-Identifier: Apache-2.0
"""The parameter structures of kernels for ctypes, read from the headers that declare them."""

from __future__ import annotations

import ctypes
import functools
import re
from typing import Any

from kernel_library import KERNELS
from kernel_structures import Structure

SCALARS = {
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "float": ctypes.c_float,
    "int16_t": ctypes.c_int16,
    "int8_t": ctypes.c_int8,
}
_STRUCT = re.compile(r"typedef struct \{(.*?)\} (\w+);", re.DOTALL)
_ALIAS = re.compile(r"typedef (sx_\w+) (sx_\w+);")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"(\*?)\s*(\w+)(?:\[(\w+)\])?$")


@functools.cache
def _declared() -> dict[str, str]:
    """The members of every structure, by its name."""
    texts = [_COMMENT.sub("", path.read_text()) for path in sorted(KERNELS.glob("*/*.h"))]
    found = {name: members for text in texts for members, name in _STRUCT.findall(text)}
    return found | {name: found[other] for text in texts for other, name in _ALIAS.findall(text) if other in found}


def _lengths() -> dict[str, int]:
    """Array lengths that have names."""
    text = "".join(path.read_text() for path in sorted(KERNELS.glob("*/*.h")))
    return {name: int(value) for name, value in re.findall(r"#define (SX_\w+) (\d+)\n", text)}


@functools.cache
def structure_of(name: str) -> type[Structure]:
    """The structure that a header calls `name`."""
    fields: list[tuple[str, Any]] = []
    for declaration in filter(None, map(str.strip, _declared()[name].split(";"))):
        kind, names = re.sub(r"^const ", "", declaration).split(maxsplit=1)
        for item in names.split(","):
            found = _NAME.match(item.strip())
            assert found is not None, declaration
            star, field, length = found.groups()
            own = ctypes.c_void_p if star else SCALARS.get(kind) or structure_of(kind)
            count = None if length is None else int(length) if length.isdigit() else _lengths()[length]
            # Rules name the elements of an array one by one.
            fields += [(field, own)] if count is None else [(f"{field}[{i}]", own) for i in range(count)]
    return type(name, (Structure,), {"_fields_": fields})
