# SPDX-License-Identifier: Apache-2.0
"""sconnx: from a trained neural network to Cortex-M firmware, every step a build target."""

from sconnx.places import site_tools

__version__ = "0.1.0"
__all__ = ["site_tools"]
