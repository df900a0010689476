# SPDX-License-Identifier: Apache-2.0
"""The export system: specifications, libraries of implementations, selection, ExportNode."""
