# SPDX-License-Identifier: Apache-2.0
"""The option tables of operators in the TFLite schema. Slots are its field numbers, `struct` formats its types."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self

from sconnx.frontend.tflite.flatbuffer import Table


def _slot(number: int, form: str, default: float = 0) -> Any:
    """A field of a table: its slot; its `struct` format, or "s" for text; the default of the schema."""
    return field(metadata={"slot": number, "form": form, "default": default})


@dataclass(frozen=True, slots=True)
class Options:
    """Base of all option tables."""

    @classmethod
    def read(cls, table: Table) -> Self:
        return cls(**{each.name: _value(table, **each.metadata) for each in fields(cls)})


def _value(table: Table, slot: int, form: str, default: float) -> Any:
    if form == "s":
        return table.string(slot)
    if form == "f":
        return table.real(slot, default)
    return table.boolean(slot) if form == "?" else table.integer(slot, form, int(default))


@dataclass(frozen=True, slots=True)
class Conv2DOptions(Options):
    padding: int = _slot(0, "b")
    stride_width: int = _slot(1, "i")
    stride_height: int = _slot(2, "i")
    activation: int = _slot(3, "b")
    dilation_width: int = _slot(4, "i", 1)
    dilation_height: int = _slot(5, "i", 1)


@dataclass(frozen=True, slots=True)
class DepthwiseConv2DOptions(Options):
    padding: int = _slot(0, "b")
    stride_width: int = _slot(1, "i")
    stride_height: int = _slot(2, "i")
    depth_multiplier: int = _slot(3, "i")
    activation: int = _slot(4, "b")
    dilation_width: int = _slot(5, "i", 1)
    dilation_height: int = _slot(6, "i", 1)


@dataclass(frozen=True, slots=True)
class TransposeConvOptions(Options):
    padding: int = _slot(0, "b")
    stride_width: int = _slot(1, "i")
    stride_height: int = _slot(2, "i")
    activation: int = _slot(3, "b")


@dataclass(frozen=True, slots=True)
class Pool2DOptions(Options):
    padding: int = _slot(0, "b")
    stride_width: int = _slot(1, "i")
    stride_height: int = _slot(2, "i")
    kernel_width: int = _slot(3, "i")
    kernel_height: int = _slot(4, "i")
    activation: int = _slot(5, "b")


@dataclass(frozen=True, slots=True)
class FullyConnectedOptions(Options):
    activation: int = _slot(0, "b")
    weights_format: int = _slot(1, "b")
    keep_num_dims: bool = _slot(2, "?")


@dataclass(frozen=True, slots=True)
class BatchMatMulOptions(Options):
    adjoint_x: bool = _slot(0, "?")
    adjoint_y: bool = _slot(1, "?")


@dataclass(frozen=True, slots=True)
class SVDFOptions(Options):
    rank: int = _slot(0, "i")
    activation: int = _slot(1, "b")


@dataclass(frozen=True, slots=True)
class UnidirectionalSequenceLSTMOptions(Options):
    activation: int = _slot(0, "b")
    cell_clip: float = _slot(1, "f")
    projection_clip: float = _slot(2, "f")
    time_major: bool = _slot(3, "?")
    diagonal: bool = _slot(5, "?")


@dataclass(frozen=True, slots=True)
class SoftmaxOptions(Options):
    beta: float = _slot(0, "f")


@dataclass(frozen=True, slots=True)
class LocalResponseNormalizationOptions(Options):
    radius: int = _slot(0, "i")
    bias: float = _slot(1, "f")
    alpha: float = _slot(2, "f")
    beta: float = _slot(3, "f")


@dataclass(frozen=True, slots=True)
class BinaryOptions(Options):
    """Of ADD, DIV, MUL and SUB."""

    activation: int = _slot(0, "b")


@dataclass(frozen=True, slots=True)
class L2NormOptions(Options):
    activation: int = _slot(0, "b")


@dataclass(frozen=True, slots=True)
class LeakyReluOptions(Options):
    alpha: float = _slot(0, "f")


@dataclass(frozen=True, slots=True)
class GeluOptions(Options):
    approximate: bool = _slot(0, "?")


@dataclass(frozen=True, slots=True)
class ReducerOptions(Options):
    keep_dims: bool = _slot(0, "?")


@dataclass(frozen=True, slots=True)
class CumsumOptions(Options):
    exclusive: bool = _slot(0, "?")
    reverse: bool = _slot(1, "?")


@dataclass(frozen=True, slots=True)
class ConcatenationOptions(Options):
    axis: int = _slot(0, "i")
    activation: int = _slot(1, "b")


@dataclass(frozen=True, slots=True)
class PackOptions(Options):
    axis: int = _slot(1, "i")


@dataclass(frozen=True, slots=True)
class UnpackOptions(Options):
    axis: int = _slot(1, "i")


@dataclass(frozen=True, slots=True)
class MirrorPadOptions(Options):
    mode: int = _slot(0, "b")


@dataclass(frozen=True, slots=True)
class StridedSliceOptions(Options):
    begin_mask: int = _slot(0, "i")
    end_mask: int = _slot(1, "i")
    ellipsis_mask: int = _slot(2, "i")
    new_axis_mask: int = _slot(3, "i")
    shrink_axis_mask: int = _slot(4, "i")
    offset: bool = _slot(5, "?")


@dataclass(frozen=True, slots=True)
class GatherOptions(Options):
    axis: int = _slot(0, "i")
    batch_dims: int = _slot(1, "i")


@dataclass(frozen=True, slots=True)
class ResizeBilinearOptions(Options):
    align_corners: bool = _slot(2, "?")
    half_pixel_centers: bool = _slot(3, "?")


@dataclass(frozen=True, slots=True)
class ResizeNearestNeighborOptions(Options):
    align_corners: bool = _slot(0, "?")
    half_pixel_centers: bool = _slot(1, "?")


@dataclass(frozen=True, slots=True)
class BlockOptions(Options):
    """Of SPACE_TO_DEPTH and DEPTH_TO_SPACE."""

    block_size: int = _slot(0, "i")


@dataclass(frozen=True, slots=True)
class VarHandleOptions(Options):
    container: str = _slot(0, "s")
    shared_name: str = _slot(1, "s")


@dataclass(frozen=True, slots=True)
class CallOnceOptions(Options):
    subgraph: int = _slot(0, "i")


TABLES: dict[int, type[Options]] = {
    1: Conv2DOptions,
    2: DepthwiseConv2DOptions,
    5: Pool2DOptions,
    6: SVDFOptions,
    8: FullyConnectedOptions,
    9: SoftmaxOptions,
    10: ConcatenationOptions,
    11: BinaryOptions,
    12: L2NormOptions,
    13: LocalResponseNormalizationOptions,
    15: ResizeBilinearOptions,
    19: BlockOptions,
    21: BinaryOptions,
    23: GatherOptions,
    27: ReducerOptions,
    28: BinaryOptions,
    29: BinaryOptions,
    32: StridedSliceOptions,
    49: TransposeConvOptions,
    59: PackOptions,
    64: UnpackOptions,
    71: UnidirectionalSequenceLSTMOptions,
    74: ResizeNearestNeighborOptions,
    75: LeakyReluOptions,
    77: MirrorPadOptions,
    94: BlockOptions,
    101: BatchMatMulOptions,
    102: CumsumOptions,
    103: CallOnceOptions,
    111: VarHandleOptions,
    116: GeluOptions,
}
"""By number in the schema's union BuiltinOptions; those that no translation reads are left out."""
