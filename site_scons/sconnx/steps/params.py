# SPDX-License-Identifier: Apache-2.0
"""params: lowered.json + params.npz -> <name>_params.c, and packed.json with the sizes of its arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.packed_sizes import packed_symbols, packed_to_json
from sconnx.codegen.params_source import pack_params, params_source
from sconnx.export.library import load_libs
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.graph.params import Params
from sconnx.steps.rules import rule_folders


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    libs = load_libs(rule_folders(options))
    lowered = read_lowered(inputs[0])
    packed = pack_params(lowered, Params.from_npz(inputs[1]), libs)
    return params_source(lowered, packed), to_bytes(packed_to_json(packed_symbols(lowered, packed)))
