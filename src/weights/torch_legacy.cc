// The legacy file of torch.save: four pickles in a row (magic number, protocol version, system, content), a fifth with
// the list of storage keys, then each storage in that order as a 64-bit count and its raw values. Layout as read by
// torch.serialization._legacy_load (PyTorch 2). Tested by torch_file_test.cc.

#include "weights/parse.h"
#include "weights/torch_content.h"

namespace facepipe::weights {
namespace {

// LONG1 of 10 bytes: 0x1950a86a20f9469cfc6c, STOP.
constexpr std::string_view kMagicNumber("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 13);
constexpr std::uint8_t kProto = 0x80;
constexpr std::uint8_t kFrame = 0x95;
constexpr std::int64_t kProtocolVersion = 1001;

Status check_system(const PickleTree& tree) {
  const std::optional<PickleId> little_endian = tree.find(tree.root(), "little_endian");
  if (tree.root().kind != PickleKind::kDict || !little_endian || tree[*little_endian].kind != PickleKind::kBool) {
    return invalid_data("legacy torch file: the system's description is malformed");
  }
  if (tree[*little_endian].integer == 0) {
    return unsupported("legacy torch file: big-endian, expected little-endian");
  }
  return {};
}

// The size of the pickled magic number that the file begins with, of any protocol that is read; nullopt if there is
// none.
std::optional<std::size_t> magic_pickle_bytes(ByteView file) {
  ByteReader reader(file);
  const bool is_pickle = reader.u8() == kProto;
  const std::uint8_t protocol = reader.u8();
  if (!is_pickle || protocol < 2 || protocol > 5) {
    return std::nullopt;
  }
  std::size_t number_at = reader.position();
  if (protocol >= 4 && reader.u8() == kFrame) {
    reader.skip(sizeof(std::uint64_t));
    number_at = reader.position();
  }
  if (reader.overrun() || !as_text(file.subspan(number_at)).starts_with(kMagicNumber)) {
    return std::nullopt;
  }
  return number_at + kMagicNumber.size();
}

// The element type of every storage that the content refers to.
Result<std::map<std::string_view, ScalarType>> storage_types(const PickleTree& tree) {
  std::map<std::string_view, ScalarType> types;
  for (const PickleNode& node : tree.nodes()) {
    if (node.kind != PickleKind::kPersistentId) {
      continue;
    }
    FACEPIPE_ASSIGN(const StorageReference reference, parse_storage_reference(tree, node));
    const auto [known, added] = types.emplace(reference.key, reference.type);
    if (!added && known->second != reference.type) {
      return invalid_data("storage " + quote(reference.key) + " has two types");
    }
  }
  return types;
}

}  // namespace

bool is_torch_legacy(ByteView file) {
  return magic_pickle_bytes(file).has_value();
}

Result<TorchContent> open_torch_legacy(ByteView file, const ReadLimits& limits) {
  const std::optional<std::size_t> magic_bytes = magic_pickle_bytes(file);
  if (!magic_bytes) {
    return invalid_data("legacy torch file: the magic number is missing");
  }
  ByteView rest = file.subspan(*magic_bytes);
  const auto next_pickle = [&rest, &limits](std::string_view what) -> Result<PickleTree> {
    FACEPIPE_ASSIGN(
        auto parsed,
        parse_pickle(rest, PickleClasses::kTensors, limits).with_context("legacy torch file, " + std::string(what)));
    rest = rest.subspan(parsed.size_bytes);
    return std::move(parsed).tree;
  };
  FACEPIPE_ASSIGN(const PickleTree version, next_pickle("protocol version"));
  if (version.root().kind != PickleKind::kInt || version.root().integer != kProtocolVersion) {
    return unsupported("legacy torch file: protocol version is not " + std::to_string(kProtocolVersion));
  }
  FACEPIPE_ASSIGN(const PickleTree system, next_pickle("system"));
  FACEPIPE_TRY(check_system(system));
  FACEPIPE_ASSIGN(PickleTree content, next_pickle("content"));
  FACEPIPE_ASSIGN(const PickleTree keys, next_pickle("storage keys"));
  if (keys.root().kind != PickleKind::kList) {
    return invalid_data("legacy torch file: the storage keys are not a list");
  }
  FACEPIPE_ASSIGN(const auto types, storage_types(content));
  TorchContent result{.tree = std::move(content), .storages = {}, .inflated = ZipUnpacker(0)};
  ByteReader reader(rest);
  for (const PickleId id : keys.root().items) {
    const auto type = types.find(keys[id].text);
    if (keys[id].kind != PickleKind::kString || type == types.end()) {
      return invalid_data("legacy torch file: storage " + quote(keys[id].text) + " is not referred to");
    }
    const std::uint64_t count = reader.u64();
    const std::size_t item_bytes = size_in_bytes(type->second);
    if (reader.overrun() || count > reader.remaining() / item_bytes) {
      return invalid_data("legacy torch file: storage " + quote(type->first) + " is cut short");
    }
    if (!result.storages.emplace(type->first, reader.take(count * item_bytes)).second) {
      return invalid_data("legacy torch file: storage " + quote(type->first) + " is there twice");
    }
  }
  return result;
}

}  // namespace facepipe::weights
