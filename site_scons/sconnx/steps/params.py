# SPDX-License-Identifier: Apache-2.0
"""params: lowered.json + params.npz -> <name>_params.c."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.params_source import generate_params
from sconnx.export.library import load_libs
from sconnx.export.lowered import read_lowered
from sconnx.graph.params import Params
from sconnx.steps.rules import rule_folders


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    libs = load_libs(rule_folders(options))
    return (generate_params(read_lowered(inputs[0]), Params.from_npz(inputs[1]), libs),)
