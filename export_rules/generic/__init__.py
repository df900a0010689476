# SPDX-License-Identifier: Apache-2.0
"""Lib `generic`: portable C11 kernels that every core can run."""

from sconnx.export.library import ExportLib
from sconnx.export.spec import IOSpec
from sconnx.graph.tensor import DType

generic = ExportLib("generic")

S8 = IOSpec(DType.INT8, quantized=True)
F32 = IOSpec(DType.FLOAT32)
U8 = IOSpec(DType.UINT8, quantized=True)
S16 = IOSpec(DType.INT16, quantized=True)
S32 = IOSpec(DType.INT32)
S64 = IOSpec(DType.INT64)
BOOL = IOSpec(DType.BOOL)
IMAGE_S8 = IOSpec(DType.INT8, (1, None, None, None), quantized=True)
ROW_S8 = IOSpec(DType.INT8, (1, 1, None, None), quantized=True)
SEQUENCE_S8 = IOSpec(DType.INT8, (1, None, None), quantized=True)
