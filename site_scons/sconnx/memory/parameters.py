# SPDX-License-Identifier: Apache-2.0
"""Which nodes' weights and biases lie elsewhere than in the flash that holds the code: the hottest first.

Heat is multiply-accumulates per byte. The bytes are those that the implementation states, or of the node's constants
that it packs, each rounded up to the alignment of the compilers; a constant that is read as rows stays where it is.
"""

from __future__ import annotations

from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant
from sconnx.memory.free import free_bytes
from sconnx.memory.meminfo import ParameterPlace
from sconnx.project.nearest import nearest
from sconnx.target.board import Board

ALIGNMENT_BYTES = 4


def parameter_bytes(lowered: Lowered, node: int) -> int:
    """What the weights and biases of a node take."""
    choice, inputs = lowered.choices[node], lowered.graph.nodes[node].inputs
    if not choice.kernel:
        return 0
    if choice.packed_bytes is not None:
        return -(-choice.packed_bytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    packed = [tensor for position, tensor in enumerate(inputs) if position not in choice.operands]
    constants = [lowered.graph.tensors[tensor] for tensor in packed if tensor is not None]
    return sum(
        -(-tensor.size_bytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
        for tensor in constants
        if isinstance(tensor, Constant)
    )


def place_parameters(
    lowered: Lowered, board: Board, chosen: tuple[str, int | None] | None, stack_bytes: int | None
) -> tuple[ParameterPlace, ...]:
    """The nodes whose weights and biases do not stay in the flash of the code, in their order.

    Args:
        chosen: a region and how many bytes of it they may take, None being all of them; without one, all stay.
        stack_bytes: reserved for the stack; None: the board's default.

    Raises:
        SconnxError: E701, the board has no such region; E310, there is no limit and it does not hold all.
    """
    if chosen is None:
        return ()
    name, limit_bytes = chosen
    regions = {region.name: region for region in board.regions}
    if name not in regions:
        hint = nearest(name, tuple(regions)) if regions else "it has none"
        raise SconnxError("E701", f"board '{board.name}' has no region '{name}'", where="weights", help=hint)
    if regions[name] == board.flash:
        return ()
    region_bytes = free_bytes(board, regions[name], stack_bytes)
    sizes = {node: parameter_bytes(lowered, node) for node in range(len(lowered.choices))}
    left_bytes = region_bytes if limit_bytes is None else min(limit_bytes, region_bytes)
    macs = {node: lowered.choices[node].macs for node in sizes}
    found = []
    for node in sorted((node for node in sizes if sizes[node]), key=lambda node: (-macs[node] / sizes[node], node)):
        if sizes[node] <= left_bytes:
            left_bytes -= sizes[node]
            found.append(ParameterPlace(node=node, region=name, size_bytes=sizes[node]))
        elif limit_bytes is None:
            needed = sum(sizes.values())
            raise SconnxError(
                "E310",
                f"the weights do not fit in {name}: requested {needed:,}, available {region_bytes:,}, "
                f"missing {needed - region_bytes:,} bytes",
                where=name,
                help=f"weights={name}:SIZE moves only the hottest that fit",
            )
    return tuple(sorted(found, key=lambda place: place.node))
