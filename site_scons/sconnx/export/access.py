# SPDX-License-Identifier: Apache-2.0
"""In which order an implementation reads its inputs and writes its output; the memory planner relies on it.

Every kernel has the type `void kernel(const params *, const int8_t *const rows[], int8_t *out)`, with further outputs, then the
scratch buffer, as further arguments where there are any. What `rows` and `out` are is said by the access:

- `Window`: one call per output row y; rows[i] is input row y * stride - pad + i * dilation, NULL outside the input. Of further
  operands row y follows. The output and further operands have equal heights.
- `Elementwise`: one call; element i of the output is written after element i of every input was read, and no later
  element depends on an earlier one. The output may take the place of an input of the same size.
- `Whole`: one call, any order: no output may overlap an input.
- `Alias`: no call: the output is the input under other dims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Access:
    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Window(Access):
    """Rows of input 0 that slide down with the output row."""

    kind = "window"
    kernel: int
    stride: int
    dilation: int
    pad: int

    def rows(self, y: int, height: int) -> list[int]:
        """The rows of an input of `height` rows that output row y reads."""
        first = y * self.stride - self.pad
        return [row for row in range(first, first + self.kernel * self.dilation, self.dilation) if 0 <= row < height]


@dataclass(frozen=True, slots=True)
class Elementwise(Access):
    kind = "elementwise"


@dataclass(frozen=True, slots=True)
class Whole(Access):
    kind = "whole"


@dataclass(frozen=True, slots=True)
class Alias(Access):
    kind = "alias"


_KINDS: dict[str, type[Access]] = {cls.kind: cls for cls in (Window, Elementwise, Whole, Alias)}


def access_from_json(document: Mapping[str, Any]) -> Access:
    values = dict(document)
    return _KINDS[values.pop("kind")](**values)
