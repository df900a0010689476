# SPDX-License-Identifier: Apache-2.0
"""What becomes of a case: it passes, it is refused, its values are wrong, or we have a bug."""

from __future__ import annotations

import multiprocessing
import os
import re
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx.backend.test.runner import Runner

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.progress import progress
from tests.conformance.backend import SconnxBackend, exporter
from tests.conformance.cases import Array, Case, Cases

PASS = "pass"
REFUSED = "refused"
WRONG = "wrong values"
BUG = "bug"
_RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
_CONTROL = {"If", "Loop", "Scan", "SequenceMap"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one case.

    Args:
        kind: PASS, REFUSED, WRONG or BUG, or `out of scope: dtype ...` and the like.
        why: the messages of the refusal, or the difference, or the end of the traceback.
    """

    name: str
    kind: str
    why: tuple[str, ...] = ()


def run_case(cases: Cases, case: Case, device: str = "CPU") -> Outcome:
    """Export, compile, link and run a case, and compare its outputs as onnx's own suite does."""
    if case.out_of_scope:
        return Outcome(case.name, f"out of scope: {case.out_of_scope}")
    model = onnx.load(cases.model(case))
    try:
        prepared = SconnxBackend.prepare(model, device, name=case.identifier)
        for inputs, wanted in _data_sets(cases.vectors(case)):
            given = prepared.run(inputs)
            Runner.assert_similar_outputs(wanted, given, case.rtol, case.atol)
    except AssertionError as error:
        if "assert_similar_outputs" in traceback.format_exc():
            return Outcome(case.name, WRONG, (" ".join(str(error).split())[:200],))
        return Outcome(case.name, BUG, (_end_of_traceback(error),))
    except SconnxError as error:
        if error.code.startswith("E50"):
            return Outcome(case.name, BUG, _reasons(error))
        return Outcome(case.name, _scope(model) or REFUSED, _reasons(error))
    except Exception as error:  # whatever it is, it is no answer to a user
        return Outcome(case.name, BUG, (_end_of_traceback(error),))
    return Outcome(case.name, PASS)


def _data_sets(path: Path) -> list[tuple[list[Array], list[Array]]]:
    """Inputs and outputs of each data set of a vectors file."""
    with np.load(path) as file:
        keys = sorted(file.files, key=lambda key: int(key.rpartition("_")[2]))
        count = 1 + max(int(re.sub(r"\D*(\d+)_.*", r"\1", key)) for key in keys)
        return [
            tuple([file[key] for key in keys if key.startswith(f"{what}{k}_")] for what in ("in", "out"))  # type: ignore[misc]
            for k in range(count)
        ]


def _reasons(error: SconnxError) -> tuple[str, ...]:
    """What is wrong and why, of each error, each once, without the file, the node and names of tensors."""
    errors = error.errors if isinstance(error, ErrorGroup) else (error,)
    texts = (each.what + (f": {each.why}" if each.why else "") for each in errors)
    return tuple(dict.fromkeys(re.sub(r"^node \d+( '[^']*')?: | ?'[^']*'| \(opset \d+\)", "", text) for text in texts))


def _end_of_traceback(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = re.sub(r"\S*/sconnx-\w+/", "", " ".join(str(error).split()))
    return f"{type(error).__name__} at {where}: {text[:300]}"


def _scope(model: onnx.ModelProto) -> str:
    """Why a refused model is none that sconnx is for; empty when it is one."""
    nodes = model.graph.node
    if any("training" in node.domain for node in nodes):
        return "out of scope: training"
    flags = (attribute for node in nodes for attribute in node.attribute if attribute.name == "training_mode")
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    modes = [node.input[2] for node in nodes if node.op_type == "Dropout" and len(node.input) > 2]
    if any(flag.i for flag in flags) or any(mode in constants and constants[mode].any() for mode in modes):
        return "out of scope: training"
    operators = {node.op_type for node in nodes}
    if operators & _CONTROL:
        return "out of scope: control flow"
    if operators & _RANDOM:
        return "out of scope: random numbers"
    if any("Sequence" in name or "Optional" in name for name in operators):
        return "out of scope: type sequence"
    return ""


_STATE: list[Cases] = []


def _start(cases: Cases) -> None:
    _STATE[:] = [cases]


def _in_process(case: Case, device: str) -> Outcome:
    return run_case(_STATE[0], case, device)


def run_cases(cases: Cases, chosen: Iterable[Case], device: str = "CPU") -> list[Outcome]:
    """The outcomes in the order of the cases, by as many processes as there are cores."""
    exporter("host" if device == "CPU" else "cortex-m7")  # compiles the kernels before there are several processes
    todo: Sequence[Case] = list(chosen)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, initializer=_start, initargs=(cases,)) as pool:
        outcomes = []
        with progress() as tell:
            for outcome in pool.map(_in_process, todo, [device] * len(todo), chunksize=8):
                outcomes.append(outcome)
                tell(f"  {len(outcomes)} of {len(todo)} cases")
        return outcomes
