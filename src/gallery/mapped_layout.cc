// Tested by mapped_gallery_test.cc.
#include "gallery/mapped_layout.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/hash.h"
#include "gallery/index/codes.h"
#include "gallery/index/index.h"
#include "gallery/person_id.h"

namespace facepipe::gallery {
namespace {

constexpr std::size_t kStart = 8 + 4 + 4 + 8;  // magic, version, length and XXH64 of the JSON

std::size_t whole_pages(std::size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

template <typename T>
T field_at(ByteView bytes, std::size_t offset) {
  T number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

std::uint64_t json_digest(std::string_view text) {
  Xxh64 hash;
  hash.update(as_bytes(text));
  return hash.digest();
}

Error invalid_start(std::string message) {
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

Result<std::size_t> read_count(const JsonValue& value, std::size_t most) {
  FACEPIPE_ASSIGN(const std::int64_t count, value.integer(0, static_cast<std::int64_t>(most)));
  return static_cast<std::size_t>(count);
}

Result<MappedHeader> read_header_json(std::string_view text) {
  FACEPIPE_ASSIGN(const JsonDocument json,
                  JsonDocument::parse_object(text, {.context = "header", .max_bytes = kMaxMappedHeader}));
  MappedHeader header;
  FACEPIPE_ASSIGN(header.settings, read_settings(json));
  const JsonValue base = json["base"];
  const auto id = parse_person_id(base.as_string().value_or(""));
  if (!id) {
    return base.must_be("16 lower-case hexadecimal characters");
  }
  header.base_id = static_cast<std::uint64_t>(*id);
  constexpr std::size_t kMostRows = 0x7FFF'FFFF;
  FACEPIPE_ASSIGN(header.people, read_count(json["people"], kMostRows));
  FACEPIPE_ASSIGN(header.name_bytes, read_count(json["name_bytes"], 0xFFFF'FFFF));
  FACEPIPE_ASSIGN(header.embeddings, read_count(json["embeddings"], kMostRows));
  return header;
}

}  // namespace

std::size_t blocks_of(const MappedHeader& header) {
  return (header.embeddings + kBlockRows - 1) / kBlockRows;
}

MappedLayout layout_of(const MappedHeader& header, std::size_t header_bytes) {
  const auto width = static_cast<std::size_t>(header.settings.origin.embedding_size);
  MappedLayout layout;
  std::size_t at = header_bytes;
  const auto place = [&at](std::size_t& offset, std::size_t bytes) {
    offset = at;
    at += whole_pages(bytes);
  };
  place(layout.ids, header.people * sizeof(std::uint64_t));
  place(layout.name_ends, header.people * sizeof(std::uint32_t));
  place(layout.names, header.name_bytes);
  place(layout.owners, header.embeddings * sizeof(std::uint32_t));
  place(layout.terms, blocks_of(header) * sizeof(BlockTerms));
  place(layout.coarse, blocks_of(header) * coarse_words(width) * kBlockRows * sizeof(std::uint32_t));
  place(layout.fine_errors, header.embeddings * sizeof(float));
  place(layout.fine, header.embeddings * fine_bytes(width));
  place(layout.values, header.embeddings * width * sizeof(float));
  place(layout.person_checks, header.people * sizeof(std::uint32_t));
  place(layout.row_checks, header.embeddings * sizeof(std::uint32_t));
  layout.journal = at;
  return layout;
}

Bytes encode_header(const MappedHeader& header) {
  JsonWriter writer;
  writer.begin_object();
  write_settings(writer, header.settings);
  writer.key("base").string(to_hex(header.base_id));
  writer.key("people").integer(static_cast<std::int64_t>(header.people));
  writer.key("name_bytes").integer(static_cast<std::int64_t>(header.name_bytes));
  writer.key("embeddings").integer(static_cast<std::int64_t>(header.embeddings));
  writer.end_object();
  const std::string json = std::move(writer).text();
  const auto length = static_cast<std::uint32_t>(json.size());
  const std::uint64_t digest = json_digest(json);
  Bytes page(whole_pages(kStart + json.size()));
  std::memcpy(page.data(), kGalleryMagic.data(), kGalleryMagic.size());
  std::memcpy(page.data() + 8, &kMappedVersion, sizeof kMappedVersion);
  std::memcpy(page.data() + 12, &length, sizeof length);
  std::memcpy(page.data() + 16, &digest, sizeof digest);
  std::memcpy(page.data() + kStart, json.data(), json.size());
  return page;
}

std::optional<std::uint32_t> version_in(ByteView start) {
  if (start.size() < 12 || as_text(start.first(kGalleryMagic.size())) != kGalleryMagic) {
    return std::nullopt;
  }
  return field_at<std::uint32_t>(start, 8);
}

Result<ReadHeader> decode_header(ByteView start, std::size_t file_size) {
  const auto version = version_in(start);
  if (!version) {
    return invalid_start("not a facepipe gallery: other first bytes");
  }
  if (*version != kMappedVersion) {
    return Error{ErrorCode::kUnsupported, "gallery format version " + std::to_string(*version) + "; expected version " +
                                              std::to_string(kMappedVersion)};
  }
  const std::size_t length = start.size() < kStart ? file_size : field_at<std::uint32_t>(start, 12);
  if (length > std::min(start.size(), kMaxMappedHeader) - std::min(kStart, start.size())) {
    return invalid_start("cut short: a header of " + std::to_string(length) + " bytes in a file of " +
                         std::to_string(file_size));
  }
  const std::string_view json = as_text(start.subspan(kStart, length));
  if (json_digest(json) != field_at<std::uint64_t>(start, 16)) {
    return invalid_start("damaged: the header's XXH64 is not the one it states");
  }
  ReadHeader read;
  FACEPIPE_ASSIGN(read.header, read_header_json(json));
  read.layout = layout_of(read.header, whole_pages(kStart + length));
  if (read.layout.journal > file_size) {
    return invalid_start("cut short: tables of " + std::to_string(read.layout.journal) + " bytes in a file of " +
                         std::to_string(file_size));
  }
  return read;
}

std::uint32_t check_of(std::uint64_t number, ByteView content) {
  Xxh64 hash;
  hash.update(std::as_bytes(std::span(&number, 1)));
  hash.update(content);
  return std::max(static_cast<std::uint32_t>(hash.digest()), std::uint32_t{1});
}

}  // namespace facepipe::gallery
