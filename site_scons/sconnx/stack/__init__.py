# SPDX-License-Identifier: Apache-2.0
"""How deep a firmware's stack can get, from the machine code of its ELF."""
