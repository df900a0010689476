# SPDX-License-Identifier: Apache-2.0
"""The console form of a step's file, chosen by its schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.bench.bench import SCHEMA as BENCH_SCHEMA
from sconnx.bench.bench import Bench
from sconnx.bench.fleet import SCHEMA as FLEET_SCHEMA
from sconnx.bench.fleet import fleet_text, from_json
from sconnx.bench.text import bench_text
from sconnx.diff.text import diff_text
from sconnx.errors import SconnxError
from sconnx.history.text import history_lines
from sconnx.project.stopwatch import LOG, read_seconds
from sconnx.report.columns import columns
from sconnx.report.models import SCHEMA as MODELS_SCHEMA
from sconnx.report.models import by_model
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.report.show_memory import meminfo_lines, schedule_lines

Document = Mapping[str, Any]


def _graph(document: Document) -> list[str]:
    rows = [("node", "operator", "output", "name")]
    for index, node in enumerate(document["nodes"]):
        dims = "x".join(map(str, document["tensors"][node["outputs"][0]]["dims"]))
        rows.append((str(index), node["operator"], dims, ascii(node["name"])[1:-1][:60]))
    return [f"{document['name']}: {len(document['nodes'])} nodes, rule {document['rule']}", *columns(rows, "rlll")]


def _import_check(document: Document) -> list[str]:
    lines = [f"{document['model']} on {document['target']}"]
    rows: list[tuple[str, ...]]
    if "operators" in document:
        for role in ("inputs", "outputs"):
            ports = (f"{p['dtype']} {'x'.join(map(str, p['dims']))} {p['name']!a}" for p in document[role])
            lines.append(f"  {role}: {', '.join(ports)}")
        rows = [("operator", "nodes", "MACs", "constant bytes")]
        for row in document["operators"]:
            counts = row["nodes"], row["macs"], row["constant_bytes"]
            rows.append((row["operator"], *(f"{count:,}" for count in counts)))
        rows.append(("all", "", f"{document['macs']:,}", f"{document['constant_bytes']:,}"))
        lines += columns(rows, "lrrr")
    else:
        rows = [("operator in the file", "nodes")]
        rows += [(row["operator"], f"{row['nodes']:,}") for row in document["source_operators"]]
        lines += columns(rows, "lr") if len(rows) > 1 else []
    for mode in document.get("activation_ram", ()):
        lines.append(
            f"  activation RAM, optimize={mode['optimize']} input={mode['input']}: at most {mode['bytes']:,} bytes"
        )
    problems = document["problems"]
    return [*lines, *problems] if problems else [*lines, f"  can be exported, rule {document['rule']}"]


def _quantization(document: Document) -> list[str]:
    """The tensors by their signal-to-noise ratio, the worst first."""
    rows = [("tensor", "operator", "SQNR dB", "largest error")]
    told = sorted(document["tensors"], key=lambda row: (row["sqnr_db"] is None, row["sqnr_db"] or 0.0))
    for row in told:
        ratio = "equal" if row["sqnr_db"] is None else f"{row['sqnr_db']:.1f}"
        rows.append((ascii(row["name"])[1:-1][:60], row["operator"], ratio, f"{row['largest']:.4g}"))
    head = f"{document['model']}: int8 by {document['samples']} samples; how far each tensor is from the float model's"
    return [head, *columns(rows, "llrr")]


def _run(document: Document) -> list[str]:
    lines = [f"{document['model']} on {document['board']}"]
    instructions = document["instructions_per_inference"]
    if instructions is not None:
        per_mac = f", {instructions / document['macs']:.2f} per MAC" if document["macs"] else ""
        stack = f"; stack {document['stack_bytes']:,} bytes"
        lines.append(f"  {instructions:,} instructions per inference (counted){per_mac}{stack}")
    cycles = document["estimated_cycles"]
    if cycles is not None:
        error = document["cycles_error_percent"]
        lines.append(
            f"  about {cycles:,} cycles (an estimate for memory without wait states; CoreMark is within {error} %)"
        )
    for name, values in document["outputs"].items():
        shown = ", ".join(map(str, values[:16])) + (", ..." if len(values) > 16 else "")
        lines.append(f"  output {ascii(name)[1:-1]}: [{shown}]")
    return lines + _counted_layers(document) if instructions is not None else lines


def _counted_layers(document: Document) -> list[str]:
    """A table with a line for each layer that has code."""
    rows = [("layer", "operator", "instructions", "per MAC", "est. cycles", "name")]
    for layer in document["layers"]:
        instructions, cycles, macs = layer["instructions"], layer["estimated_cycles"], layer["macs"]
        per_mac = f"{instructions / macs:.2f}" if macs else ""
        named = ascii(layer["name"])[1:-1][:60]
        estimated = "" if cycles is None else f"{cycles:,}"
        rows.append((str(layer["node"]), layer["operator"], f"{instructions:,}", per_mac, estimated, named))
    return columns(rows, "rlrrrl")


def _verify(document: Document) -> list[str]:
    layers = f"{document['layers']} layers and " if document["layers"] else ""
    golden = f", {document['golden_outputs']} golden outputs" if document["golden_outputs"] else ""
    counts = document["audit"]
    audit = f"; audit: {counts['loads']:,} loads and {counts['stores']:,} stores, all in live buffers" if counts else ""
    return [
        f"{document['model']} on {document['board']}: {_numerics(document['tolerance'])}, rule {document['rule']}: {layers}"
        f"all outputs of {document['vectors']} vectors equal the reference{golden}{audit}"
    ]


def _numerics(tolerance: Document | None) -> str:
    """How values were compared; see docs/numerics.md."""
    if tolerance is None:
        return "bit-exact"
    largest = max(tolerance["largest_error"], tolerance["largest_golden_error"])
    steps = f", {tolerance['golden_steps']} step from rounding them" if tolerance["golden_steps"] else ""
    return f"integers bit-exact, float32 within {tolerance['relative']:g} (largest error {largest:.2g}{steps})"


def _ops(document: Document) -> list[str]:
    targets = document["targets"]
    rows = [("operator", "dtype", *targets)]
    for row in document["operators"]:
        rows.append((row["operator"], row["dtype"], *(", ".join(row["libs"].get(target, ["-"])) for target in targets)))
    return columns(rows, "l" * len(rows[0]))


def _explain(document: Document) -> list[str]:
    lines = []
    for node in document["nodes"]:
        members = f" of {', '.join(node['members'])}" if node["members"] else ""
        lines.append(f"node {node['node']} {node['name']!a}: {node['operator']}{members} on {document['target']}")
        rows = [
            (
                ">" if candidate["implementation"] == node["taken"] else " ",
                candidate["implementation"],
                candidate["verdict"],
            )
            for candidate in node["candidates"]
        ]
        lines += columns(rows, "lll")
    return lines


def _models(document: Document) -> list[str]:
    return [line for model in by_model(document) for line in _FORMS[model["schema"]](model)]


_FORMS: dict[str, Callable[[Document], list[str]]] = {
    "sconnx.graph/1": _graph,
    "sconnx.import_check/1": _import_check,
    "sconnx.quantization/1": _quantization,
    "sconnx.schedule/3": schedule_lines,
    "sconnx.meminfo/2": meminfo_lines,
    "sconnx.run/1": _run,
    "sconnx.verify/1": _verify,
    "sconnx.ops/1": _ops,
    "sconnx.explain/1": _explain,
    "sconnx.history/1": history_lines,
    "sconnx.diff/1": lambda document: diff_text(document).rstrip("\n").split("\n"),
    FLEET_SCHEMA: lambda document: fleet_text(from_json(document)).split("\n"),
    MODELS_SCHEMA: _models,
}


def show(path: Path) -> str:
    """The text for the console; a report has its own in report.txt beside it, a bench the seconds it took to build.

    Raises SconnxError E101 or E102.
    """
    try:
        document = json.loads(path.read_text())
        if document["schema"] == REPORT_SCHEMA:
            return path.with_suffix(".txt").read_text().rstrip("\n")
        if document["schema"] == BENCH_SCHEMA:
            return bench_text(Bench.from_json(document), read_seconds(path.with_name(LOG)))
        form = _FORMS[document["schema"]]
    except OSError as error:
        raise SconnxError("E101", "cannot read the file", where=path.name, why=error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        forms = [schema for schema in _FORMS if schema != MODELS_SCHEMA]
        known = ", ".join(schema.split(".")[1].split("/")[0] for schema in (REPORT_SCHEMA, *forms, BENCH_SCHEMA))
        raise SconnxError(
            "E102", "the file has no console form", where=path.name, help=f"it may be: {known}"
        ) from error
    return "\n".join(form(document))


def show_all(paths: Sequence[Path]) -> str:
    """As `show`; of several files each below its name."""
    texts = [show(path) for path in paths]
    if len(paths) == 1:
        return texts[0]
    return "\n".join(f"{path}:\n{text}" for path, text in zip(paths, texts, strict=True))


def has_problems(paths: Sequence[Path]) -> bool:
    """Whether a file tells of problems of the user's, as import-check does."""
    return any(json.loads(path.read_text()).get("problems") for path in paths)
