# SPDX-License-Identifier: Apache-2.0
"""package: models as source packages for other build systems."""

FORMATS = ("cmake", "arduino", "cmsis-toolbox", "esp-idf", "make", "platformio", "rt-thread", "zephyr")
"""The values of `format=`: a build system each. The first is the default."""
