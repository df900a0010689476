# SPDX-License-Identifier: Apache-2.0
"""How SCons is started with our own build in the folder of a user."""

from __future__ import annotations

import os
import sys

from sconnx.places import places


def scons_command() -> list[str]:
    """The words that start SCons with our own build in the current folder, whatever other files that has."""
    return [sys.executable, "-P", "-m", "SCons", "-Q", "-f", str(places().sconstruct), "--no-site-dir"]


def scons_environment() -> dict[str, str]:
    """This process's environment, in which SCons finds this sconnx first."""
    found = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(places().root), found)))}
