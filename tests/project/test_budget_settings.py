# SPDX-License-Identifier: Apache-2.0
"""Budgets and margins as users write them."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.project.budgets import Budget, Margin, check_regions
from sconnx.project.models import shown_file
from sconnx.project.settings import parse_settings
from sconnx.target.board import Board, Region

BOARD = Board(
    "desk",
    "",
    (),
    "none",
    "",
    1024,
    (
        Region("flash", "flash", 0, 4096),
        Region("dtcm", "ram", 0x20000000, 4096),
        Region("sram", "ram", 0x30000000, 4096),
    ),
)


def budget(memory: str, size_bytes: int, model: str = "", region: str = "") -> Budget:
    return Budget(memory=memory, size_bytes=size_bytes, model=model, region=region)


@pytest.mark.parametrize(
    ("arguments", "budgets"),
    [
        ({"ram": "24K"}, [budget("ram", 24576)]),
        ({"ram": "dtcm:64K,sram:128K"}, [budget("ram", 65536, "", "dtcm"), budget("ram", 131072, "", "sram")]),
        ({"ram": "24K,dtcm:8K"}, [budget("ram", 24576), budget("ram", 8192, "", "dtcm")]),
        ({"flash": "mnist:1M"}, [budget("flash", 1 << 20, "mnist")]),
        ({"ram": "mnist:dtcm:8K"}, [budget("ram", 8192, "mnist", "dtcm")]),
        ({"stack": "2K,mnist:600"}, [budget("stack", 600, "mnist")]),
        ({"stack": "2K"}, []),
    ],
)
def test_budgets(arguments: dict[str, str], budgets: list[Budget]) -> None:
    settings = parse_settings(arguments)
    assert list(settings.budgets) == budgets
    assert settings.stack_bytes == (2048 if "2K" in arguments.get("stack", "") else None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ram": "dtcm"}, "error[E702]: ram=dtcm is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)"),
        ({"ram": "dtcm:"}, "error[E702]: ram=dtcm: has no size (help: ram=dtcm:24K)"),
        ({"ram": "1K,2K"}, "error[E702]: ram=1K,2K has two budgets for ram"),
        (
            {"flash": "a:b:1K"},
            "error[E702]: flash=a:b:1K is no budget"
            " (help: SIZE, REGION:SIZE, MODEL:SIZE, MODEL:REGION:SIZE; models: mnist)",
        ),
        ({"stack": "kws:600"}, "error[E702]: stack=kws:600 is no budget (help: SIZE, MODEL:SIZE; models: mnist)"),
        ({"stack": "1K,2K"}, "error[E702]: stack=1K,2K has two sizes for the firmware"),
        ({"stack": "1025,mnist:7"}, "error[E702]: stack=1025 is no multiple of 8 (help: did you mean 1032?)"),
        ({"margin": "100%"}, "error[E702]: margin=100% is no margin (help: a share below 100%, or a size like 2K)"),
        ({"margin": "-1"}, "error[E702]: margin=-1 is no margin (help: a share below 100%, or a size like 2K)"),
        ({"margin": "2X"}, "error[E702]: margin=2X is no size (help: a number of bytes, or 24K, 24KiB, 1M, 1MiB)"),
    ],
)
def test_malformed_budgets(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(SconnxError) as caught:
        parse_settings(arguments)
    assert str(caught.value) == message


def test_margins() -> None:
    assert parse_settings({"margin": "2K"}).margin == Margin(amount=2048, is_percent=False)
    assert parse_settings({"margin": "12.5 %"}).margin == Margin(amount=12.5, is_percent=True)
    assert parse_settings({}).margin is None


@given(st.integers(0, 1 << 32), st.integers(0, 999))
def test_a_share_is_rounded_up(size_bytes: int, tenths: int) -> None:
    share = Margin(amount=tenths / 10, is_percent=True)
    assert share.of(size_bytes) == ceil(Fraction(size_bytes * tenths, 1000))


def test_regions_of_the_board() -> None:
    check_regions([budget("ram", 1, "", "sram"), budget("flash", 1, "kws", "flash"), budget("stack", 1, "kws")], BOARD)
    with pytest.raises(ErrorGroup) as caught:
        check_regions([budget("ram", 1, "", "flash"), budget("ram", 1, "", "srum")], BOARD)
    assert [str(error) for error in caught.value.errors] == [
        "error[E701]: ram=: region 'flash' is of kind flash (help: flash=flash:SIZE)",
        "error[E701]: ram=: 'srum' is neither a region of board 'desk' nor a model (help: did you mean 'sram'?)",
    ]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("models/kws.tflite", "models/kws.tflite"),
        ("../far/kws.tflite", "kws.tflite"),
        ("/far/kws.tflite", "kws.tflite"),
    ],
)
def test_reports_name_files_as_every_checkout_has_them(path: str, shown: str) -> None:
    assert shown_file(path) == shown
