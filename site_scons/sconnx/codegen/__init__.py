# SPDX-License-Identifier: Apache-2.0
"""From the plan to C: names, values, contexts, rendering. The templates hold no logic."""
