// Object headers, groups and datasets. Section numbers are those of the HDF5 File Format Specification 3.0. Tested by
// hdf5_test.cc and keras_hdf5_test.cc.
#include "packs/sources/hdf5.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "packs/sources/hdf5_messages.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
constexpr std::uint8_t kSharedMessage = 0x02;
constexpr std::uint32_t kSoftLink = 2;  // cache type of a symbol table entry

}  // namespace

// IV.A.1.a: a message of an object header, version 1.
struct Hdf5File::Message {
  std::uint16_t type = 0;
  std::uint8_t flags = 0;
  ByteView data;
};

bool is_hdf5(ByteView file) {
  return as_text(file).starts_with(kSignature);
}

// II.A: superblock version 0.
Result<Hdf5File> Hdf5File::open(ByteView file, const ReadLimits& limits) {
  if (!is_hdf5(file)) {
    return invalid_data("HDF5: the signature is missing");
  }
  ByteReader reader(file);
  reader.skip(kSignature.size());
  if (const unsigned version = reader.u8(); version != 0 && !reader.overrun()) {
    return unsupported("HDF5: superblock version " + std::to_string(version) + ", expected 0 (h5py's default)");
  }
  reader.skip(4);  // versions of the free space and the root group, reserved, version of shared messages
  const unsigned offset_bytes = reader.u8();
  const unsigned length_bytes = reader.u8();
  reader.skip(9);  // reserved, two group parameters, flags
  const std::uint64_t base_address = reader.u64();
  reader.skip(24);  // free space, end of file, driver information
  reader.skip(8);   // the root's link name
  Hdf5File result(file, limits);
  result.root_address_ = reader.u64();
  if (reader.overrun()) {
    return invalid_data("HDF5: the superblock is cut short");
  }
  if (offset_bytes != 8 || length_bytes != 8 || base_address != 0) {
    return unsupported("HDF5: offsets of " + std::to_string(offset_bytes) + " bytes, lengths of " +
                       std::to_string(length_bytes) + ", base address " + std::to_string(base_address) +
                       ", expected 8, 8 and 0");
  }
  return result;
}

Status Hdf5File::step(std::size_t bytes) {
  if (++steps_ > max_steps_) {
    return too_large("HDF5: more than " + std::to_string(max_steps_) + " nodes, messages and links");
  }
  if (bytes > bytes_left_) {
    return too_large("HDF5: groups and messages of more than twice the file's " + std::to_string(file_.size()) +
                     " bytes: they refer to each other, or lie over one another");
  }
  bytes_left_ -= bytes;
  return {};
}

// IV.A.1.a: the header's own block of messages, then those that continuation messages point to.
Result<std::vector<Hdf5File::Message>> Hdf5File::messages(std::uint64_t address) {
  constexpr std::size_t kPrefixBytes = 16;
  constexpr std::size_t kMessagePrefixBytes = 8;
  FACEPIPE_ASSIGN(const ByteView prefix, slice(file_, address, kPrefixBytes, "HDF5: an object header"));
  ByteReader reader(prefix);
  if (const unsigned version = reader.u8(); version != 1) {
    return unsupported("HDF5: object header version " + std::to_string(version) + " at byte " +
                       std::to_string(address) + ", expected 1");
  }
  reader.skip(1);
  const std::size_t message_count = reader.u16();
  reader.skip(4);
  FACEPIPE_ASSIGN(const ByteView first, slice(file_, address + kPrefixBytes, reader.u32(), "HDF5: an object header"));
  std::vector<ByteView> blocks = {first};
  std::vector<Message> messages;
  for (std::size_t block = 0; block < blocks.size() && messages.size() < message_count; ++block) {
    ByteReader fields(blocks[block]);
    while (fields.remaining() >= kMessagePrefixBytes && messages.size() < message_count) {
      Message message;
      message.type = fields.u16();
      const std::uint16_t size = fields.u16();
      FACEPIPE_TRY(step(kMessagePrefixBytes + size));
      message.flags = fields.u8();
      fields.skip(3);
      message.data = fields.take(size);
      if (fields.overrun()) {
        return invalid_data("HDF5: a message of the object header at byte " + std::to_string(address) +
                            " is cut short");
      }
      if (message.type == hdf5::kContinuation) {
        ByteReader where(message.data);
        const std::uint64_t offset = where.u64();
        FACEPIPE_ASSIGN(const ByteView more,
                        slice(file_, offset, where.u64(), "HDF5: an object header's continuation"));
        blocks.push_back(more);
      }
      messages.push_back(message);
    }
  }
  return messages;
}

Result<Hdf5Object> Hdf5File::object(std::uint64_t address) {
  FACEPIPE_ASSIGN(const std::vector<Message> found, messages(address));
  for (const Message& message : found) {
    if (message.type == hdf5::kLinkInfo) {
      return unsupported("HDF5: a group in the new style (links in its header), expected a symbol table");
    }
    if (message.type == hdf5::kSymbolTable) {
      ByteReader reader(message.data);
      Hdf5Group group;
      group.btree_address = reader.u64();
      group.heap_address = reader.u64();
      if (reader.overrun()) {
        return invalid_data("HDF5: a symbol table message is cut short");
      }
      return Hdf5Object(group);
    }
  }
  FACEPIPE_ASSIGN(Hdf5Dataset result, dataset(found));
  return Hdf5Object(std::move(result));
}

Result<Hdf5Dataset> Hdf5File::dataset(const std::vector<Message>& messages) const {
  std::optional<std::vector<std::uint64_t>> shape;
  std::optional<bool> is_double;
  const Message* layout = nullptr;
  for (const Message& message : messages) {
    const bool needed = message.type == hdf5::kDataspace || message.type == hdf5::kDatatype ||
                        message.type == hdf5::kDataLayout || message.type == hdf5::kFilterPipeline;
    if (needed && (message.flags & kSharedMessage) != 0) {
      return unsupported("HDF5: a shared header message (a committed datatype)");
    }
    if (message.type == hdf5::kDataspace) {
      FACEPIPE_ASSIGN(shape, hdf5::parse_dataspace(message.data));
    } else if (message.type == hdf5::kDatatype) {
      FACEPIPE_ASSIGN(is_double, hdf5::parse_is_double(message.data));
    } else if (message.type == hdf5::kDataLayout) {
      layout = &message;
    } else if (message.type == hdf5::kFilterPipeline) {
      return unsupported("HDF5: a filtered (compressed) dataset");
    } else if (message.type == hdf5::kExternalFiles) {
      return unsupported("HDF5: a dataset in external files");
    }
  }
  if (!shape || !is_double || layout == nullptr) {
    return invalid_data("HDF5: an object that is neither a group nor a dataset");
  }
  Hdf5Dataset result{.shape = *std::move(shape), .value_count = 1, .is_double = *is_double, .data = {}};
  for (const std::uint64_t extent : result.shape) {
    if (__builtin_mul_overflow(result.value_count, extent, &result.value_count)) {
      return too_large("HDF5: the size of a dataset overflows 64 bits");
    }
  }
  std::uint64_t size_bytes = 0;
  if (__builtin_mul_overflow(result.value_count, std::uint64_t{*is_double ? 8U : 4U}, &size_bytes)) {
    return too_large("HDF5: the size of a dataset overflows 64 bits");
  }
  FACEPIPE_ASSIGN(result.data, hdf5::locate_data(layout->data, file_, size_bytes));
  return result;
}

// III.D: a local heap holds the names of a group's members.
Result<ByteView> Hdf5File::heap_data(std::uint64_t address) const {
  FACEPIPE_ASSIGN(const ByteView header, slice(file_, address, 32, "HDF5: a local heap"));
  ByteReader reader(header);
  if (as_text(reader.take(4)) != "HEAP" || reader.u8() != 0) {
    return invalid_data("HDF5: no local heap at byte " + std::to_string(address));
  }
  reader.skip(3);
  const std::uint64_t size = reader.u64();
  reader.skip(8);  // free list
  return slice(file_, reader.u64(), size, "HDF5: a local heap's data");
}

// III.A.1: a version 1 B-tree of group nodes (type 0), whose leaves' children are symbol table nodes.
Result<std::vector<Hdf5Member>> Hdf5File::members(const Hdf5Group& group) {
  struct Pending {
    std::uint64_t address;
    int level;  // expected; -1: the root's, any
  };
  constexpr std::size_t kNodeBytes = 24;
  constexpr std::size_t kChildBytes = 16;  // with its key
  FACEPIPE_ASSIGN(const ByteView heap, heap_data(group.heap_address));
  std::vector<Hdf5Member> members;
  std::vector<Pending> pending = {{group.btree_address, -1}};
  while (!pending.empty()) {
    const Pending node = pending.back();
    pending.pop_back();
    FACEPIPE_TRY(step(kNodeBytes));
    FACEPIPE_ASSIGN(const ByteView header, slice(file_, node.address, kNodeBytes, "HDF5: a B-tree node"));
    ByteReader reader(header);
    const bool is_group_tree = as_text(reader.take(4)) == "TREE" && reader.u8() == 0;
    const int level = reader.u8();
    const std::size_t used = reader.u16();
    if (!is_group_tree || (node.level >= 0 && level != node.level)) {
      return invalid_data("HDF5: no group B-tree node of the right level at byte " + std::to_string(node.address));
    }
    FACEPIPE_ASSIGN(const ByteView entries, slice(file_, node.address + kNodeBytes,
                                                  8 + std::uint64_t{kChildBytes} * used, "HDF5: a B-tree node"));
    std::vector<std::uint64_t> children;
    ByteReader keys_and_children(entries);
    for (std::size_t i = 0; i < used; ++i) {
      keys_and_children.skip(8);
      children.push_back(keys_and_children.u64());
    }
    if (level == 0) {
      for (const std::uint64_t child : children) {
        FACEPIPE_TRY(read_symbol_node(child, heap, members));
      }
      continue;
    }
    for (std::size_t i = children.size(); i-- > 0;) {
      FACEPIPE_TRY(step(kChildBytes));
      pending.push_back({children[i], level - 1});
    }
  }
  return members;
}

// III.B and III.C: a symbol table node and its entries.
Status Hdf5File::read_symbol_node(std::uint64_t address, ByteView heap, std::vector<Hdf5Member>& members) {
  constexpr std::size_t kEntryBytes = 40;
  constexpr std::size_t kPrefixBytes = 8;
  FACEPIPE_TRY(step(kPrefixBytes));
  FACEPIPE_ASSIGN(const ByteView header, slice(file_, address, kPrefixBytes, "HDF5: a symbol table node"));
  ByteReader reader(header);
  if (as_text(reader.take(4)) != "SNOD" || reader.u8() != 1) {
    return invalid_data("HDF5: no symbol table node at byte " + std::to_string(address));
  }
  reader.skip(1);
  const std::size_t count = reader.u16();
  FACEPIPE_ASSIGN(const ByteView entries,
                  slice(file_, address + kPrefixBytes, kEntryBytes * count, "HDF5: a symbol table node"));
  ByteReader fields(entries);
  for (std::size_t i = 0; i < count; ++i) {
    FACEPIPE_TRY(step(kEntryBytes));
    const std::uint64_t name_offset = fields.u64();
    Hdf5Member member;
    member.address = fields.u64();
    const std::uint32_t cache_type = fields.u32();
    fields.skip(20);
    const ByteView heap_rest =
        name_offset < heap.size() ? heap.subspan(static_cast<std::size_t>(name_offset)) : ByteView{};
    const std::string_view rest = as_text(heap_rest).substr(0, kMaxNameBytes + 1);
    const std::size_t length = rest.find('\0');
    if (length == std::string_view::npos || length == 0 || !is_utf8(rest.substr(0, length))) {
      return invalid_data("HDF5: a member's name is empty, not ended or not UTF-8 in the node at byte " +
                          std::to_string(address));
    }
    member.name = rest.substr(0, length);
    if (cache_type == kSoftLink) {
      return unsupported("HDF5: member " + quote(member.name) + " is a soft link");
    }
    members.push_back(member);
  }
  return {};
}

}  // namespace facepipe::weights
