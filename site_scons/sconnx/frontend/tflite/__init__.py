# SPDX-License-Identifier: Apache-2.0
"""Reader of int8 TensorFlow Lite models."""
