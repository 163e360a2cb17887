// The reader of galleries whose bulk is mapped. Header and records get right digests, so that what lies behind them is
// reached; what is read is searched, looked through and checked.
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "base/hash.h"
#include "gallery/gallery.h"
#include "gallery/journal.h"
#include "gallery/mapped_layout.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace facepipe;

constexpr std::size_t kStart = 24;  // magic, version, length and XXH64 of the JSON

void set_header_digest(Bytes& file) {
  std::uint32_t length = 0;
  std::memcpy(&length, file.data() + 12, sizeof length);
  if (length > file.size() - kStart) {
    return;
  }
  Xxh64 hash;
  hash.update(ByteView(file).subspan(kStart, length));
  const std::uint64_t digest = hash.digest();
  std::memcpy(file.data() + 16, &digest, sizeof digest);
}

// What follows the tables becomes the content of one record of the kind that its first byte says.
void make_record(Bytes& file) {
  const auto read = gallery::decode_header(file, file.size());
  if (!read || read->layout.journal + 2 >= file.size()) {
    return;
  }
  const std::size_t journal = read->layout.journal;
  const Bytes tail(file.begin() + static_cast<std::ptrdiff_t>(journal), file.end());
  const auto number = std::to_integer<std::uint32_t>(tail[1]);
  const std::string_view text = as_text(ByteView(tail).subspan(2));
  std::vector<float> values(text.size() / sizeof(float));
  if (!values.empty()) {
    std::memcpy(values.data(), text.data(), values.size() * sizeof(float));
  }
  gallery::JournalWriter writer(read->header.base_id, journal);
  switch (std::to_integer<unsigned>(tail[0]) % 8) {
    case 0:
      writer.person(number, 7);
      writer.name(number, text);
      writer.embedding(static_cast<std::uint32_t>(read->header.embeddings), number, values);
      break;
    case 1:
      writer.embedding(number, number / 2, values);
      break;
    case 2:
      writer.remove_person(number);
      break;
    case 3:
      writer.remove_row(number);
      break;
    case 4:
      writer.name(number, text);
      break;
    case 5:
      writer.rejected(number, std::span<const std::vector<float>>(&values, 1));
      break;
    case 6:
      writer.settings(text);
      break;
    default:
      return;  // as it is
  }
  const Bytes records = std::move(writer).take();
  file.resize(journal);
  file.insert(file.end(), records.begin(), records.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  auto file = std::make_shared<Bytes>(bytes, bytes + size);
  if (file->size() > kStart) {
    std::memcpy(file->data(), gallery::kGalleryMagic.data(), gallery::kGalleryMagic.size());
    std::memcpy(file->data() + 8, &gallery::kMappedVersion, sizeof gallery::kMappedVersion);
    set_header_digest(*file);
    make_record(*file);
  }
  const auto gallery = gallery::gallery_from_bytes(*file, file);
  if (!gallery) {
    return 0;
  }
  const std::vector<float> probe(static_cast<std::size_t>(gallery->origin().embedding_size), 0.5F);
  FACEPIPE_CHECK(gallery->candidates(probe, 4, gallery::Centroids::kMeasured).has_value());
  for (const gallery::Person& person : gallery->people()) {
    FACEPIPE_CHECK(gallery::check_name(person.name) && person.embedding_count > 0);
    static_cast<void>(gallery->find(person.id));
  }
  for (std::size_t row = 0; row < gallery->embedding_count(); ++row) {
    FACEPIPE_CHECK(gallery->owner(row) < gallery->people().size() && gallery->embedding(row).size() == probe.size());
  }
  static_cast<void>(gallery::verify_gallery(*gallery));
  return 0;
}
