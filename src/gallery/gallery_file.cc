// The gallery's file format, docs/formats/gallery.md. Little-endian. Tested by gallery_file_test.cc.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "base/base64.h"
#include "base/hash.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "gallery/gallery.h"
#include "gallery/mapped_layout.h"
#include "gallery/person_id.h"
#include "gallery/settings.h"
#include "gallery/whole_file.h"

namespace facepipe::gallery {
namespace {

static_assert(std::endian::native == std::endian::little, "the file's numbers are copied as they lie in memory");

constexpr std::string_view kMagic = kGalleryMagic;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kVersionWithoutIds = 1;
constexpr std::size_t kDigestBytes = 64;  // hexadecimal SHA-256 of all that follows it
constexpr std::size_t kPreambleBytes = 8 + sizeof(std::uint32_t) + kDigestBytes + sizeof(std::uint32_t);

// A whole, undamaged file.
struct Parts {
  std::uint32_t version = 0;
  std::string_view digest;  // hexadecimal
  std::string_view header;
  ByteView table;
};

// What the JSON header says.
struct Header {
  struct Named {
    PersonId id;
    std::string name;
  };
  struct Rejected {
    PersonId person;
    std::vector<float> embedding;
  };
  Settings settings;
  std::vector<Named> people;
  std::vector<Rejected> rejected;
  std::size_t embeddings = 0;
};

Error invalid_file(std::string message) {
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

// Fills a file of known size from front to back.
class FileFiller {
 public:
  explicit FileFiller(std::size_t size) : file_(size) {}
  template <typename T>
  void put(std::span<const T> values) {
    std::memcpy(file_.data() + at_, values.data(), values.size_bytes());
    at_ += values.size_bytes();
  }
  void put_number(std::uint32_t number) { put(std::span<const std::uint32_t>(&number, 1)); }
  void skip(std::size_t bytes) { at_ += bytes; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] Bytes take() && { return std::move(file_); }

 private:
  Bytes file_;
  std::size_t at_ = 0;
};

std::uint32_t number_at(ByteView bytes, std::size_t offset) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

// The file has people in the order of their first embedding, which is another than that of their enrolment where that
// embedding was removed.
class FileOrder {
 public:
  explicit FileOrder(const Gallery& gallery) : places_(gallery.people().size(), kNone) {
    for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
      if (std::uint32_t& place = places_[gallery.owner(row)]; place == kNone) {
        place = static_cast<std::uint32_t>(people_.size());
        people_.push_back(gallery.owner(row));
      }
    }
  }
  // Indices into Gallery::people().
  [[nodiscard]] std::span<const std::size_t> people() const { return people_; }
  // Where in people() such an index is.
  [[nodiscard]] std::uint32_t place(std::size_t person) const { return places_[person]; }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::size_t> people_;
  std::vector<std::uint32_t> places_;
};

// Left out where there is none: files of galleries without stay what they were.
void write_rejected(JsonWriter& json, const Gallery& gallery, const FileOrder& order) {
  bool any = false;
  for (const std::size_t index : order.people()) {
    const Person& person = gallery.people()[index];
    for (const std::vector<float>& embedding : gallery.rejected(person.id)) {
      if (!any) {
        json.key("rejected").begin_array();
        any = true;
      }
      json.begin_object().key("person").string(to_string(person.id));
      json.key("embedding").base64(std::as_bytes(std::span(embedding)));
      json.end_object();
    }
  }
  if (any) {
    json.end_array();
  }
}

std::string header_json(const Gallery& gallery, const FileOrder& order) {
  JsonWriter json;
  json.begin_object();
  write_settings(json, settings_of(gallery));
  json.key("people").begin_array();
  for (const std::size_t index : order.people()) {
    const Person& person = gallery.people()[index];
    json.begin_object().key("id").string(to_string(person.id)).key("name").string(person.name).end_object();
  }
  json.end_array();
  write_rejected(json, gallery, order);
  json.key("embeddings").integer(static_cast<std::int64_t>(gallery.embedding_count()));
  json.end_object();
  return std::move(json).text();
}

Result<Header::Named> read_person(const JsonValue& person, const Parts& file) {
  if (file.version == kVersionWithoutIds) {
    FACEPIPE_ASSIGN(const auto name, person.string());
    return Header::Named{derived_person_id(file.digest, name), std::string(name)};
  }
  FACEPIPE_TRY(person.check_object());
  const JsonValue id_value = person["id"];
  const auto id = parse_person_id(id_value.as_string().value_or(""));
  if (!id) {
    return id_value.must_be("16 lower-case hexadecimal characters");
  }
  FACEPIPE_ASSIGN(const auto name, person["name"].string());
  return Header::Named{*id, std::string(name)};
}

Result<Header::Rejected> read_rejected(const JsonValue& value, const GalleryOrigin& origin) {
  FACEPIPE_TRY(value.check_object());
  const JsonValue person = value["person"];
  const auto id = parse_person_id(person.as_string().value_or(""));
  if (!id) {
    return person.must_be("16 lower-case hexadecimal characters");
  }
  const auto size = static_cast<std::size_t>(origin.embedding_size);
  const JsonValue text = value["embedding"];
  const auto bytes = base64_decode(text.as_string().value_or(""));
  if (!bytes || bytes->size() != size * sizeof(float)) {
    return text.must_be("the base64 of " + std::to_string(size) + " float32 values");
  }
  Header::Rejected rejected{*id, std::vector<float>(size)};
  std::memcpy(rejected.embedding.data(), bytes->data(), bytes->size());
  return rejected;
}

std::size_t bytes_per_row(const GalleryOrigin& origin) {
  return sizeof(std::uint32_t) + static_cast<std::size_t>(origin.embedding_size) * sizeof(float);
}

Result<Header> read_header(const Parts& file) {
  FACEPIPE_ASSIGN(const JsonDocument json,
                  JsonDocument::parse_object(file.header, {.context = "header", .max_bytes = kMaxGalleryBytes}));
  Header header;
  FACEPIPE_ASSIGN(header.settings, read_settings(json));
  FACEPIPE_ASSIGN(const std::int64_t embeddings, json["embeddings"].integer(0, std::int64_t{kMaxGalleryBytes}));
  header.embeddings = static_cast<std::size_t>(embeddings);
  const std::size_t max_people =
      file.table.size() / bytes_per_row(header.settings.origin);  // each has an embedding there
  FACEPIPE_TRY(json["people"].each_item([&](const JsonValue& person) -> Status {
    FACEPIPE_ASSIGN(Header::Named named, read_person(person, file));
    if (header.people.size() >= max_people) {
      return invalid_file("the header names people without an embedding");
    }
    header.people.push_back(std::move(named));
    return {};
  }));
  if (const JsonValue rejected = json["rejected"]; rejected) {
    FACEPIPE_TRY(rejected.each_item([&](const JsonValue& item) -> Status {
      FACEPIPE_ASSIGN(Header::Rejected one, read_rejected(item, header.settings.origin));
      header.rejected.push_back(std::move(one));
      return {};
    }));
  }
  return header;
}

Result<Parts> parts_of(ByteView bytes) {
  if (bytes.size() < kMagic.size() || as_text(bytes.first(kMagic.size())) != kMagic) {
    return invalid_file("not a facepipe gallery: other first bytes");
  }
  if (bytes.size() < kPreambleBytes) {
    return invalid_file("cut short: " + std::to_string(bytes.size()) + " bytes");
  }
  const std::uint32_t version = number_at(bytes, kMagic.size());
  if (version != kVersion && version != kVersionWithoutIds) {
    return Error{ErrorCode::kUnsupported, "gallery format version " + std::to_string(version) +
                                              "; this program reads versions 1 to " + std::to_string(kMappedVersion)};
  }
  const std::size_t digest_at = kMagic.size() + sizeof(std::uint32_t);
  const std::size_t digest_end = digest_at + kDigestBytes;
  const std::size_t header_bytes = number_at(bytes, digest_end);
  if (header_bytes > bytes.size() - kPreambleBytes) {
    return invalid_file("cut short: a header of " + std::to_string(header_bytes) + " bytes in a file of " +
                        std::to_string(bytes.size()));
  }
  const std::string_view digest = as_text(bytes.subspan(digest_at, kDigestBytes));
  return Parts{version, digest, as_text(bytes.subspan(kPreambleBytes, header_bytes)),
               bytes.subspan(kPreambleBytes + header_bytes)};
}

// `table` = owners u32[N], then rows f32[N, D].
Status read_rows(ByteView table, const Header& header, Gallery& gallery) {
  const auto size = static_cast<std::size_t>(header.settings.origin.embedding_size);
  const std::size_t row_bytes = bytes_per_row(header.settings.origin);
  if (header.embeddings != table.size() / row_bytes || table.size() % row_bytes != 0) {
    return invalid_file("expected " + std::to_string(header.embeddings) + " embeddings of " + std::to_string(size) +
                        " values, found " + std::to_string(table.size()) + " bytes");
  }
  const std::size_t count = table.size() / row_bytes;
  const ByteView rows = table.subspan(count * sizeof(std::uint32_t));
  gallery.reserve(header.people.size(), count);
  std::vector<float> row(size);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t owner = number_at(table, i * sizeof(std::uint32_t));
    const std::size_t known = gallery.people().size();
    if (owner > known || owner >= header.people.size()) {
      return invalid_file("embedding " + std::to_string(i) + " belongs to nobody in the header");
    }
    std::memcpy(row.data(), rows.data() + i * size * sizeof(float), size * sizeof(float));
    const auto& [id, name] = header.people[owner];
    if (const Status added = owner < known ? gallery.add(id, row) : gallery.restore(id, name, row); !added) {
      return invalid_file("embedding " + std::to_string(i) + ": " + added.error().message);
    }
  }
  if (gallery.people().size() != header.people.size()) {
    return invalid_file("the header names people without an embedding");
  }
  return {};
}

}  // namespace

Bytes gallery_to_bytes(const Gallery& gallery) {
  const FileOrder order(gallery);
  const std::string header = header_json(gallery, order);
  const std::size_t count = gallery.embedding_count();
  const auto size = static_cast<std::size_t>(gallery.origin().embedding_size);
  FileFiller filler(kPreambleBytes + header.size() + count * (sizeof(std::uint32_t) + size * sizeof(float)));
  filler.put(std::span<const char>(kMagic));
  filler.put_number(kVersion);
  const std::size_t digest_at = filler.at();
  filler.skip(kDigestBytes);  // filled in below
  filler.put_number(static_cast<std::uint32_t>(header.size()));
  filler.put(std::span<const char>(header));
  for (std::size_t i = 0; i < count; ++i) {
    filler.put_number(order.place(gallery.owner(i)));
  }
  for (std::size_t i = 0; i < count; ++i) {
    filler.put(gallery.embedding(i));
  }
  Bytes file = std::move(filler).take();
  const std::string digest = sha256_hex(ByteView(file).subspan(digest_at + kDigestBytes));
  std::memcpy(file.data() + digest_at, digest.data(), kDigestBytes);
  return file;
}

Result<Gallery> whole_gallery_from_bytes(ByteView bytes) {
  FACEPIPE_ASSIGN(const Parts file, parts_of(bytes));
  if (sha256_hex(bytes.subspan(kPreambleBytes - sizeof(std::uint32_t))) != file.digest) {
    return invalid_file("damaged or cut short: its SHA-256 is not the one it states");
  }
  FACEPIPE_ASSIGN(const Header header, read_header(file));
  Gallery gallery(header.settings.origin);
  gallery.set_distance_threshold(header.settings.distance_threshold);
  FACEPIPE_TRY(gallery.set_strangers(header.settings.strangers));
  FACEPIPE_TRY(gallery.set_min_quality(header.settings.min_quality));
  FACEPIPE_TRY(read_rows(file.table, header, gallery));
  for (const Header::Rejected& rejected : header.rejected) {
    if (const Status known = gallery.reject(rejected.person, rejected.embedding); !known) {
      return invalid_file("a rejected picture: " + known.error().message);
    }
  }
  return gallery;
}

Result<GalleryOrigin> whole_gallery_origin(ByteView bytes) {
  FACEPIPE_ASSIGN(const Parts parts, parts_of(bytes));
  FACEPIPE_ASSIGN(const Header header, read_header(parts));
  return header.settings.origin;
}

std::size_t whole_gallery_bytes(const Gallery& gallery) {
  return kPreambleBytes + gallery.embedding_count() * bytes_per_row(gallery.origin());
}

}  // namespace facepipe::gallery
