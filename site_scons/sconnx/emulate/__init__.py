# SPDX-License-Identifier: Apache-2.0
"""Running a firmware without a board: stdin in; stdout, instruction counts, stack use and snapshots out.

`unicorn_machine` is the default, and alone can count; `process` runs QEMU and host programs. Unicorn itself is
imported when a machine is made, and nowhere else in sconnx.
"""
