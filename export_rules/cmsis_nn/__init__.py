# SPDX-License-Identifier: Apache-2.0
"""Lib `cmsis_nn`: the int8 functions of CMSIS-NN, compiled from the user's checkout (`cmsis_nn=PATH`).

CMSIS-NN follows the TFLite rule bit for bit, so the lib takes no node of another rule. It chooses its code by the CPU
at compile time; only the size of a scratch buffer differs, and there a rule is registered once with the feature `dsp`
and once without.
"""

from sconnx.export.library import ExportLib
from sconnx.export.node import ExportNode
from sconnx.export.spec import IOSpec
from sconnx.graph.tensor import DataFormat, DType
from sconnx.reference.rule import Rule

cmsis_nn = ExportLib("cmsis_nn")

DSP = frozenset({"dsp"})
S8 = IOSpec(DType.INT8, quantized=True)
S32 = IOSpec(DType.INT32)
IMAGE_S8 = IOSpec(DType.INT8, (1, None, None, None), DataFormat.NHWC, quantized=True)


def rounds_otherwise(node: ExportNode) -> str | None:
    """A reason when the model's rule is not that of CMSIS-NN."""
    return None if node.rule is Rule.TFLITE else f"CMSIS-NN rounds twice; this model's rule is {node.rule.value}"
