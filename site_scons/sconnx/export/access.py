# SPDX-License-Identifier: Apache-2.0
"""In which order an implementation reads its inputs and writes its output; the memory planner relies on it.

Every kernel has the type `void kernel(const params *, const int8_t *const rows[], int8_t *out)`, with further outputs, then the
scratch buffer, as further arguments where there are any. What `rows` and `out` are is said by the access:

- `Window`: one call per output row y; rows[i] is input row y * stride - pad + i * dilation, NULL outside the input. Of further
  operands row y follows. The outputs and further operands have equal heights; each output gets row y.
- `Fold`: one call per input row, for an output of one row that is complete with the last of them.
- `Elementwise`: one call; element i of the output is written after element i of every input was read, and no later
  element depends on an earlier one. The output may take the place of an input of the same size.
- `Whole`: one call, any order: no output may overlap an input.
- `Alias`: no call: the output is the input under other dims.
- `Parts`: no call: inputs are parts of the output, or outputs are parts of the input.
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
class Columns:
    """The order within a row call: output pixels go left to right in blocks; the window of input columns slides along.

    Output pixel x reads the columns x * stride - pad + i * dilation of its rows, those outside the input excepted.

    Args:
        kernel, stride, dilation, pad: of the width.
        block: output pixels whose inputs may still be read when the first of them is written.
        reads_first: a block may be written over its own inputs, as if every input of it were read before its first output
            is written.
    """

    kernel: int
    stride: int
    dilation: int
    pad: int
    block: int = 1
    reads_first: bool = False


@dataclass(frozen=True, slots=True)
class Window(Access):
    """Rows of input 0 that slide down with the output row. The calls may also come in descending order of y.

    Args:
        columns: None: a call may write any byte of its output row before it has read its input rows.
    """

    kind = "window"
    kernel: int
    stride: int
    dilation: int
    pad: int
    columns: Columns | None = None

    def rows(self, y: int, height: int) -> list[int]:
        """The rows of an input of `height` rows that output row y reads."""
        first = y * self.stride - self.pad
        return [row for row in range(first, first + self.kernel * self.dilation, self.dilation) if 0 <= row < height]


@dataclass(frozen=True, slots=True)
class Fold(Access):
    """One call per input row, from the first to the last, for an output of one row.

    rows[0] is the input row, rows[1] is NULL at the first call and the scratch buffer at the others; out is NULL at all calls
    but the last. The scratch holds what was gathered so far. The last call writes to out after it has read its input row,
    while it still reads the scratch.
    """

    kind = "fold"


@dataclass(frozen=True, slots=True)
class Elementwise(Access):
    """Elements are written in ascending order."""

    kind = "elementwise"


@dataclass(frozen=True, slots=True)
class Whole(Access):
    kind = "whole"


@dataclass(frozen=True, slots=True)
class Alias(Access):
    kind = "alias"


@dataclass(frozen=True, slots=True)
class Parts(Access):
    """No call: each input IS a part of the output (Concat), or each output IS a part of the input (Split).

    Parts follow each other in the order of the operands. Where the tensors cannot lie so, the kernel is called once as for
    `Whole`.
    """

    kind = "parts"


_KINDS: dict[str, type[Access]] = {cls.kind: cls for cls in (Window, Fold, Elementwise, Whole, Alias, Parts)}


def access_from_json(document: Mapping[str, Any]) -> Access:
    values = dict(document)
    if values.get("columns") is not None:
        values["columns"] = Columns(**values["columns"])
    return _KINDS[values.pop("kind")](**values)
