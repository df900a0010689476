# SPDX-License-Identifier: Apache-2.0
"""Nothing is defined here: every name would leak into every SConscript. Tools are in site_tools/, the product in sconnx/."""
