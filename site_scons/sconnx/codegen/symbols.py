# SPDX-License-Identifier: Apache-2.0
"""Names of the C symbols of a model; report and emulator find them in the ELF."""

from __future__ import annotations

SHARED = "sx_shared"
"""Stands for the model in the name of an arena that models share; no model is called so."""


def constant_name(model: str, tensor: int) -> str:
    """A constant that a kernel reads as rows, or that is a graph output."""
    return f"{model}_t{tensor}"


def params_name(model: str, node: int) -> str:
    """The parameter struct of a node; its arrays have this prefix."""
    return f"{model}_p{node}"


def step_name(model: str, node: int) -> str:
    """The function that runs one node, or one row of it."""
    return f"{model}_step_{node}"


def segment_name(model: str, step: int) -> str:
    """The function of a step whose nodes take turns."""
    return f"{model}_segment_{step}"


def arena_symbol(model: str, region: str, stack_region: str) -> str:
    """What the board's firmware calls an arena; the one beside the stack needs no other name."""
    return f"{model}_arena" if region == stack_region else f"{model}_arena_{region}"


def caller_symbol(model: str, identifier: str) -> str:
    """An output that the board's firmware keeps for itself."""
    return f"{model}_caller_{identifier}"


def place_macro(model: str, node: int) -> str:
    """The macro that says where the weights and biases of a node lie."""
    return f"{model}_p{node}_place".upper()


def weights_section(region: str) -> str:
    """The section of weights in a region that is not the flash of the code."""
    return f".weights_{region}"
