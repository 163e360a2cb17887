# Every third-party library, found in one place. docs/dependencies.md says what each is for.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(SPNG REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED) # used as headers alone
# Headers alone: what they ask of the library is in src/base/highway_targets.cc.
pkg_check_modules(HWY REQUIRED libhwy)
add_library(facepipe_highway INTERFACE IMPORTED)
set_target_properties(facepipe_highway PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${HWY_INCLUDE_DIRS}")

# ONNX Runtime: staged by tools/setup/onnxruntime.sh (library of the PyPI wheel, headers of Debian's package).
set(FACEPIPE_ORT_DIR "${CMAKE_SOURCE_DIR}/.cache/onnxruntime" CACHE PATH "ONNX Runtime: include/ and lib/")
find_path(ORT_INCLUDE_DIR onnxruntime_c_api.h PATHS ${FACEPIPE_ORT_DIR}/include PATH_SUFFIXES onnxruntime REQUIRED
          NO_CMAKE_FIND_ROOT_PATH)
find_library(ORT_LIBRARY onnxruntime PATHS ${FACEPIPE_ORT_DIR}/lib REQUIRED)
# Headers alone: src/embed/graph_session.cc loads the library when it is first needed, from here in a built tree.
add_library(facepipe_onnxruntime INTERFACE IMPORTED)
set_target_properties(facepipe_onnxruntime PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${ORT_INCLUDE_DIR}
                                                      INTERFACE_INCLUDE_DIRECTORIES ${ORT_INCLUDE_DIR}
                                                      INTERFACE_COMPILE_DEFINITIONS ORT_API_MANUAL_INIT
                                                      INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
get_filename_component(ORT_LIBRARY_FOLDER ${ORT_LIBRARY} DIRECTORY)
list(APPEND CMAKE_BUILD_RPATH ${ORT_LIBRARY_FOLDER})
