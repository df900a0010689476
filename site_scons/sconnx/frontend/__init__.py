# SPDX-License-Identifier: Apache-2.0
"""Readers: a model file becomes a `Model`. Everything unsupported is reported at once."""
