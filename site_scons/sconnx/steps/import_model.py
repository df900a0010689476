# SPDX-License-Identifier: Apache-2.0
"""import: model file -> graph.json, params.npz, interface.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.interface import Interface, Port
from sconnx.codegen.names import unique_identifiers
from sconnx.export.library import load_operators
from sconnx.frontend.read import read_model
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.graph.model import Model
from sconnx.passes.fold_pad import fold_pad
from sconnx.passes.fold_transpose import fold_transpose
from sconnx.passes.fuse_activation import fuse_activation
from sconnx.passes.merge_pairs import merge_pairs
from sconnx.passes.remove_dead_channels import remove_dead_channels
from sconnx.steps.rules import rule_folders

PASSES = (fuse_activation, merge_pairs, fold_transpose, fold_pad)
"""In this order; each keeps every output bit for bit."""


def _ports(model: Model, tensors: tuple[int, ...], default: str) -> tuple[Port, ...]:
    identifiers = unique_identifiers([model.graph.tensors[index].name for index in tensors], default)
    ports = []
    for index, identifier in zip(tensors, identifiers, strict=True):
        tensor, is_quantized = model.graph.tensors[index], index in model.params.scale
        ports.append(
            Port(
                tensor=index,
                name=tensor.name,
                identifier=identifier,
                dtype=tensor.dtype.value,
                dims=tensor.dims,
                source_axes=tensor.source_axes,
                scale=float(model.params.scale[index][0]) if is_quantized else None,
                zero_point=int(model.params.zero_point[index][0]) if is_quantized else None,
            )
        )
    return tuple(ports)


def interface_of(model: Model) -> Interface:
    """What an application needs to know of the inputs and outputs."""
    return Interface(
        inputs=_ports(model, model.graph.inputs, "x"),
        outputs=_ports(model, model.graph.outputs, "y"),
    )


def import_model(options: Mapping[str, Any], path: Path) -> Model:
    """The model of a file behind all passes. Raises SconnxError as `read_model`."""
    model = read_model(path, options["name"], dict(options["carry"]))
    for improve in (*PASSES, remove_dead_channels) if options["prune"] else PASSES:
        model = improve(model)
    return model


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    load_operators(rule_folders(options))
    model = import_model(options, inputs[0])
    return (
        to_bytes(graph_to_json(model.graph)),
        model.params.to_npz(),
        to_bytes(interface_of(model).to_json()),
    )
