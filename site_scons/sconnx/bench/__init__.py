# SPDX-License-Identifier: Apache-2.0
"""What a bench says: builds side by side, their layers, and what others reach on the same models."""
