# SPDX-License-Identifier: Apache-2.0
"""Budgets as the user writes them: `ram=24K`, `ram=dtcm:64K,sram:128K`, `flash=kws:64K`, `ram=kws:dtcm:8K`, `margin=10%`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from sconnx.errors import SconnxError, raise_all
from sconnx.project.nearest import nearest
from sconnx.project.sizes import parse_size
from sconnx.target.board import Board

MEMORIES = ("ram", "flash", "stack")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be used of a memory at most.

    Args:
        memory: one of `MEMORIES`.
        model: what one model has of it alone; empty: the whole firmware.
        region: in one region of the board; empty: in all of that kind. A stack has none.
    """

    memory: str
    size_bytes: int
    model: str = ""
    region: str = ""

    @property
    def scope(self) -> str:
        """` of kws in dtcm`."""
        return (f" of {self.model}" if self.model else "") + (f" in {self.region}" if self.region else "")

    def __str__(self) -> str:
        """`ram of kws in dtcm`."""
        return self.memory + self.scope

    @property
    def variable(self) -> str:
        """What the user would change: `ram=kws:dtcm:`."""
        return f"{self.memory}=" + "".join(f"{word}:" for word in (self.model, self.region) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What has to stay free of every budget, and without budgets of every region: bytes, or a share of it."""

    amount: float
    is_percent: bool

    def of(self, size_bytes: int) -> int:
        """Bytes, rounded up."""
        exact = size_bytes * Fraction(str(self.amount)) / 100
        return ceil(exact) if self.is_percent else int(self.amount)


def parse_budgets(memory: str, text: str, models: Sequence[str], errors: list[SconnxError]) -> tuple[Budget, ...]:
    """The budgets in `ram=`, `flash=` or `stack=`. Adds E702 for all that are malformed.

    A first word that is a model's name is that model. What `stack=` says of the firmware itself is no budget but a reservation
    and is left out here; see `reserved_stack`.
    """
    found: dict[tuple[str, str], Budget] = {}
    for part in filter(None, text.split(",")):
        if memory == "stack" and ":" not in part:
            continue
        *words, size = part.split(":")
        model = words.pop(0) if words and words[0] in models else ""
        region = words.pop(0) if words else ""
        if words or (memory == "stack" and region):
            forms = "SIZE, MODEL:SIZE" if memory == "stack" else "SIZE, REGION:SIZE, MODEL:SIZE, MODEL:REGION:SIZE"
            hint = f"{forms}; models: {', '.join(models)}"
            errors.append(SconnxError("E702", f"{memory}={part} is no budget", help=hint))
            continue
        size_bytes = parse_size(memory, size, errors) if size else None
        if not size:
            errors.append(SconnxError("E702", f"{memory}={part} has no size", help=f"{memory}={part}24K"))
        if (model, region) in found:
            errors.append(SconnxError("E702", f"{memory}={text} has two budgets for {found[model, region]}"))
        if size_bytes is not None:
            found[model, region] = Budget(memory=memory, size_bytes=size_bytes, model=model, region=region)
    return tuple(found.values())


def stack_budgets(text: str, models: Sequence[str]) -> tuple[Budget, ...]:
    """What the calls of each model may take of a stack that is not ours: a size for all, or `kws:600`. Raises E702."""
    errors: list[SconnxError] = []
    of_each = [part if ":" in part else f"{model}:{part}" for part in text.split(",") if part for model in models]
    budgets = parse_budgets("stack", ",".join(dict.fromkeys(of_each)), models, errors)
    raise_all(errors)
    return budgets


def reserved_stack(text: str, errors: list[SconnxError]) -> int | None:
    """The part of `stack=` that is for the firmware: bytes to reserve; None: the board's default.

    Adds E702 for several sizes, and for one that is no multiple of 8: the ABI wants the stack pointer at one.
    """
    own = [part for part in text.split(",") if part and ":" not in part]
    if len(own) > 1:
        errors.append(SconnxError("E702", f"stack={text} has two sizes for the firmware"))
    size = parse_size("stack", own[0], errors) if own else None
    if size is not None and size % 8:
        hint = f"did you mean {size + -size % 8}?"
        errors.append(SconnxError("E702", f"stack={own[0]} is no multiple of 8", help=hint))
    return size


def parse_margin(text: str, errors: list[SconnxError]) -> Margin | None:
    """`10%` or a size; E702 when it is neither, or no less than all."""
    match = _PERCENT.fullmatch(text.strip())
    if match and float(match[1]) < 100:
        return Margin(amount=float(match[1]), is_percent=True)
    if match or (text and not text[0].isdigit()):
        errors.append(SconnxError("E702", f"margin={text} is no margin", help="a share below 100%, or a size like 2K"))
        return None
    size_bytes = parse_size("margin", text, errors)
    return None if size_bytes is None else Margin(amount=size_bytes, is_percent=False)


def check_regions(budgets: Sequence[Budget], board: Board) -> None:
    """Raise E701 for regions that the board does not have, or that are of another kind."""
    errors = []
    regions = {region.name: region.kind for region in board.regions}
    for budget in budgets:
        if budget.region and budget.region not in regions:
            hint = nearest(budget.region, tuple(regions)) if regions else "it has none"
            what = f"{budget.memory}=: '{budget.region}' is neither a region of board '{board.name}' nor a model"
            errors.append(SconnxError("E701", what, help=hint))
        elif budget.region and regions[budget.region] != budget.memory:
            what = f"{budget.memory}=: region '{budget.region}' is of kind {regions[budget.region]}"
            errors.append(SconnxError("E701", what, help=f"{regions[budget.region]}={budget.region}:SIZE"))
    raise_all(errors)


def budgets_from(options: Mapping[str, Any]) -> tuple[tuple[Budget, ...], Margin | None]:
    """The budgets of an options file, in which each is an object."""
    margin = options["margin"]
    return tuple(Budget(**budget) for budget in options["budgets"]), Margin(**margin) if margin else None
