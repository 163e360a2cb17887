# cmake -DFOLDER=DIR -DOUTPUT=FILE -P page_assets_source.cmake: writes the source file of serve::page_assets() with every file
# of DIR, each as it is, as NAME.gz and as NAME.br. Without DIR: none.
set(arrays "")
set(entries "")
if(FOLDER)
  file(GLOB names RELATIVE ${FOLDER} ${FOLDER}/*)
  list(FILTER names EXCLUDE REGEX "\\.(gz|br)$")
  set(count 0)
  foreach(name IN LISTS names)
    set(views "")
    foreach(form IN ITEMS "" ".gz" ".br")
      file(READ ${FOLDER}/${name}${form} hex HEX)
      string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
      string(APPEND arrays "constexpr unsigned char kBytes${count}[] = {${bytes}};\n")
      string(APPEND views ", view(kBytes${count})")
      math(EXPR count "${count} + 1")
    endforeach()
    string(APPEND entries "    PageAsset{\"${name}\"${views}},\n")
  endforeach()
endif()
file(WRITE ${OUTPUT} "// Written by cmake/page_assets_source.cmake.
#include \"serve/page/page_assets.h\"

#include <vector>

namespace facepipe::serve {
namespace {

template <std::size_t kSize>
[[maybe_unused]] std::string_view view(const unsigned char (&bytes)[kSize]) {
  return {reinterpret_cast<const char*>(bytes), kSize};
}

${arrays}
}  // namespace

std::span<const PageAsset> page_assets() {
  static const std::vector<PageAsset> kAssets = {
${entries}  };
  return kAssets;
}

}  // namespace facepipe::serve
")
