// For tests: TensorFlow Lite files from a description. The FlatBuffers layout is written plainly: each table has a
// vtable of its own, children follow their parents.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "weights/byte_writer.h"

namespace facepipe::weights::testing {

struct FlatNode;
using FlatFields = std::map<unsigned, FlatNode>;
// A scalar of 8 bytes at most, integers, bytes (also a text), a table, a vector of tables.
struct FlatNode {
  std::variant<std::int64_t, std::vector<std::int32_t>, Bytes, FlatFields, std::vector<FlatFields>> value;
};

class FlatWriter {
 public:
  // The file: root offset, identifier, root table.
  static Bytes file(const FlatFields& root, std::string_view identifier = "TFL3") {
    FlatWriter writer;
    writer.put<std::uint32_t>(0);
    for (const char letter : identifier) {
      writer.out_.push_back(static_cast<std::byte>(letter));
    }
    writer.link(0, writer.table(root));
    return std::move(writer.out_);
  }

 private:
  template <typename T>
  void put(T value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    std::memcpy(out_.data() + at, &value, sizeof(T));
  }
  template <typename T>
  void set(std::size_t at, T value) {
    std::memcpy(out_.data() + at, &value, sizeof(T));
  }
  void link(std::size_t from, std::size_t to) { set(from, static_cast<std::uint32_t>(to - from)); }

  std::size_t table(const FlatFields& fields) {
    constexpr std::uint16_t kSlot = 8;
    const unsigned count = fields.empty() ? 0 : fields.rbegin()->first + 1;
    const std::size_t vtable = out_.size();
    put(static_cast<std::uint16_t>(4 + 2 * count));
    put(static_cast<std::uint16_t>(4 + kSlot * fields.size()));
    std::uint16_t place = 4;
    for (unsigned field = 0; field < count; ++field) {
      const bool there = fields.contains(field);
      put(there ? place : std::uint16_t{0});
      place = static_cast<std::uint16_t>(place + (there ? kSlot : 0));
    }
    const std::size_t at = out_.size();
    put(static_cast<std::int32_t>(at - vtable));
    std::vector<std::pair<std::size_t, const FlatNode*>> children;
    for (const auto& [field, node] : fields) {
      children.emplace_back(out_.size(), &node);
      const auto* scalar = std::get_if<std::int64_t>(&node.value);
      put(scalar == nullptr ? std::int64_t{0} : *scalar);
    }
    for (const auto& [slot, node] : children) {
      if (!std::holds_alternative<std::int64_t>(node->value)) {
        const std::size_t child = this->child(*node);
        link(slot, child);
      }
    }
    return at;
  }

  std::size_t child(const FlatNode& node) {
    if (const auto* fields = std::get_if<FlatFields>(&node.value)) {
      return table(*fields);
    }
    const std::size_t at = out_.size();
    if (const auto* integers = std::get_if<std::vector<std::int32_t>>(&node.value)) {
      put(static_cast<std::uint32_t>(integers->size()));
      for (const std::int32_t integer : *integers) {
        put(integer);
      }
    } else if (const auto* bytes = std::get_if<Bytes>(&node.value)) {
      put(static_cast<std::uint32_t>(bytes->size()));
      out_.insert(out_.end(), bytes->begin(), bytes->end());
    } else {
      const auto& tables = std::get<std::vector<FlatFields>>(node.value);
      put(static_cast<std::uint32_t>(tables.size()));
      out_.resize(out_.size() + 4 * tables.size());
      for (std::size_t i = 0; i < tables.size(); ++i) {
        const std::size_t made = table(tables[i]);
        link(at + 4 + 4 * i, made);
      }
    }
    return at;
  }

  Bytes out_;
};

// One graph, tensors and operators by hand.
class TfliteBuilder {
 public:
  std::int64_t version = 3;
  FlatFields extra_graph;  // not empty: a second graph

  int tensor(std::vector<std::int32_t> shape) { return add(std::move(shape), 0); }
  int constant(std::vector<std::int32_t> shape, const std::vector<float>& values) {
    return add(std::move(shape), buffer(as_bytes_of(values)));
  }
  int integers(const std::vector<std::int32_t>& values) {
    const int made = add({static_cast<std::int32_t>(values.size())}, buffer(as_bytes_of(values)));
    change(made, 1, {std::int64_t{2}});  // INT32
    return made;
  }
  void change(int tensor, unsigned field, FlatNode node) {
    tensors_.at(static_cast<std::size_t>(tensor)).insert_or_assign(field, std::move(node));
  }

  // `code` of BuiltinOperator, `options` of that type of BuiltinOptions.
  void operation(int code, std::vector<std::int32_t> inputs, int output, int options_type = 0,
                 FlatFields options = {}) {
    FlatFields fields{{0, {code_index(code)}}, {1, {std::move(inputs)}}, {2, {std::vector<std::int32_t>{output}}}};
    if (options_type != 0) {
      fields.emplace(3, FlatNode{std::int64_t{options_type}});
      fields.emplace(4, FlatNode{std::move(options)});
    }
    operators_.push_back(std::move(fields));
  }
  // One whose output shape is given; returns its tensor.
  int conv(int input, int weight, int bias, std::vector<std::int32_t> shape, bool same, int stride) {
    const int output = tensor(std::move(shape));
    operation(3, {input, weight, bias}, output, 1,
              {{0, {std::int64_t{same ? 0 : 1}}}, {1, {std::int64_t{stride}}}, {2, {std::int64_t{stride}}}});
    return output;
  }
  int depthwise(int input, int weight, int bias, std::vector<std::int32_t> shape, bool same, int stride) {
    const int output = tensor(std::move(shape));
    operation(4, {input, weight, bias}, output, 2,
              {{0, {std::int64_t{same ? 0 : 1}}},
               {1, {std::int64_t{stride}}},
               {2, {std::int64_t{stride}}},
               {3, {std::int64_t{1}}}});
    return output;
  }
  // Relu(x) + half * (x - |x|)
  int prelu(int x, const std::vector<std::int32_t>& shape, const std::vector<float>& half) {
    const int relu = tensor(shape);
    const int abs = tensor(shape);
    const int sub = tensor(shape);
    const int mul = tensor(shape);
    const int add = tensor(shape);
    const int slopes = constant({static_cast<std::int32_t>(half.size())}, half);
    operation(19, {x}, relu);
    operation(101, {x}, abs, 78);
    operation(41, {x, abs}, sub, 28);
    operation(18, {slopes, sub}, mul, 21);
    operation(0, {relu, mul}, add, 11);
    return add;
  }
  int flatten(int input, std::int32_t batch, std::int32_t size) {
    const int output = tensor({batch, size});
    operation(22, {input, integers({batch, size})}, output, 17);
    return output;
  }

  [[nodiscard]] Bytes file(std::vector<std::int32_t> inputs, std::vector<std::int32_t> outputs) const {
    std::vector<FlatFields> codes;
    for (const int code : codes_) {
      codes.push_back({{0, {std::int64_t{code > 126 ? 127 : code}}}, {3, {std::int64_t{code}}}});
    }
    std::vector<FlatFields> buffers{{}};
    for (const Bytes& bytes : buffers_) {
      buffers.push_back({{0, {bytes}}});
    }
    std::vector<FlatFields> graphs{
        {{0, {tensors_}}, {1, {std::move(inputs)}}, {2, {std::move(outputs)}}, {3, {operators_}}}};
    if (!extra_graph.empty()) {
      graphs.push_back(extra_graph);
    }
    return FlatWriter::file({{0, {version}}, {1, {codes}}, {2, {graphs}}, {4, {buffers}}});
  }

 private:
  template <typename T>
  static Bytes as_bytes_of(const std::vector<T>& values) {
    Bytes bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  int add(std::vector<std::int32_t> shape, std::int64_t buffer) {
    tensors_.push_back({{0, {std::move(shape)}}, {1, {std::int64_t{0}}}, {2, {buffer}}});
    return static_cast<int>(tensors_.size()) - 1;
  }
  std::int64_t buffer(Bytes bytes) {
    buffers_.push_back(std::move(bytes));
    return static_cast<std::int64_t>(buffers_.size());  // 0 is the empty one
  }
  std::int64_t code_index(int code) {
    for (std::size_t i = 0; i < codes_.size(); ++i) {
      if (codes_[i] == code) {
        return static_cast<std::int64_t>(i);
      }
    }
    codes_.push_back(code);
    return static_cast<std::int64_t>(codes_.size()) - 1;
  }

  std::vector<int> codes_;
  std::vector<FlatFields> tensors_;
  std::vector<FlatFields> operators_;
  std::vector<Bytes> buffers_;
};

}  // namespace facepipe::weights::testing
