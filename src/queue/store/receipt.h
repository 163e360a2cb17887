// Receipt handles: what names one receipt of one message, and cannot be made by anybody else.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::queue {

struct Receipt {
  std::int64_t queue_id = 0;
  std::int64_t message = 0;        // row id, never used again after the message is gone
  std::int64_t receive_count = 0;  // which receipt of the message
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// Handles are the three numbers and an HMAC-SHA256 over them (cut to 128 bits) with the store's own random key, in
// URL-safe base64. So a handle needs no row of its own, an old one is still told from a made-up one, and a handle says
// nothing about the message. Immutable: thread-safe.
class ReceiptSigner {
 public:
  explicit ReceiptSigner(Bytes key) : key_(std::move(key)) {}
  [[nodiscard]] std::string handle(const Receipt& receipt) const;
  // kReceiptHandleIsInvalid for anything that handle() did not make, or that was made for another queue.
  [[nodiscard]] Result<Receipt> parse(std::string_view handle, std::int64_t queue_id) const;

 private:
  Bytes key_;
};

}  // namespace facepipe::queue
