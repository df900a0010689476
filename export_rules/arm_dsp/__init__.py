# SPDX-License-Identifier: Apache-2.0
"""Lib `arm_dsp`: kernels for cores with the DSP extension (Cortex-M4, M7, M33)."""

from sconnx.export.library import ExportLib

arm_dsp = ExportLib("arm_dsp")

DSP = frozenset({"dsp"})
