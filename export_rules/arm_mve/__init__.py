# SPDX-License-Identifier: Apache-2.0
"""Lib `arm_mve`: kernels for cores with the vector extension MVE (Cortex-M55)."""

from sconnx.export.library import ExportLib

arm_mve = ExportLib("arm_mve")

MVE = frozenset({"mve", "mve_fp"})
