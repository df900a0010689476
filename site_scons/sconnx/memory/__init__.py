# SPDX-License-Identifier: Apache-2.0
"""Where every tensor lives: MemInfo, the planner, and a checker that does not trust the planner."""
