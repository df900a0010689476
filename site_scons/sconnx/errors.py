# SPDX-License-Identifier: Apache-2.0
"""The two kinds of failure: what the user can fix (`SconnxError`) and what is our bug (everything else).

A user error has a code, says where, what, why and what helps. It is printed as one line, without a traceback:

    kws.tflite: error[E101]: cannot read the model: No such file or directory (help: give a .tflite or .onnx model)
"""

from __future__ import annotations


class SconnxError(Exception):
    """A problem that the user can fix.

    Args:
        code: stable identifier, `E` and three digits: 1xx files, 2xx operators, 3xx memory, 4xx budgets, 5xx running and
            verifying, 6xx tools and rules, 7xx options. docs/errors.md lists them all; a test holds that.
        what: one sentence, without a full stop.
        where: the file, or the file and the node, that the problem is in.
        why: the cause, when it is not obvious from `what`.
        help: what the user can do about it.

    Attributes:
        file: what CI shows it at, relative to the repository; empty: what `where` names.
    """

    def __init__(self, code: str, what: str, *, where: str = "", why: str = "", help: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.why = why
        self.help = help
        self.file = ""

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        why = f": {self.why}" if self.why else ""
        help = f" (help: {self.help})" if self.help else ""
        return f"{where}error[{self.code}]: {self.what}{why}{help}"


class ErrorGroup(SconnxError):
    """Several problems, reported at once in the order they were found."""

    def __init__(self, errors: list[SconnxError]) -> None:
        if not errors:
            raise ValueError("an ErrorGroup needs at least one error")
        super().__init__(errors[0].code, f"{len(errors)} problems", where=errors[0].where)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def raise_all(errors: list[SconnxError]) -> None:
    """Raise nothing, the only error, or all of them as one `ErrorGroup`."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ErrorGroup(errors)


def each_of(error: SconnxError) -> tuple[SconnxError, ...]:
    """The problems of a group, or the only one."""
    return error.errors if isinstance(error, ErrorGroup) else (error,)
