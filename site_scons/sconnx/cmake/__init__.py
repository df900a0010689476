# SPDX-License-Identifier: Apache-2.0
"""cmake: what sconnxConfig.cmake, the package for CMake's `find_package`, calls."""
