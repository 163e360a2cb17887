// The fixed part of a gallery file whose bulk is mapped: its header, and where its tables lie. docs/formats/gallery.md
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "gallery/settings.h"

namespace facepipe::gallery {

inline constexpr std::string_view kGalleryMagic = "FPGALL\r\n";  // the line break shows a transfer in text mode
inline constexpr std::uint32_t kMappedVersion = 3;
inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kMaxMappedHeader = std::size_t{1} << 20U;

struct MappedHeader {
  Settings settings;
  std::uint64_t base_id = 0;  // drawn anew at each writing of the tables
  std::size_t people = 0;
  std::size_t name_bytes = 0;
  std::size_t embeddings = 0;
};

// Offsets of the tables, each at a page's start; `journal` is where the last ends. Those before terms are read into
// memory, the others mapped.
struct MappedLayout {
  std::size_t ids = 0;            // u64[people]
  std::size_t name_ends = 0;      // u32[people]
  std::size_t names = 0;          // name_bytes
  std::size_t owners = 0;         // u32[embeddings]
  std::size_t terms = 0;          // BlockTerms[blocks]
  std::size_t coarse = 0;         // u32[blocks, coarse_words, kBlockRows]
  std::size_t fine_errors = 0;    // f32[embeddings]
  std::size_t fine = 0;           // u8[embeddings, fine_bytes]
  std::size_t values = 0;         // f32[embeddings, embedding_size]
  std::size_t person_checks = 0;  // u32[people]
  std::size_t row_checks = 0;     // u32[embeddings]
  std::size_t journal = 0;
};

[[nodiscard]] std::size_t blocks_of(const MappedHeader& header);
// `header_bytes`: how many encode_header gives.
[[nodiscard]] MappedLayout layout_of(const MappedHeader& header, std::size_t header_bytes);

// Whole pages.
[[nodiscard]] Bytes encode_header(const MappedHeader& header);
struct ReadHeader {
  MappedHeader header;
  MappedLayout layout;
};
// `start`: the file's first bytes, all of them or kMaxMappedHeader. kInvalidData, kUnsupported for another version.
// That the tables lie within `file_size` is checked.
[[nodiscard]] Result<ReadHeader> decode_header(ByteView start, std::size_t file_size);

// The version that a gallery file states; nothing for what is no gallery.
[[nodiscard]] std::optional<std::uint32_t> version_in(ByteView start);

// Who or what a table's entry is, 32 bits and never 0, which is an entry that nothing is known of any more.
[[nodiscard]] std::uint32_t check_of(std::uint64_t number, ByteView content);

}  // namespace facepipe::gallery
