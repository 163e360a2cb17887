#include "base/seal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"

namespace facepipe {
namespace {

class SealTest : public testing::Test {
 protected:
  SealTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SealTest() override { std::filesystem::remove_all(folder_); }

  SealingKey new_key(const std::string& name) {
    EXPECT_TRUE(SealingKey::make_file(folder_ / name));
    const auto key = SealingKey::from_file(folder_ / name);
    EXPECT_TRUE(key) << key.error().message;
    return *key;
  }
  // A file of this text that only its owner may read.
  std::filesystem::path private_file(const std::string& text) {
    EXPECT_TRUE(write_file_atomically(folder_ / "file", as_bytes(text), true));
    return folder_ / "file";
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("seal-" + std::to_string(::getpid()));
};

TEST_F(SealTest, OpensWhatItSealed) {
  const SealingKey key = new_key("key");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{100'000}}) {
    const Bytes plain(size, std::byte{7});
    const Bytes sealed = key.seal(plain, "gallery");
    EXPECT_EQ(sealed.size(), size + kSealOverhead);
    EXPECT_TRUE(is_sealed(sealed));
    const auto opened = key.open(sealed, "gallery");
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*opened, plain);
  }
}

TEST_F(SealTest, ShowsNothingOfThePlainTextAndNeverRepeats) {
  const SealingKey key = new_key("key");
  const std::string plain = "the name of a person";
  const Bytes first = key.seal(as_bytes(plain), "gallery");
  EXPECT_EQ(as_text(first).find("person"), std::string_view::npos);
  EXPECT_NE(first, key.seal(as_bytes(plain), "gallery"));
}

TEST_F(SealTest, EveryChangedByteIsNoticed) {
  const SealingKey key = new_key("key");
  const Bytes sealed = key.seal(as_bytes("abc"), "gallery");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(key.open(changed, "gallery")) << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(key.open(ByteView(sealed).first(size), "gallery")) << size;
  }
}

TEST_F(SealTest, AnotherKeyOrContextIsRefused) {
  const SealingKey key = new_key("key");
  const Bytes sealed = key.seal(as_bytes("abc"), "message 1");
  const auto other_key = new_key("other").open(sealed, "message 1");
  ASSERT_FALSE(other_key);
  EXPECT_EQ(other_key.error().code, ErrorCode::kMismatch);
  const auto other_context = key.open(sealed, "message 2");
  ASSERT_FALSE(other_context);
  EXPECT_EQ(other_context.error().code, ErrorCode::kInvalidData);
  // The same key read again opens it.
  EXPECT_TRUE(SealingKey::from_file(folder_ / "key")->open(sealed, "message 1"));
}

TEST_F(SealTest, AKeyIsNeverOverwritten) {
  new_key("key");
  const Status again = SealingKey::make_file(folder_ / "key");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(SealTest, RefusesWhatIsNoKey) {
  const std::string key(43, 'A');
  EXPECT_TRUE(SealingKey::from_file(private_file("facepipe-key-1 " + key + "=\n")));
  for (const std::string& text : {std::string(), std::string("facepipe-key-1 \n"), "facepipe-key-2 " + key + "=\n",
                                  "facepipe-key-1 " + key + "AAAA\n", std::string("facepipe-key-1 !!!!\n")}) {
    const auto refused = SealingKey::from_file(private_file(text));
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(refused.error().message.find(key), std::string::npos);
  }
  EXPECT_EQ(SealingKey::from_file(folder_ / "none").error().code, ErrorCode::kNotFound);
}

TEST_F(SealTest, RefusesAKeyThatOthersMayRead) {
  new_key("key");
  std::filesystem::permissions(folder_ / "key", std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  const auto refused = SealingKey::from_file(folder_ / "key");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
}

}  // namespace
}  // namespace facepipe
