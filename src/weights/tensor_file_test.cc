#include "weights/tensor_file.h"

#include <gtest/gtest.h>

#include <string>

#include "weights/byte_writer.h"
#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

Bytes file_of(std::string_view header, std::size_t data_bytes = 8) {
  ByteWriter out;
  out.u64(header.size()).text(header).zeros(data_bytes);
  return std::move(out).take();
}

std::string header_error(std::string_view header, std::size_t data_bytes = 8, const ReadLimits& limits = {}) {
  return error_of(read_tensor_file(file_of(header, data_bytes), limits));
}

TensorFile example() {
  TensorFile file;
  file.metadata = {{"licence", "MIT"}, {"\"quoted\"", "J\xC3\xBCrgen\n"}};
  file.tensors["b"] = {{2, 1}, {1.0F, -2.0F}};
  file.tensors["a.weight"] = {{}, {0.5F}};
  file.tensors["empty"] = {{0, 3}, {}};
  return file;
}

TEST(TensorFile, WritesSafetensors) {
  TensorFile file;
  file.metadata = {{"k", "v"}};
  file.tensors["t"] = {{2}, {1.0F, -2.0F}};
  const Bytes bytes = write_tensor_file(file);
  const std::string header = R"({"__metadata__":{"k":"v"},"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  ASSERT_EQ(header.size(), 79U);
  EXPECT_EQ(as_text(bytes), std::string("\x78\0\0\0\0\0\0\0", 8) + header + std::string(41, ' ') +
                                std::string("\0\0\x80\x3F\0\0\0\xC0", 8))
      << "the data begin at byte 128";
}

TEST(TensorFile, ShowsWhereTheValuesLie) {
  const Bytes bytes = write_tensor_file(example());
  const auto view = view_tensor_file(bytes);
  ASSERT_TRUE(view) << error_of(view);
  EXPECT_EQ(view->metadata, example().metadata);
  ASSERT_EQ(view->tensors.size(), 3U);
  const TensorBytes& tensor = view->tensors.at("b");
  EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(tensor.values.data() + tensor.values.size(), bytes.data() + bytes.size());
  EXPECT_EQ(to_bytes(tensor.values), to_bytes(std::as_bytes(std::span(example().tensors.at("b").values))));
}

TEST(TensorFile, ReadsWhatItWrites) {
  const auto read = read_tensor_file(write_tensor_file(example()));
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_EQ(read->metadata, example().metadata);
  ASSERT_EQ(read->tensors.size(), 3U);
  EXPECT_EQ(read->tensors.at("b").shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(read->tensors.at("b").values, (std::vector<float>{1.0F, -2.0F}));
  EXPECT_TRUE(read->tensors.at("a.weight").shape.empty());
  EXPECT_TRUE(read->tensors.at("empty").values.empty());
  EXPECT_EQ(write_tensor_file(*read), write_tensor_file(example()));
}

TEST(TensorFile, ReadsAnEmptyFile) {
  const auto read = read_tensor_file(write_tensor_file({}));
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_TRUE(read->tensors.empty());
}

TEST(TensorFile, RefusesMisplacedData) {
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"), "no error");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12),
            "tensor file: entry 't' begins at byte 4 of the data, expected 0");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9),
            "tensor file: the data has 9 bytes, the entries need 8");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4),
            "tensor file: the data has 4 bytes, the entries need 8");
  EXPECT_EQ(header_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                         R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"),
            "tensor file: entry 'b' begins at byte 4 of the data, expected 8");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})"),
            "tensor file: entry 't' has 8 bytes, its shape needs 12");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})"),
            "tensor file: entry 't': 'data_offsets' is not [begin, end]");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})"),
            "tensor file: the size of entry 't' overflows 64 bits");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}})"),
            "tensor file: the data has 8 bytes, the entries need 4000000000");
}

TEST(TensorFile, RefusesOtherHeaders) {
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}})"),
            "tensor file: entry 't' has type 'F16', expected 'F32'");
  EXPECT_EQ(header_error(R"({"t":{"shape":[2],"data_offsets":[0,8]}})"), "tensor file: entry 't': 'dtype' is missing");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})"),
            "tensor file: entry 't': 'shape' holds something that is not a count");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","data_offsets":[0,8]}})"),
            "tensor file: entry 't': 'shape' is not an array of at most 16 numbers");
  EXPECT_EQ(header_error(R"({"t":3})"), "tensor file: entry 't' is not a JSON object");
  EXPECT_EQ(header_error("[]"), "tensor file: the header is not a JSON object");
  EXPECT_EQ(header_error("{").substr(0, 35), "tensor file: the header is not JSON");
  EXPECT_EQ(header_error(R"({"__metadata__":{"a":1}})", 0), "tensor file: metadata 'a' is not a string");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                         R"("t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                         0),
            "tensor file: entry 't' is there twice");
  EXPECT_EQ(error_of(read_tensor_file(as_bytes("abc"))), "tensor file: the header is cut short");
  EXPECT_EQ(error_of(read_tensor_file(as_bytes("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}"))),
            "tensor file: the header is cut short");
}

TEST(TensorFile, KeepsToTheLimits) {
  constexpr std::string_view kHeader = R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  EXPECT_EQ(header_error(kHeader, 8, {.max_tensor_values = 1}), "tensor file: more than 1 values");
  EXPECT_EQ(header_error(kHeader, 8, {.max_entries = 0}), "tensor file: more than 0 tensors");
  EXPECT_EQ(header_error(kHeader, 8, {.max_file_bytes = 10}), "a weights file of 70 bytes, at most 10 are read");
  EXPECT_EQ(header_error(R"({"__metadata__":{"a":"","b":""}})", 0, {.max_entries = 1}),
            "tensor file: more than 1 metadata");
}

TEST(TensorFile, SurvivesDamage) {
  const auto reads = [](ByteView file) { return read_tensor_file(file).has_value(); };
  const Bytes file = write_tensor_file(example());
  EXPECT_EQ(accepted_prefixes(file, reads), 0U);
  read_with_changed_bytes(file, reads);
}

}  // namespace
}  // namespace facepipe::weights
