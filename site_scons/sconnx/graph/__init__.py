# SPDX-License-Identifier: Apache-2.0
"""The intermediate representation: tensors, operators, nodes, graphs. Structure only; values live in `Params`."""
