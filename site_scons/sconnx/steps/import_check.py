# SPDX-License-Identifier: Apache-2.0
"""import-check: model -> import_check.json and .sarif: what is in it, what it takes, and all that stands against its export.

No compiler is needed. What is wrong with the model is content of the file, not a failure of the step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.params_source import packed
from sconnx.errors import SconnxError, each_of
from sconnx.export.library import load_operators
from sconnx.export.lower import lower
from sconnx.export.lowered import Lowered
from sconnx.frontend.census import census
from sconnx.graph.graph import Graph
from sconnx.graph.json_form import to_bytes
from sconnx.memory.check import check_plan
from sconnx.memory.planner import Memory, plan_memory
from sconnx.project.models import shown_file
from sconnx.report.sarif import sarif
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps.import_model import import_model
from sconnx.steps.rules import load_target_libs, rule_folders

SCHEMA = "sconnx.import_check/1"
MODES = (("balanced", "keep"), ("ram", "clobber"))
"""Schedules whose RAM is told: the default and the smallest that needs nothing of the application."""


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    load_operators(rule_folders(options))
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "model": inputs[0].name,
        "target": options["target"],
        "problems": [],
        "source_operators": [],
    }
    errors: tuple[SconnxError, ...] = ()
    try:
        found = census(inputs[0])
        document["source_operators"] = [{"operator": name, "nodes": count} for name, count in sorted(found.items())]
        model = import_model(options, inputs[0])
        document |= _graph(model.graph)
        cpu, libs = load_target_libs(options)
        lowered = lower(model.graph, cpu.name, libs, frozenset(cpu.features))
        packed(lowered, model.params, {lib.name: lib for lib in libs})
        document["activation_ram"] = [_activation_ram(lowered, *mode) for mode in MODES]
    except SconnxError as error:
        errors = each_of(error)
        document["problems"] = [str(one) for one in errors]
    return to_bytes(document), to_bytes(sarif(errors, [shown_file(str(inputs[0]))] * len(errors)))


def _graph(graph: Graph) -> dict[str, Any]:
    """What the imported graph is: ports, operators with what they compute and hold."""
    nodes, macs, held = Counter[str](), Counter[str](), Counter[str]()
    seen: set[int] = set()
    for node in graph.nodes:
        nodes[node.type] += 1
        macs[node.type] += graph.macs(node)
        constants = [tensor for tensor in node.reads if tensor in graph.constants and tensor not in seen]
        held[node.type] += sum(graph.tensors[tensor].size_bytes for tensor in constants)
        seen.update(constants)
    return {
        "rule": graph.rule.value,
        "inputs": [_port(graph, tensor) for tensor in graph.inputs],
        "outputs": [_port(graph, tensor) for tensor in graph.outputs],
        "operators": [
            {"operator": name, "nodes": count, "macs": macs[name], "constant_bytes": held[name]}
            for name, count in sorted(nodes.items())
        ],
        "macs": sum(macs.values()),
        "parameters": sum(graph.tensors[tensor].size for tensor in graph.constants),
        "constant_bytes": sum(graph.tensors[tensor].size_bytes for tensor in graph.constants),
    }


def _port(graph: Graph, tensor: int) -> dict[str, Any]:
    found = graph.tensors[tensor]
    return {"name": found.name, "dtype": found.dtype.value, "dims": list(found.dims)}


def _activation_ram(lowered: Lowered, optimize: str, inputs: str) -> dict[str, Any]:
    """Bytes of tensors and scratch by a quick plan, of which there may be a smaller one."""
    schedule = ExportScheduler(inputs, optimize).schedule(lowered)
    plan = plan_memory(schedule, (Memory(region="ram"),))
    check_plan(lowered, schedule, plan)
    return {"optimize": optimize, "input": inputs, "bytes": sum(arena.size_bytes for arena in plan.arenas)}
