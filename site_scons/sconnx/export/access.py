# SPDX-License-Identifier: Apache-2.0
"""In which order an implementation reads its inputs and writes its output; scheduler and planner rely on it.

Every kernel has the type `void kernel(const params *, const int8_t *const rows[], int8_t *out)`, with further outputs, then the
scratch buffer, as further arguments where there are any. What `rows` and `out` are is said by the access.
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
    """The order within a row call: output pixels go left to right in blocks, and the window of input columns slides along.

    Args:
        kernel, stride, dilation, pad: of the width.
        block: output pixels of which some may be written before the inputs of all of them have been read.
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
    """One call per output row y, in ascending or in descending order of y.

    rows[i] is row y * stride - pad + i * dilation of input 0, NULL outside of it. Of further operands row y follows. Outputs
    and further operands have equal heights.

    Args:
        kernel, stride, dilation, pad: of the height.
        columns: the order within a call; None: it may write any byte of its output row before it has read its input rows.
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

    rows[0] is the input row; rows[1] is NULL at the first call and the scratch buffer at the others; out is NULL at all calls
    but the last. The scratch buffer holds what was gathered so far; the last call still reads it while it writes to out.
    """

    kind = "fold"


@dataclass(frozen=True, slots=True)
class Elementwise(Access):
    """One call; elements are written in ascending order, each after the same element of every input was read.

    Elements of inputs and output may have different sizes; the planner counts in bytes. An input with another number of
    elements, which is broadcast, is never overlapped.
    """

    kind = "elementwise"


@dataclass(frozen=True, slots=True)
class Whole(Access):
    """One call, any order: no output may overlap an input."""

    kind = "whole"


@dataclass(frozen=True, slots=True)
class Alias(Access):
    """No call: the output is the input under other dims."""

    kind = "alias"


@dataclass(frozen=True, slots=True)
class Parts(Access):
    """No call where the plan allows: the inputs of a concatenation, or the outputs of a split, are parts of the other side.

    The parts follow each other in the order of the operands. Where they cannot lie there, the kernel is called once and copies.
    """

    kind = "parts"


_KINDS: dict[str, type[Access]] = {cls.kind: cls for cls in (Window, Fold, Elementwise, Whole, Alias, Parts)}


def access_from_json(document: Mapping[str, Any]) -> Access:
    values = dict(document)
    if values.get("columns") is not None:
        values["columns"] = Columns(**values["columns"])
    return _KINDS[values.pop("kind")](**values)
