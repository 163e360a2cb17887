#include "queue/store/receipt.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"

namespace facepipe::queue {
namespace {

const Bytes kKey(32, std::byte{7});

TEST(Receipt, RoundTrip) {
  const ReceiptSigner signer(kKey);
  const Receipt receipt{3, (std::int64_t{1} << 40) + 5, 2};
  const std::string handle = signer.handle(receipt);
  EXPECT_EQ(handle.size(), 54U);
  EXPECT_EQ(handle.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  const auto parsed = signer.parse(handle, 3);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, receipt);
}

TEST(Receipt, EachReceiptHasAHandleOfItsOwn) {
  const ReceiptSigner signer(kKey);
  EXPECT_NE(signer.handle({1, 1, 1}), signer.handle({1, 1, 2}));
}

TEST(Receipt, ChangedHandlesAreInvalid) {
  const ReceiptSigner signer(kKey);
  const std::string handle = signer.handle({1, 2, 3});
  for (std::size_t i = 0; i + 1 < handle.size(); ++i) {  // the last character has bits that mean nothing
    std::string changed = handle;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto parsed = signer.parse(changed, 1);
    ASSERT_FALSE(parsed) << i;
    EXPECT_EQ(queue_error_kind(parsed.error()), QueueErrorKind::kReceiptHandleIsInvalid);
  }
}

TEST(Receipt, ForeignAndMalformedHandlesAreInvalid) {
  const ReceiptSigner signer(kKey);
  const ReceiptSigner other(Bytes(32, std::byte{8}));
  EXPECT_FALSE(signer.parse(other.handle({1, 2, 3}), 1));
  EXPECT_FALSE(signer.parse(signer.handle({1, 2, 3}), 2)) << "a handle of another queue";
  EXPECT_FALSE(signer.parse("", 1));
  EXPECT_FALSE(signer.parse("x", 1));
  EXPECT_FALSE(signer.parse(std::string(54, '\0'), 1));
  EXPECT_FALSE(signer.parse(std::string(54, 'A'), 0));
  EXPECT_FALSE(signer.parse(std::string(100'000, 'A'), 0));
}

}  // namespace
}  // namespace facepipe::queue
