# SPDX-License-Identifier: Apache-2.0
"""Lib `delta`: what this firmware adds to sconnx."""

from sconnx.export.library import ExportLib

delta = ExportLib("delta")
