# The page of `facepipe serve` (page/) as a source file.
option(FACEPIPE_PAGE "Compile the page of facepipe serve into the program" ON)
set(FACEPIPE_PAGE_ASSETS "" CACHE PATH "A folder that page/build.mjs has filled: a page without Node.js and its packages")

# facepipe_page_assets(VARIABLE): sets VARIABLE to the source file that defines serve::page_assets().
function(facepipe_page_assets VARIABLE)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/page_assets.cc)
  set(${VARIABLE} ${source} PARENT_SCOPE)
  set(script ${PROJECT_SOURCE_DIR}/cmake/page_assets_source.cmake)
  set(folder ${FACEPIPE_PAGE_ASSETS})
  set(made)
  if(NOT FACEPIPE_PAGE)
    set(folder)
  elseif(folder)
    file(GLOB made CONFIGURE_DEPENDS ${folder}/*)
    if(NOT made)
      message(FATAL_ERROR "FACEPIPE_PAGE_ASSETS=${folder}: expected a folder that page/build.mjs has filled")
    endif()
  else()
    set(node ${PROJECT_SOURCE_DIR}/.cache/page/node)
    set(page ${PROJECT_SOURCE_DIR}/page)
    # In a worktree that shares .cache the link of tools/setup/page.sh may be missing.
    if(NOT EXISTS ${page}/node_modules AND EXISTS ${PROJECT_SOURCE_DIR}/.cache/page/node_modules)
      file(CREATE_LINK ../.cache/page/node_modules ${page}/node_modules SYMBOLIC)
    endif()
    if(NOT EXISTS ${node} OR NOT EXISTS ${page}/node_modules/esbuild)
      message(FATAL_ERROR "The page's packages are missing: run tools/setup/page.sh, or configure with "
                          "-DFACEPIPE_PAGE_ASSETS=DIR or -DFACEPIPE_PAGE=OFF")
    endif()
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/assets)
    set(made ${folder}/index.html)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${page}/src/*)
    add_custom_command(
      OUTPUT ${made}
      COMMAND ${node} build.mjs ${folder}
      DEPENDS ${sources} ${page}/build.mjs ${page}/index.html ${page}/package-lock.json
      WORKING_DIRECTORY ${page}
      COMMENT "Bundling the page"
      VERBATIM)
  endif()
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} "-DFOLDER=${folder}" "-DOUTPUT=${source}" -P ${script}
    DEPENDS ${made} ${script}
    VERBATIM)
endfunction()
