# SPDX-License-Identifier: Apache-2.0
"""When every node runs and how long every tensor must live."""
