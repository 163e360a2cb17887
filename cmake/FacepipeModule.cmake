# facepipe_module(NAME [HOT|COLD] PURPOSE text SOURCES ... HEADERS ... [INTERNAL header ...] [DEPS module ...]
#                 [LIBS library ...] [TESTS file ...] [TEST_DEPS module ...])
#
# One folder of src/ as one static library `facepipe_NAME` (alias facepipe::NAME). PURPOSE is its line in the table of
# src/README.md, which tools/module_table.py writes. DEPS are the modules whose headers it may include:
# tools/check_layers.py compares them with the #includes. LIBS are third-party libraries, never visible to others. Every
# header is in a set, so that it is compiled by itself (all_verify_interface_header_sets): HEADERS are for other modules,
# INTERNAL ones show LIBS and are for this one alone, and those of TESTS (test_*.h) for tests.
# HOT: optimised in every build, since its tests walk over whole pictures or over every byte of a file.
# COLD: optimised for size in a release, since it waits for others (a network, a start) and not for the processor.
# TESTS make one GoogleTest program NAME_test that links this module and TEST_DEPS alone, so that an undeclared dependency
# fails to link. TEST_DEPS are the modules whose headers the tests may include beyond DEPS: their fakes' server, for one.
# Without FACEPIPE_ALL_UNIT_TESTS (the release preset) only HOT modules have theirs: those of the others run in the sanitized
# build, where they find more; compiling them twice would cost `make test` time and find nothing else.
function(facepipe_module NAME)
  # A PURPOSE may hold a semicolon.
  cmake_parse_arguments(PARSE_ARGV 1 ARG "HOT;COLD" "PURPOSE" "SOURCES;HEADERS;INTERNAL;DEPS;LIBS;TESTS;TEST_DEPS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "facepipe_module(${NAME}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_PURPOSE)
    message(FATAL_ERROR "facepipe_module(${NAME}): expected a PURPOSE")
  endif()
  add_library(facepipe_${NAME} STATIC)
  add_library(facepipe::${NAME} ALIAS facepipe_${NAME})
  target_sources(facepipe_${NAME} PRIVATE ${ARG_SOURCES} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src
                                                                FILES ${ARG_HEADERS})
  target_link_libraries(facepipe_${NAME} PUBLIC facepipe_options)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(facepipe_${NAME} PUBLIC facepipe::${dep})
  endforeach()
  target_link_libraries(facepipe_${NAME} PRIVATE ${ARG_LIBS})
  if(ARG_HOT)
    target_compile_options(facepipe_${NAME} PRIVATE $<$<CONFIG:Debug>:-O1>)
  endif()
  if(ARG_COLD)
    target_compile_options(facepipe_${NAME} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
  facepipe_header_set(${NAME}_internal MODULES ${NAME} HEADERS ${ARG_INTERNAL} LIBS ${ARG_LIBS})
  set(test_headers ${ARG_TESTS})
  list(FILTER test_headers INCLUDE REGEX "\\.h$")
  facepipe_header_set(${NAME}_test_headers MODULES ${NAME} ${ARG_TEST_DEPS} HEADERS ${test_headers} LIBS ${ARG_LIBS} GTest::gtest GTest::gmock)
  if(ARG_TESTS AND (ARG_HOT OR FACEPIPE_ALL_UNIT_TESTS))
    facepipe_test(${NAME}_test LABEL unit SOURCES ${ARG_TESTS} MODULES ${NAME} ${ARG_TEST_DEPS} LIBS ${ARG_LIBS})
  endif()
endfunction()

# Headers that are checked like a module's own and that no library hands on.
function(facepipe_header_set NAME)
  cmake_parse_arguments(ARG "" "" "MODULES;HEADERS;LIBS" ${ARGN})
  if(ARG_HEADERS)
    add_library(facepipe_${NAME} INTERFACE)
    target_sources(facepipe_${NAME} INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${ARG_HEADERS})
    list(TRANSFORM ARG_MODULES PREPEND facepipe::)
    target_link_libraries(facepipe_${NAME} INTERFACE ${ARG_MODULES} ${ARG_LIBS})
    target_compile_definitions(facepipe_${NAME} INTERFACE FACEPIPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  endif()
endfunction()

# facepipe_test(NAME LABEL label SOURCES ... MODULES ... [LIBS ...] [ARGS ...]): a GoogleTest program, one ctest entry.
# A skipped test fails the entry: a missing prerequisite is a failure.
function(facepipe_test NAME)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;MODULES;LIBS;ARGS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  # A test runs for seconds: optimising it costs more than it saves.
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O0>)
  foreach(module IN LISTS ARG_MODULES)
    target_link_libraries(${NAME} PRIVATE facepipe::${module})
  endforeach()
  target_link_libraries(${NAME} PRIVATE facepipe_options GTest::gtest GTest::gmock GTest::gtest_main ${ARG_LIBS})
  target_compile_definitions(${NAME} PRIVATE FACEPIPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${NAME} COMMAND ${NAME} ${ARG_ARGS})
  # For a program that hangs; the longest take a minute, and several with a sanitizer on a busy machine.
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900)
  endif()
  set_tests_properties(${NAME} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} FAIL_REGULAR_EXPRESSION
                                          "\\[  SKIPPED \\]")
endfunction()
