# SPDX-License-Identifier: Apache-2.0
"""Running a firmware without a board: stdin in; stdout, instruction counts, stack use and snapshots out.

`unicorn_machine` is the default; `qemu_machine` runs what unicorn has no core for, `process` host programs. Unicorn itself is
imported when a machine is made, and nowhere else in sconnx.
"""
