#include "people/gallery_file.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/temporary_folder.h"

namespace facepipe::people {
namespace {

Status save_empty(const GalleryFile& file) {
  return file.save(gallery::KnownPeople(gallery::Gallery({"m", model::known_mode("standard").value(), 1})));
}

TEST(GalleryFile, EditsUnderALock) {
  const TemporaryFolder folder;
  const GalleryFile file(folder / "gallery.fpg");
  const auto add = [](const std::string& name) {
    return [name](gallery::KnownPeople& people) { return people.add(name, std::vector<float>{1}); };
  };
  EXPECT_EQ(file.edit(add("ada")).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(save_empty(file));
  ASSERT_TRUE(file.edit(add("ada")));
  std::vector<std::jthread> editors;
  for (int i = 0; i < 8; ++i) {
    editors.emplace_back([&, i] { EXPECT_TRUE(file.edit(add("person " + std::to_string(i)))); });
  }
  editors.clear();
  EXPECT_EQ(file.load().value().people().size(), 9U);
}

TEST(GalleryFile, AFailedChangeSavesNothing) {
  const TemporaryFolder folder;
  const GalleryFile file(folder / "gallery.fpg");
  ASSERT_TRUE(save_empty(file));
  const Status failed = file.edit([](gallery::KnownPeople& people) -> Status {
    FACEPIPE_TRY(people.add("bob", std::vector<float>{2}));
    return Error{ErrorCode::kInvalidArgument, "no"};
  });
  EXPECT_EQ(failed.error().message, "no");
  EXPECT_TRUE(file.load().value().people().empty());
}

}  // namespace
}  // namespace facepipe::people
