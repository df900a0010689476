# SPDX-License-Identifier: Apache-2.0
"""The only place that imports unicorn: late, and as `Any`, because the binding's types are incomplete."""

from __future__ import annotations

import importlib
from typing import Any

from sconnx.errors import SconnxError
from sconnx.target.cpu import Cpu


def load_unicorn() -> Any:
    """The package `unicorn`, with `unicorn.arm_const`.

    Raises:
        SconnxError: E601, it is not installed.
    """
    try:
        importlib.import_module("unicorn.arm_const")
        return importlib.import_module("unicorn")
    except ImportError:
        raise SconnxError("E601", "the emulator is not installed", help="run 'pip install unicorn'") from None


def make_engine(cpu: Cpu) -> Any:
    """A unicorn engine with the CPU's model and no memory.

    Raises:
        SconnxError: E601, unicorn is not installed or does not have the CPU.
    """
    unicorn = load_unicorn()
    model = getattr(unicorn.arm_const, f"UC_CPU_ARM_{cpu.unicorn_model}", None)
    if model is None:
        raise SconnxError("E601", f"unicorn has no {cpu.name}", help="use a board with run = 'qemu'")
    # UC_MODE_MCLASS would silently force a Cortex-M33, whatever the model.
    engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
    engine.ctl_set_cpu_model(model)
    return engine
