// Tested by receipt_test.cc
#include "queue/store/receipt.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hash.h"
#include "queue/queue_error.h"

namespace facepipe::queue {
namespace {

constexpr std::size_t kNumbers = 3;
constexpr std::size_t kPlainBytes = kNumbers * 8;
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kHandleBytes = kPlainBytes + kMacBytes;  // 40
constexpr std::size_t kHandleLength = 54;                      // in base64 without padding

void put(Bytes& bytes, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<std::byte>((bits >> shift) & 0xffU));
  }
}

std::int64_t get(ByteView bytes, std::size_t offset) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    bits |= std::to_integer<std::uint64_t>(bytes[offset + i]) << (8 * i);
  }
  return static_cast<std::int64_t>(bits);
}

Error invalid_handle() {
  return queue_error(QueueErrorKind::kReceiptHandleIsInvalid, "The input receipt handle is invalid.");
}

}  // namespace

std::string ReceiptSigner::handle(const Receipt& receipt) const {
  Bytes bytes;
  bytes.reserve(kHandleBytes);
  put(bytes, receipt.queue_id);
  put(bytes, receipt.message);
  put(bytes, receipt.receive_count);
  const Bytes mac = hmac_sha256(key_, bytes);
  for (std::size_t i = 0; i < kMacBytes; ++i) {
    bytes.push_back(mac[i]);
  }
  return base64url_encode(bytes);
}

Result<Receipt> ReceiptSigner::parse(std::string_view handle, std::int64_t queue_id) const {
  if (handle.size() != kHandleLength) {
    return invalid_handle();
  }
  const Result<Bytes> bytes = base64_decode(handle);
  if (!bytes || bytes->size() != kHandleBytes) {
    return invalid_handle();
  }
  const ByteView view(*bytes);
  const Bytes mac = hmac_sha256(key_, view.first(kPlainBytes));
  if (!equal_in_constant_time(ByteView(mac).first(kMacBytes), view.subspan(kPlainBytes))) {
    return invalid_handle();
  }
  const Receipt receipt{get(view, 0), get(view, 8), get(view, 16)};
  if (receipt.queue_id != queue_id) {
    return invalid_handle();
  }
  return receipt;
}

}  // namespace facepipe::queue
