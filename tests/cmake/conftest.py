# SPDX-License-Identifier: Apache-2.0
"""The example's model for the build machine, and what ONNX Runtime says of it, as packages are held against it."""

from tests.package.conftest import check_program, host_mnist, logits

__all__ = ["check_program", "host_mnist", "logits"]
