# SPDX-License-Identifier: Apache-2.0
"""The figures of a firmware over time: a file of lines that the user may commit."""
