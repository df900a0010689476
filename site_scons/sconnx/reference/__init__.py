# SPDX-License-Identifier: Apache-2.0
"""Array-level oracle: every int8 operator as a numpy function with the exact integer rules of the export."""
