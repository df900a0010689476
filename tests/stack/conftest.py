# SPDX-License-Identifier: Apache-2.0
"""Makes the `builder` fixture known here."""

from tests.emulate.firmware_build import builder

__all__ = ["builder"]
