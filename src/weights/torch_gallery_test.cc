#include <gtest/gtest.h>

#include <string>

#include "weights/readers.h"
#include "weights/test_data.h"
#include "weights/zip_writer.h"

namespace facepipe::weights {
namespace {

using Embeddings = std::vector<std::vector<float>>;
using Names = std::vector<std::string>;

void expect_gallery(const std::string& name) {
  const auto gallery = read_torch_gallery(test_file(name));
  ASSERT_TRUE(gallery) << error_of(gallery);
  EXPECT_EQ(gallery->names, (Names{"Zo\xC3\xAB", "B"}));
  EXPECT_EQ(gallery->embeddings, (Embeddings{{0.5F, -1.0F, 2.0F, 0.25F}, {1.0F, 2.0F, 3.0F, 4.0F}}));
}

TEST(TorchGallery, ReadsZip) {
  expect_gallery("gallery_zip.pt");
}
TEST(TorchGallery, ReadsLegacy) {
  expect_gallery("gallery_legacy.pt");
}

Bytes gallery_archive(std::string_view pickle) {
  return write_zip({{"x/data.pkl", as_bytes(pickle)}});
}

TEST(TorchGallery, RefusesOtherContents) {
  EXPECT_EQ(error_of(read_torch_gallery(test_file("state_zip.pt"))),
            "the gallery is a dictionary, expected a list of two: embeddings and names");
  EXPECT_EQ(error_of(read_torch_gallery(test_file("script_traced.pt"))),
            "a TorchScript model, expected a gallery of torch.save");
  EXPECT_EQ(
      error_of(read_torch_gallery(as_bytes("{}"))),
      "not a gallery of torch.save, neither a zip archive nor a legacy torch file: it begins with bytes of no known "
      "format");
  EXPECT_EQ(error_of(read_torch_gallery(gallery_archive("\x80\x02](](K\x01"
                                                        "e]e."))),
            "the gallery has 1 embeddings and 0 names");
  EXPECT_EQ(error_of(read_torch_gallery(gallery_archive("\x80\x02](](K\x01"
                                                        "e](K\x01"
                                                        "ee."))),
            "embedding 0 is an integer, expected a tensor");
}

// The names' list of gallery_zip.pt with something else in it; shapes other than [1,D] and [D].
TEST(TorchGallery, RefusesNamesAndShapesThatDoNotFit) {
  const std::string tensor_head =
      "ctorch._utils\n_rebuild_tensor_v2\n((\x8c\x07storagectorch\nFloatStorage\n\x8c\x01"
      "0\x8c\x03"
      "cpuK\x04tQK";
  const std::string zero(1, '\0');
  const std::string row = tensor_head + zero + "K\x04\x85K\x01\x85\x89}tR";
  const std::string square = tensor_head + zero + "K\x02K\x02\x86K\x02K\x01\x86\x89}tR";
  const std::string pair = tensor_head + zero + "K\x02\x85K\x01\x85\x89}tR";
  const auto gallery = [](const std::string& embeddings, const std::string& names) {
    const std::string pickle = "\x80\x02](](" + embeddings + "e](" + names + "ee.";
    return error_of(
        read_torch_gallery(write_zip({{"x/data.pkl", as_bytes(pickle)}, {"x/data/0", as_bytes("aaaabbbbccccdddd")}})));
  };
  const std::string name = "\x8c\x01n";
  EXPECT_EQ(gallery(row, name), "no error");
  EXPECT_EQ(gallery(row, "N"), "name 0 is None, expected a string");
  EXPECT_EQ(gallery(square, name), "embedding 0 has shape [2,2], expected [1,D] or [D]");
  EXPECT_EQ(gallery(row + pair, name + name), "embedding 1 has 2 values, the first has 4");
}

// 16 floats, "aaaa" to "pppp", as one tensor of `shape` with its strides, both pickled.
std::string stacked(const std::string& shape, const std::string& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((\x8c\x07storagectorch\nFloatStorage\n\x8c\x01"
         "0\x8c\x03"
         "cpuK\x04tQK" +
         std::string(1, '\0') + shape + strides + "\x89}tR";
}
Result<TorchGallery> read_two(const std::string& first, const std::string& rest) {
  const std::string pickle = "\x80\x02](" + first + rest + "e.";
  return read_torch_gallery(write_zip({{"x/data.pkl", as_bytes(pickle)}, {"x/data/0", as_bytes("aaaabbbbccccdddd")}}));
}
const std::string kTwoNames = "](\x8c\x01n\x8c\x01me";

TEST(TorchGallery, ReadsOneStackedTensor) {
  const auto flat = read_two(stacked("K\x02K\x02\x86", "K\x02K\x01\x86"), kTwoNames);
  ASSERT_TRUE(flat) << error_of(flat);
  EXPECT_EQ(flat->names, (Names{"n", "m"}));
  ASSERT_EQ(flat->embeddings.size(), 2U);
  EXPECT_EQ(flat->embeddings[1].size(), 2U);
  const auto deep = read_two(stacked("K\x02K\x01K\x02\x87", "K\x02K\x02K\x01\x87"), kTwoNames);
  ASSERT_TRUE(deep) << error_of(deep);
  EXPECT_EQ(deep->embeddings, flat->embeddings);
  EXPECT_EQ(error_of(read_two(stacked("K\x04\x85", "K\x01\x85"), kTwoNames)),
            "the tensor of embeddings has shape [4], expected [N,D], [N,1,D] or a list of tensors");
  EXPECT_EQ(error_of(read_two(stacked("K\x04K\x01\x86", "K\x01K\x01\x86"), kTwoNames)),
            "the gallery has 4 embeddings and 2 names");
}

TEST(TorchGallery, NamesTheElementThatDoesNotFit) {
  const std::string two = stacked("K\x02K\x02\x86", "K\x02K\x01\x86");
  EXPECT_EQ(error_of(read_two(two, kTwoNames + "]")),
            "the gallery is a list of 3, expected a list of two: embeddings and names; save it again as "
            "torch.save([embeddings, names], FILE)");
  EXPECT_EQ(error_of(read_two("N", kTwoNames)),
            "the gallery's first element is None, expected a list of tensors or one tensor [N,D]");
  EXPECT_EQ(error_of(read_two(kTwoNames, two)), "the gallery's second element is a tensor, expected a list of names");
  EXPECT_EQ(error_of(read_two(kTwoNames, kTwoNames)),
            "embedding 0 is a string, expected a tensor (the names come second)");
}

// One long name that is shared by many people.
TEST(TorchGallery, BoundsNames) {
  const std::string name = "X" + std::string("\x01\x04\0\0", 4) + std::string(1025, 'n');
  EXPECT_EQ(error_of(read_two(stacked("K\x01K\x04\x86", "K\x04K\x01\x86"), "](" + name + "e")),
            "name 0 has 1025 bytes, expected at most 1024");
}

bool reads_gallery(ByteView file) {
  return read_torch_gallery(file, {.max_tensor_values = 10'000}).has_value();
}

TEST(TorchGallery, SurvivesDamage) {
  for (const char* name : {"gallery_zip.pt", "gallery_legacy.pt"}) {
    const Bytes file = test_file(name);
    EXPECT_EQ(accepted_prefixes(file, reads_gallery), 0U) << name;
    read_with_changed_bytes(file, reads_gallery);
  }
}

}  // namespace
}  // namespace facepipe::weights
