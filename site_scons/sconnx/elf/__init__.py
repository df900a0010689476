# SPDX-License-Identifier: Apache-2.0
"""Linked firmware as it is: sections, symbols and memory use, from the ELF file and never from a log."""
