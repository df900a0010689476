# SPDX-License-Identifier: Apache-2.0
#
# find_package(sconnx REQUIRED)
# sconnx_add_model(kws MODEL models/kws.tflite TARGET cortex-m7 RAM 24K FLASH 96K)
# target_link_libraries(app PRIVATE kws)
#
# The C of the model is generated at build time, again only when the model, an option or sconnx changes, and compiled by the
# project's own compiler and flags. docs/cmake.md lists the arguments.

cmake_minimum_required(VERSION 3.20)
include_guard(GLOBAL)

# The Python that has sconnx: sconnx_PYTHON, that of the virtual environment this file is in, or CMake's own choice.
if(NOT sconnx_PYTHON)
  get_filename_component(_sconnx_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
  if(EXISTS "${_sconnx_prefix}/pyvenv.cfg" AND EXISTS "${_sconnx_prefix}/bin/python")
    set(sconnx_PYTHON "${_sconnx_prefix}/bin/python")
  else()
    find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
    set(sconnx_PYTHON "${Python3_EXECUTABLE}")
  endif()
endif()
set(sconnx_PYTHON "${sconnx_PYTHON}" CACHE FILEPATH "the Python that sconnx is installed for")

# In a checkout the package lies above this file, and need not be installed.
get_filename_component(_sconnx_above "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(_sconnx_environment "")
if(EXISTS "${_sconnx_above}/sconnx/__main__.py")
  set(_sconnx_environment "${CMAKE_COMMAND}" -E env "PYTHONPATH=${_sconnx_above}")
endif()

if(NOT TARGET sconnx::python)
  add_executable(sconnx::python IMPORTED GLOBAL)
  set_target_properties(sconnx::python PROPERTIES IMPORTED_LOCATION "${sconnx_PYTHON}")
endif()
# -P: a folder of the project that is called sconnx is not it.
set(_sconnx_command ${_sconnx_environment} "${sconnx_PYTHON}" -P -m sconnx.cmake)
set_property(GLOBAL PROPERTY sconnx_command "${_sconnx_command}")

execute_process(
  COMMAND ${_sconnx_command} --help
  RESULT_VARIABLE _sconnx_status OUTPUT_QUIET ERROR_VARIABLE _sconnx_error)
if(_sconnx_status)
  set(sconnx_FOUND FALSE)
  set(sconnx_NOT_FOUND_MESSAGE
    "${sconnx_PYTHON} cannot run sconnx; install it there, or set sconnx_PYTHON to the Python that has it.\n${_sconnx_error}")
  return()
endif()

# sconnx_add_model(<name> MODEL <file> TARGET <cpu> [<VARIABLE> <value>...] [RULES <folder>...])
#
# Makes the target <name>, to be linked: the model's library, its kernels, its header. What it takes is in
# <build folder>/sconnx/<cpu>/<name>/report.txt; more than RAM or FLASH allow fails the build.
function(sconnx_add_model name)
  set(variables BOARD OPTIMIZE INPUT OUTPUT PRUNE PLANNER LIMIT MEMORY WEIGHTS PIN RAM FLASH STACK MARGIN CMSIS_NN QUANTIZE CARRY)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODEL;TARGET;${variables}" "RULES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sconnx_add_model(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_MODEL OR NOT arg_TARGET)
    message(FATAL_ERROR "sconnx_add_model(${name}): MODEL and TARGET are needed")
  endif()
  get_property(command GLOBAL PROPERTY sconnx_command)
  get_filename_component(cpu "${arg_TARGET}" NAME_WLE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/sconnx/${cpu}/${name}")
  get_filename_component(model "${arg_MODEL}" ABSOLUTE)

  # What is asked for, in a file that changes only with it.
  set(request "name=${name}\nmodel=${model}\ntarget=${arg_TARGET}\n")
  foreach(variable IN LISTS variables)
    if(DEFINED arg_${variable})
      string(TOLOWER "${variable}" lower)
      string(APPEND request "${lower}=${arg_${variable}}\n")
    endif()
  endforeach()
  if(arg_RULES)
    list(JOIN arg_RULES ":" rules)
    string(APPEND request "rules=${rules}\n")
  endif()
  file(CONFIGURE OUTPUT "${folder}/request.txt" CONTENT "@request@" @ONLY)

  # The model may come from another command of the build.
  get_source_file_property(made "${model}" GENERATED)
  set(is_made "")
  if(made)
    set(is_made --made)
  endif()
  execute_process(
    COMMAND ${command} configure ${is_made} "${folder}/request.txt" "${folder}/kernels.cmake"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" RESULT_VARIABLE status ERROR_VARIABLE error)
  if(status)
    message(FATAL_ERROR "sconnx_add_model(${name}):\n${error}")
  endif()
  include("${folder}/kernels.cmake")
  _sconnx_add_kernels()

  list(TRANSFORM _sconnx_made PREPEND "${folder}/" OUTPUT_VARIABLE made_files)
  list(TRANSFORM _sconnx_reported PREPEND "${folder}/" OUTPUT_VARIABLE reported_files)
  set(code ${made_files})
  list(FILTER code INCLUDE REGEX "\\.c$")
  # The stamp is what CMake compares: files whose content stays the same keep their time, and what comes after them is not made again.
  add_custom_command(
    OUTPUT "${folder}/generate.stamp" BYPRODUCTS ${made_files}
    COMMAND ${command} generate "${folder}/request.txt" "${folder}" "${folder}/generate.stamp" "${folder}/generate.d"
    DEPENDS "${model}" "${folder}/request.txt"
    DEPFILE "${folder}/generate.d"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "Generating ${name} for ${cpu}" VERBATIM)
  add_custom_target(${name}_generate DEPENDS "${folder}/generate.stamp")
  set_source_files_properties(${made_files} PROPERTIES GENERATED TRUE)
  if(CMAKE_GENERATOR MATCHES "Makefiles")
    # make knows of no byproducts: without this it would miss one that was deleted.
    add_custom_target(${name}_complete
      COMMAND "${CMAKE_COMMAND}" "-DSTAMP=${folder}/generate.stamp" "-DFILES=${made_files}"
        -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/sconnxComplete.cmake" VERBATIM)
    add_dependencies(${name}_generate ${name}_complete)
  endif()

  add_library(${name}_code STATIC ${code})
  set_target_properties(${name}_code PROPERTIES OUTPUT_NAME ${name})
  add_dependencies(${name}_code ${name}_generate)
  target_include_directories(${name}_code PUBLIC "${folder}")
  target_link_libraries(${name}_code PUBLIC ${_sconnx_kernels})
  target_compile_options(${name}_code PRIVATE ${_sconnx_flags})

  add_custom_command(
    OUTPUT "${folder}/report.stamp"
    BYPRODUCTS ${reported_files}
    COMMAND ${command} report "${folder}/request.txt" "${folder}" "${CMAKE_C_COMPILER_ID}"
      "$<TARGET_FILE:${name}_code>" "$<TARGET_FILE:${_sconnx_kernels}>" "${folder}/report.stamp"
    DEPENDS ${name}_code ${_sconnx_kernels} "${folder}/generate.stamp" "${folder}/request.txt"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "Measuring ${name} for ${cpu}" VERBATIM)
  add_custom_target(${name}_report DEPENDS "${folder}/report.stamp")

  # What is linked: it is there only when the budgets hold.
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${name}_code)
  add_dependencies(${name} ${name}_report)
endfunction()

# The library of all kernels of a target, once; from the variables that kernels.cmake sets.
macro(_sconnx_add_kernels)
  if(NOT TARGET ${_sconnx_kernels})
    add_library(${_sconnx_kernels} STATIC EXCLUDE_FROM_ALL ${_sconnx_sources} ${_sconnx_external})
    target_include_directories(${_sconnx_kernels} PUBLIC ${_sconnx_includes})
    target_include_directories(${_sconnx_kernels} SYSTEM PRIVATE ${_sconnx_system_includes})
    target_compile_options(${_sconnx_kernels} PRIVATE ${_sconnx_flags})
    set_source_files_properties(${_sconnx_external} PROPERTIES COMPILE_OPTIONS -w)
  endif()
endmacro()
