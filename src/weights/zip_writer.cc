// Tested by zip_test.cc.
#include "weights/zip_writer.h"

#include <cstdint>
#include <limits>

#include "base/check.h"
#include "weights/byte_writer.h"
#include "weights/zip.h"
#include "weights/zip_unpack.h"

namespace facepipe::weights {
namespace {

constexpr std::size_t kDataAlignment = 64;

// The fields that a local and a central header share, from "version needed" to the length of the name.
void write_common_fields(ByteWriter& out, const ZipSource& entry, std::uint32_t crc) {
  constexpr std::uint16_t kVersion20 = 20;
  constexpr std::uint16_t kUtf8Names = 0x0800;
  constexpr std::uint16_t kFirstOfJanuary1980 = 0x0021;
  out.u16(kVersion20).u16(kUtf8Names).u16(0).u16(0).u16(kFirstOfJanuary1980).u32(crc);
  const auto size = static_cast<std::uint32_t>(entry.data.size());
  out.u32(size).u32(size).u16(static_cast<std::uint16_t>(entry.name.size()));
}

}  // namespace

Bytes write_zip(const std::vector<ZipSource>& entries) {
  FACEPIPE_CHECK(entries.size() <= std::numeric_limits<std::uint16_t>::max());
  constexpr std::uint16_t kPaddingExtra = 0x4246;  // "FB": the extra field that torch pads with
  ByteWriter out;
  ByteWriter central;
  std::size_t data_bytes = 0;
  for (const ZipSource& entry : entries) {
    data_bytes += entry.data.size() + 2 * (entry.name.size() + kDataAlignment + kCentralBytes);
  }
  out.reserve(data_bytes);
  for (const ZipSource& entry : entries) {
    FACEPIPE_CHECK(entry.data.size() <= std::numeric_limits<std::uint32_t>::max());
    const std::uint32_t crc = crc32_of(entry.data);
    const std::size_t local_offset = out.size();
    const std::size_t unpadded = local_offset + 30 + entry.name.size() + 4;
    const std::size_t padding = (kDataAlignment - unpadded % kDataAlignment) % kDataAlignment;
    write_common_fields(out.u32(kLocalSignature), entry, crc);
    out.u16(static_cast<std::uint16_t>(padding + 4)).text(entry.name);
    out.u16(kPaddingExtra).u16(static_cast<std::uint16_t>(padding)).zeros(padding).bytes(entry.data);
    FACEPIPE_CHECK(out.size() <= std::numeric_limits<std::uint32_t>::max());
    write_common_fields(central.u32(kCentralSignature).u16(20), entry, crc);
    central.u16(0).u16(0).u16(0).u16(0).u32(0);  // no extra field, no comment; disk, attributes
    central.u32(static_cast<std::uint32_t>(local_offset)).text(entry.name);
  }
  const std::size_t central_offset = out.size();
  FACEPIPE_CHECK(central.size() <= std::numeric_limits<std::uint32_t>::max());
  const auto count = static_cast<std::uint16_t>(entries.size());
  const auto central_bytes = static_cast<std::uint32_t>(central.size());
  out.bytes(std::move(central).take());
  out.u32(kEndSignature).u16(0).u16(0).u16(count).u16(count);
  out.u32(central_bytes).u32(static_cast<std::uint32_t>(central_offset)).u16(0);
  return std::move(out).take();
}

}  // namespace facepipe::weights
