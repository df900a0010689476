# SPDX-License-Identifier: Apache-2.0
"""Passes: Model -> Model, each an exact rewrite."""
