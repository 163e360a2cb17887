# Language level, warnings and sanitizers, carried by INTERFACE targets: no global flags.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON) # target all_verify_interface_header_sets: each header compiles alone

option(FACEPIPE_WERROR "Treat warnings as errors" OFF)
option(FACEPIPE_ALL_UNIT_TESTS "Build the unit tests of every module, not of the optimised ones alone" ON)
option(FACEPIPE_BENCH "Build the micro-benchmarks" OFF)
option(FACEPIPE_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(FACEPIPE_FUZZ_COVERAGE "Count the branches taken, so that new inputs can be found and not only replayed" OFF)
set(FACEPIPE_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined | thread")

add_library(facepipe_options INTERFACE)
target_compile_features(facepipe_options INTERFACE cxx_std_20)
target_compile_options(
  facepipe_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow # a name that hides another is read wrongly
            -Wconversion # silent narrowing is how sizes go wrong
            -Wsign-conversion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -ffp-contract=off) # fused multiply-add only where a kernel asks for it: results equal on every CPU
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Float arithmetic must not turn to double unseen. (clang's warning of this name also means a plain conversion.)
  target_compile_options(facepipe_options INTERFACE -Wdouble-promotion)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(facepipe_options INTERFACE -Wno-restrict) # false positives on std::string + (gcc bug 105651)
  endif()
  if(CMAKE_UNITY_BUILD)
    target_compile_options(facepipe_options INTERFACE -Wno-subobject-linkage) # takes the included .cc files for headers
  endif()
else()
  target_compile_options(facepipe_options INTERFACE -Wno-deprecated-declarations) # in libstdc++'s own std::stable_sort
endif()
# A module is one object file in a release, so without this a program would have all of every module that it touches.
target_compile_options(facepipe_options INTERFACE "$<$<CONFIG:Release>:-ffunction-sections;-fdata-sections>")
target_link_options(facepipe_options INTERFACE $<$<CONFIG:Release>:LINKER:--gc-sections,--as-needed>)
if(FACEPIPE_WERROR)
  target_compile_options(facepipe_options INTERFACE -Werror)
endif()
if(FACEPIPE_SANITIZE)
  target_compile_options(facepipe_options INTERFACE -fsanitize=${FACEPIPE_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(facepipe_options INTERFACE -fsanitize=${FACEPIPE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc 12 reports false positives of these under the sanitizers' instrumentation.
    target_compile_options(facepipe_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-tsan)
  endif()
endif()
if(FACEPIPE_FUZZ_COVERAGE)
  target_compile_options(facepipe_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
