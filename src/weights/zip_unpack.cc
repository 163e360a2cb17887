// Tested by zip_unpack_test.cc.
#include "weights/zip_unpack.h"

#define ZLIB_CONST
#include <zlib.h>

#include <limits>

#include "base/hex.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

// True if `in` is one whole raw deflate stream of exactly out.size() bytes.
bool inflate_into(ByteView in, Bytes& out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return false;
  }
  // One byte more than is expected, so that a stream of zero bytes has room, too, and a longer one shows.
  out.resize(out.size() + 1);
  stream.next_in = reinterpret_cast<const Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = inflate(&stream, Z_FINISH);
  const bool whole = ended == Z_STREAM_END && stream.avail_out == 1 && stream.avail_in == 0;
  inflateEnd(&stream);
  out.pop_back();
  return whole;
}

}  // namespace

std::uint32_t crc32_of(ByteView bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Result<ByteView> ZipUnpacker::inflate_entry(const ZipEntry& entry) {
  constexpr std::uint64_t kMaxStreamBytes = std::numeric_limits<uInt>::max() - 1;  // zlib counts in it
  if (entry.full_size > bytes_left_ || entry.full_size > kMaxStreamBytes || entry.data.size() > kMaxStreamBytes) {
    return too_large("zip entry " + quote(entry.name) + " would be inflated to " + std::to_string(entry.full_size) +
                     " bytes, expected at most " + std::to_string(bytes_left_) + " of an archive of this size");
  }
  auto bytes = std::make_unique<Bytes>(static_cast<std::size_t>(entry.full_size));
  if (!inflate_into(entry.data, *bytes)) {
    return invalid_data("zip entry " + quote(entry.name) + " is damaged: its " + std::to_string(entry.data.size()) +
                        " deflated bytes are not " + std::to_string(entry.full_size) + " bytes");
  }
  bytes_left_ -= bytes->size();
  inflated_.push_back(std::move(bytes));
  return ByteView(*inflated_.back());
}

Result<ByteView> ZipUnpacker::unpack(const ZipEntry& entry) {
  if (entry.method != kStored && entry.method != kDeflated) {
    return unsupported("zip entry " + quote(entry.name) + " is compressed by method " + std::to_string(entry.method) +
                       ", expected it stored or deflated");
  }
  ByteView bytes = entry.data;
  if (entry.method == kDeflated) {
    FACEPIPE_ASSIGN(bytes, inflate_entry(entry));
  }
  if (entry.crc32) {
    if (const std::uint32_t found = crc32_of(bytes); found != *entry.crc32) {
      return invalid_data("zip entry " + quote(entry.name) + " is damaged: its CRC-32 is " + hex_number(found, 8) +
                          ", expected " + hex_number(*entry.crc32, 8));
    }
  }
  return bytes;
}

}  // namespace facepipe::weights
