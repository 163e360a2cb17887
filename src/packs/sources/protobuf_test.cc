#include "packs/sources/protobuf.h"

#include <gtest/gtest.h>

#include <string>

namespace facepipe::weights {
namespace {

using namespace std::string_literals;
using Kind = ProtoField::Kind;

std::string proto_error(const std::string& message) {
  ProtoReader reader(as_bytes(message));
  while (reader.next()) {
  }
  return reader.error() ? reader.error()->message : "";
}

TEST(ProtoReader, ReadsFieldsOfAllKindsInOrder) {
  const std::string message = "\x08\xAC\x02"s + "\x12\x03"s + "abc" + "\x1D\0\0\x80\x3F"s + "\x21\1\0\0\0\0\0\0\0"s;
  ProtoReader reader(as_bytes(message));
  const auto number = reader.next();
  ASSERT_TRUE(number);
  EXPECT_EQ(number->number, 1U);
  EXPECT_EQ(number->kind, Kind::kVarint);
  EXPECT_EQ(number->value, 300U);
  const auto text = reader.next();
  ASSERT_TRUE(text);
  EXPECT_EQ(text->kind, Kind::kBytes);
  EXPECT_EQ(text->text(), "abc");
  const auto real = reader.next();
  ASSERT_TRUE(real);
  EXPECT_EQ(real->kind, Kind::kFixed32);
  EXPECT_EQ(real->as_float(), 1.0F);
  const auto large = reader.next();
  ASSERT_TRUE(large);
  EXPECT_EQ(large->kind, Kind::kFixed64);
  EXPECT_EQ(large->value, 1U);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.error());
}

TEST(ProtoReader, ReadsPackedNumbersAndNegativeOnes) {
  const std::string packed = "\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s;
  ProtoReader reader(as_bytes(packed));
  EXPECT_EQ(reader.varint(), 1U);
  EXPECT_EQ(static_cast<std::int64_t>(reader.varint().value_or(0)), -1);
  EXPECT_FALSE(reader.varint());
  EXPECT_FALSE(reader.error());
}

TEST(ProtoReader, SaysWhatIsCutShort) {
  EXPECT_EQ(proto_error("\x12\x05"s + "abc"), "protocol buffers: a field is cut short at byte 2 of a message of 5");
  EXPECT_NE(proto_error("\x08"s), "");
  EXPECT_NE(proto_error("\x08\x80"s), "");
  EXPECT_NE(proto_error("\x1D\0\0"s), "");
  EXPECT_NE(proto_error("\x12"s), "");
  EXPECT_NE(proto_error("\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s), "") << "a length past 63 bits";
  EXPECT_NE(proto_error("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s), "") << "11 bytes of a number";
  EXPECT_NE(proto_error("\x00\x01"s), "") << "field 0";
  EXPECT_NE(proto_error("\x0B\x0C"s), "") << "a group";
}

}  // namespace
}  // namespace facepipe::weights
