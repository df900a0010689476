# SPDX-License-Identifier: Apache-2.0
"""What was built: the linked firmware held against the plan."""
