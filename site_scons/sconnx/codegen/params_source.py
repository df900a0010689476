# SPDX-License-Identifier: Apache-2.0
"""<name>_params.c: weights, biases, multipliers and tables, packed by the rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sconnx.codegen.c_value import Array, ArrayText, CValue, FieldText, c_lines, flatten
from sconnx.codegen.constants import row_constants
from sconnx.codegen.names import c_comment
from sconnx.codegen.render import render
from sconnx.codegen.symbols import constant_name, params_name, place_macro
from sconnx.errors import SconnxError, raise_all
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.lowered import Choice, Lowered
from sconnx.export.node import ExportNode, export_node
from sconnx.graph.graph import Graph
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.graph.params import Params
from sconnx.reference.rule import ScaleError

MOVABLE = ("_weights", "_bias")
"""How the names of arrays end that may lie elsewhere than in the flash of the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamsText:
    """The parameter struct of one node and the arrays it points to."""

    name: str
    c_type: str
    comment: str
    arrays: tuple[ArrayText, ...]
    fields: tuple[FieldText, ...]


def _implementation(libs: Mapping[str, ExportLib], choice: Choice, operator: str) -> Implementation:
    for _, implementation in libs[choice.lib].candidates(operator):
        if type(implementation).__name__ == choice.implementation:
            return implementation
    raise LookupError(f"{choice.lib}.{choice.implementation} was chosen but is not registered for {operator}")


def packed(lowered: Lowered, params: Params, libs: Mapping[str, ExportLib]) -> dict[int, Mapping[str, CValue]]:
    """The fields of the parameter struct of every node that has a kernel, by the node's index.

    Raises:
        SconnxError: E204 scales that the arithmetic of a node cannot have; all such nodes are named.
    """
    found: dict[int, Mapping[str, CValue]] = {}
    errors: list[SconnxError] = []
    for index, choice in enumerate(lowered.choices):
        if not choice.kernel:
            continue
        node = export_node(lowered.graph, index)
        try:
            with np.errstate(over="ignore"):
                found[index] = _implementation(libs, choice, node.type).pack(node, params)
        except ScaleError as error:
            errors.append(_beyond(lowered, node, str(error)))
    raise_all(errors)
    return found


def _beyond(lowered: Lowered, node: ExportNode, why: str) -> SconnxError:
    source = lowered.graph.nodes[node.index]
    return SconnxError(
        "E204",
        f"node {source.source_index} {node.name!r}: the quantisation is beyond the arithmetic of operator {node.type}"
        f" by rule {node.rule.value}",
        where=lowered.graph.name,
        why=why,
        help="quantise the model again, with samples of the data that it will get",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedParams:
    """What <name>_params.c defines.

    Args:
        hash: of the model.
        structs: by node; nodes without a kernel have none.
        constants: by tensor.
    """

    hash: str
    structs: Mapping[int, ParamsText]
    constants: Mapping[int, ArrayText]


def pack_params(lowered: Lowered, params: Params, libs: Mapping[str, ExportLib]) -> PackedParams:
    """The parameters of every node as its rule packs them; they depend on the plan in nothing. Raises as `packed`."""
    graph = lowered.graph
    structs = {}
    for index, values in packed(lowered, params, libs).items():
        node = graph.nodes[index]
        name = params_name(graph.name, index)
        arrays, fields = flatten(values, name)
        place = place_macro(graph.name, index)
        structs[index] = ParamsText(
            name=name,
            c_type=lowered.choices[index].params_type,
            comment=c_comment(f"{node.type}: {node.name}"),
            arrays=tuple(replace(array, place=place) if array.name.endswith(MOVABLE) else array for array in arrays),
            fields=tuple(fields),
        )
    constants = {}
    for tensor in row_constants(lowered):
        array = Array(params.value[tensor])
        name = constant_name(graph.name, tensor)
        constants[tensor] = ArrayText(array.c_type, name, array.values.size, c_lines(array.values))
    return PackedParams(hash=model_hash(graph, params), structs=structs, constants=constants)


def params_source(lowered: Lowered, packed: PackedParams) -> bytes:
    """The C text."""
    return render(
        "params.c.j2",
        name=lowered.graph.name,
        hash=packed.hash,
        headers=lowered.headers,
        structs=packed.structs.values(),
        constants=packed.constants.values(),
    )


def generate_params(lowered: Lowered, params: Params, libs: Mapping[str, ExportLib]) -> bytes:
    """The C text of what the rules pack. Raises as `packed`."""
    return params_source(lowered, pack_params(lowered, params, libs))


def model_hash(graph: Graph, params: Params) -> str:
    """Sixteen hexadecimal digits of SHA-256 over what the model computes: the lowered graph and its values."""
    digest = hashlib.sha256(to_bytes(graph_to_json(graph)))
    digest.update(params.to_npz())
    return digest.hexdigest()[:16]
