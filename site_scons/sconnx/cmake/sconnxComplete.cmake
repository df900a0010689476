# SPDX-License-Identifier: Apache-2.0
# Removes STAMP when one of FILES is missing: the command that makes them runs again.
foreach(file IN LISTS FILES)
  if(NOT EXISTS "${file}")
    file(REMOVE "${STAMP}")
  endif()
endforeach()
