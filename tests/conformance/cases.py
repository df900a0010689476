# SPDX-License-Identifier: Apache-2.0
"""The cases of onnx.backend.test: made once from the installed onnx, with frozen parameters, and kept below build/.

A case is a folder-less pair: `<kind>/<name>.onnx` and `<name>.npz` with the keys of a vectors file, so that
`./sconsw model=<name>.onnx vectors=<name>.npz verify` builds and checks it alone. `cases.json` lists all cases, also those
without files, which no firmware could have.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, TypeProto, numpy_helper

from tests.conformance.frozen import freeze, parameters

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("node", "pytorch-converted", "pytorch-operator", "simple")
"""All but `real`, whose nine networks have inputs of 224 x 224."""
DTYPES = frozenset({"FLOAT", "INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "BOOL"})
"""What a tensor in a firmware can have as elements."""

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Case:
    """One test of onnx.

    Args:
        name: `<kind>/<name>`, unique.
        operators: of the graph's nodes, each once, in order.
        frozen: names of the inputs that became initializers.
        out_of_scope: why there are no files; empty when there are.
        rtol, atol: the tolerances of onnx's own suite.
    """

    name: str
    operators: tuple[str, ...]
    frozen: tuple[str, ...]
    out_of_scope: str
    rtol: float
    atol: float

    @property
    def identifier(self) -> str:
        """A C identifier."""
        return self.name.replace("/", "_").replace("-", "_").lower()


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases, in order of their names, and the folder of their files."""

    folder: Path
    cases: tuple[Case, ...]

    def model(self, case: Case) -> Path:
        return self.folder / f"{case.name}.onnx"

    def vectors(self, case: Case) -> Path:
        return self.folder / f"{case.name}.npz"


def cases_folder() -> Path:
    """Where the cases of the installed onnx are: its version and a hash of what makes them."""
    sources = b"".join((Path(__file__).parent / name).read_bytes() for name in ("cases.py", "frozen.py"))
    return ROOT / "build" / "conformance" / f"onnx-{onnx.__version__}-{hashlib.sha256(sources).hexdigest()[:12]}"


def load_cases() -> Cases:
    """The cases; they are made when they are missing, by a process of its own, for onnx's generator fills global lists."""
    folder = cases_folder()
    if not (folder / "cases.json").is_file():
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "site_scons"), str(ROOT)))}
        command = [sys.executable, "-W", "ignore", "-m", "tests.conformance", "cases"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    entries = json.loads((folder / "cases.json").read_text())
    return Cases(folder, tuple(_case(entry) for entry in entries))


def _case(entry: dict[str, Any]) -> Case:
    return Case(**{**entry, "operators": tuple(entry["operators"]), "frozen": tuple(entry["frozen"])})


def make_cases() -> Cases:
    """Generate all cases and write their files; `cases.json` last, so that a folder with it is complete."""
    folder = cases_folder()
    made = []
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        also: dict[str, set[str]] = {}
        for name, model, data_sets, rtol, atol in _generated(kind):
            # The body of a function reads a parameter through other nodes; it is one nevertheless.
            also[name] = parameters(model)
            base = also.get(name.partition("_expanded")[0], set())
            made.append(_make(folder, f"{kind}/{name}", model, data_sets, base, (rtol, atol)))
    made.sort(key=lambda case: case.name)
    text = json.dumps([asdict(case) for case in made], indent=1) + "\n"
    temporary = folder / f"cases.{os.getpid()}"
    temporary.write_text(text)
    temporary.replace(folder / "cases.json")
    return Cases(folder, tuple(made))


_Generated = tuple[str, onnx.ModelProto, list[tuple[list[Any], list[Any]]], float, float]


def _generated(kind: str) -> Iterator[_Generated]:
    """Name, model, data sets and tolerances, those with shorter names first."""
    from onnx.backend.test.loader import load_model_tests

    for test in sorted(load_model_tests(kind=kind), key=lambda test: (len(test.name), test.name)):
        if test.model is not None:
            sets = [(list(inputs), list(wanted)) for inputs, wanted in test.data_sets or ()]
            yield test.name, test.model, sets, test.rtol, test.atol
        else:
            folder = Path(test.model_dir or "")
            sets = [_read_set(path) for path in sorted(folder.glob("test_data_set_*"))]
            yield test.name, onnx.load(folder / "model.onnx"), sets, test.rtol, test.atol


def _read_set(folder: Path) -> tuple[list[Any], list[Any]]:
    def read(what: str) -> list[Any]:
        paths = sorted(folder.glob(f"{what}_*.pb"), key=lambda path: int(path.stem.rpartition("_")[2]))
        return [onnx.load_tensor(path) for path in paths]

    return read("input"), read("output")


def _make(
    folder: Path,
    name: str,
    model: onnx.ModelProto,
    data_sets: Sequence[tuple[list[Any], list[Any]]],
    also: set[str],
    tolerances: tuple[float, float],
) -> Case:
    graph = model.graph
    operators = tuple(dict.fromkeys(f"{node.domain}.{node.op_type}".lstrip(".") for node in graph.node))
    reason = out_of_scope(model)
    if reason:
        return Case(name, operators, (), reason, *tolerances)
    sets = [([_array(value) for value in inputs], [_array(value) for value in wanted]) for inputs, wanted in data_sets]
    frozen = freeze(model, sets[0][0], also & {entry.name for entry in graph.input})
    arrays: dict[str, Array] = {}
    for k, (inputs, wanted) in enumerate(sets):
        for i, position in enumerate(frozen.kept):
            if position < len(inputs):
                arrays[f"in{k}_{i}"] = inputs[position]
        for i, array in enumerate(wanted):
            arrays[f"out{k}_{i}"] = array
    onnx.save(frozen.model, folder / f"{name}.onnx")
    np.savez(folder / f"{name}.npz", **arrays)  # type: ignore[arg-type]
    return Case(name, operators, frozen.names, "", *tolerances)


def _array(value: Any) -> Array:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def out_of_scope(model: onnx.ModelProto) -> str:
    """Why no firmware could run it: `type ...` or `dtype ...`; empty when one could."""
    for entry in (*model.graph.input, *model.graph.output):
        kind = entry.type.WhichOneof("value")
        if kind != "tensor_type":
            return f"type {str(kind).removesuffix('_type')}"
    found = sorted(_dtypes(model.graph) - DTYPES)
    return f"dtype {found[0].lower()}" if found else ""


def _dtypes(graph: onnx.GraphProto) -> set[str]:
    """The element types of all tensors that the graph tells about."""
    named = TensorProto.DataType.Name
    found = {named(tensor.data_type) for tensor in graph.initializer}
    for entry in (*graph.input, *graph.output, *graph.value_info):
        if isinstance(entry.type, TypeProto) and entry.type.HasField("tensor_type"):
            found.add(named(entry.type.tensor_type.elem_type))
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in ("to", "dtype") and node.op_type in ("Cast", "QuantizeLinear", "DequantizeLinear"):
                found.add(named(attribute.i))
            if attribute.HasField("t"):
                found.add(named(attribute.t.data_type))
            if attribute.HasField("g"):
                found |= _dtypes(attribute.g)
    return found - {"UNDEFINED"}
