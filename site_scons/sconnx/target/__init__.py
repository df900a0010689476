# SPDX-License-Identifier: Apache-2.0
"""What a firmware is built for and with: CPUs, boards and toolchains, all of them data in `data/*.toml`."""
