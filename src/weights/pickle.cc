// A stack machine over the opcodes of Python's pickletools; opcode meanings: CPython Lib/pickletools.py. Linear in the
// size of the pickle. Tested by pickle_test.cc.
#include "weights/pickle.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"
#include "weights/parse.h"

namespace facepipe::weights {
namespace {

constexpr std::array<std::string_view, 14> kTensorGlobals = {
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    "torch.Size",
    "torch.FloatStorage",
    "torch.DoubleStorage",
    "torch.HalfStorage",
    "torch.BFloat16Storage",
    "torch.LongStorage",
    "torch.IntStorage",
    "torch.ShortStorage",
    "torch.CharStorage",
    "torch.ByteStorage",
    "torch.BoolStorage",
};
constexpr std::array<std::string_view, 5> kScriptGlobals = {
    "torch.jit._pickle.restore_type_tag", "torch.jit._pickle.build_intlist",  "torch.jit._pickle.build_tensorlist",
    "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist",
};

// A class that a TorchScript archive defines: "__torch__.Net", "__torch__.torch.nn.modules.conv.Conv2d".
bool is_script_class(std::string_view module) {
  return module == "__torch__" || module.starts_with("__torch__.");
}

// What to do about a global that is not allowed.
std::string_view way_out(std::string_view module, std::string_view name) {
  const std::string dotted = std::string(module) + ".";
  const auto within = [&dotted](const std::string& package) { return dotted.starts_with(package + "."); };
  if (within("numpy") || within("_codecs")) {
    return ": the file holds numpy values; make tensors of them (torch.from_numpy, float()) and save it again";
  }
  if (within("torch.sparse") || name == "_rebuild_sparse_tensor" || name == "_rebuild_qtensor") {
    return ": the file holds sparse or quantised tensors; make dense float tensors of them and save it again";
  }
  if (!within("torch") && !module.starts_with("__torch__") && !name.empty() && name[0] >= 'A' && name[0] <= 'Z') {
    return ": the file holds an object of that class (a whole model, settings); save its tensors alone, of a model "
           "its state_dict()";
  }
  return "";
}

class Unpickler {
 public:
  Unpickler(ByteView bytes, PickleClasses classes, const ReadLimits& limits)
      : reader_(bytes), classes_(classes), limits_(limits) {}

  Result<ParsedPickle> run();

 private:
  using Handler = Status (Unpickler::*)();
  struct Opcode {
    std::string_view name;      // empty: no such opcode
    Handler handler = nullptr;  // null: known, but not allowed
  };
  static constexpr std::array<Opcode, 256> make_opcodes();

  // Stack and memo. Popping what is not there is reported by the Result or an empty optional.
  Status push(PickleNode node);
  Status push_id(PickleId id);
  Result<PickleId> pop();
  Result<std::vector<PickleId>> pop_to_mark();
  Status put(std::uint64_t index);
  Status get(std::uint64_t index);
  Status push_string(ByteView text);
  Status push_integer(ByteView little_endian);
  Status push_tuple(std::size_t size);
  Status push_global(std::string_view module, std::string_view name);
  Status append_to_top(PickleKind kind, std::vector<PickleId> items);
  Error broken(std::string_view why) const;

  // One handler an opcode.
  Status op_proto();
  Status op_frame() { return reader_.skip(8), Status{}; }
  Status op_mark();
  Status op_pop();
  Status op_pop_mark();
  Status op_dup();
  Status op_none() { return push({.kind = PickleKind::kNone}); }
  Status op_true() { return push({.kind = PickleKind::kBool, .integer = 1}); }
  Status op_false() { return push({.kind = PickleKind::kBool}); }
  Status op_binint() { return push({.kind = PickleKind::kInt, .integer = std::bit_cast<std::int32_t>(reader_.u32())}); }
  Status op_binint1() { return push({.kind = PickleKind::kInt, .integer = reader_.u8()}); }
  Status op_binint2() { return push({.kind = PickleKind::kInt, .integer = reader_.u16()}); }
  Status op_long1() { return push_integer(reader_.take(reader_.u8())); }
  Status op_long4() { return push_integer(reader_.take(reader_.u32())); }
  Status op_binfloat();
  Status op_short_unicode() { return push_string(reader_.take(reader_.u8())); }
  Status op_unicode() { return push_string(reader_.take(reader_.u32())); }
  Status op_unicode8() { return push_string(reader_.take(reader_.u64())); }
  Status op_empty_list() { return push({.kind = PickleKind::kList}); }
  Status op_empty_tuple() { return push({.kind = PickleKind::kTuple}); }
  Status op_empty_dict() { return push({.kind = PickleKind::kDict}); }
  Status op_tuple();
  Status op_tuple1() { return push_tuple(1); }
  Status op_tuple2() { return push_tuple(2); }
  Status op_tuple3() { return push_tuple(3); }
  Status op_append();
  Status op_appends();
  Status op_setitem();
  Status op_setitems();
  Status op_binput() { return put(reader_.u8()); }
  Status op_long_binput() { return put(reader_.u32()); }
  Status op_memoize() { return put(memo_.size()); }
  Status op_binget() { return get(reader_.u8()); }
  Status op_long_binget() { return get(reader_.u32()); }
  Status op_global();
  Status op_stack_global();
  Status op_reduce();
  Status op_newobj();
  Status op_build();
  Status op_binpersid();
  Status op_stop();

  ByteReader reader_;
  PickleClasses classes_;
  const ReadLimits& limits_;
  std::deque<PickleNode> nodes_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;  // stack heights
  std::vector<std::optional<PickleId>> memo_;
  std::size_t opcode_at_ = 0;
  bool stopped_ = false;
};

constexpr std::array<Unpickler::Opcode, 256> Unpickler::make_opcodes() {
  std::array<Opcode, 256> table{};
  const auto set = [&table](unsigned code, std::string_view name, Handler handler) { table[code] = {name, handler}; };
  set(0x80, "PROTO", &Unpickler::op_proto);
  set(0x95, "FRAME", &Unpickler::op_frame);
  set('(', "MARK", &Unpickler::op_mark);
  set('0', "POP", &Unpickler::op_pop);
  set('1', "POP_MARK", &Unpickler::op_pop_mark);
  set('2', "DUP", &Unpickler::op_dup);
  set('N', "NONE", &Unpickler::op_none);
  set(0x88, "NEWTRUE", &Unpickler::op_true);
  set(0x89, "NEWFALSE", &Unpickler::op_false);
  set('J', "BININT", &Unpickler::op_binint);
  set('K', "BININT1", &Unpickler::op_binint1);
  set('M', "BININT2", &Unpickler::op_binint2);
  set(0x8A, "LONG1", &Unpickler::op_long1);
  set(0x8B, "LONG4", &Unpickler::op_long4);
  set('G', "BINFLOAT", &Unpickler::op_binfloat);
  set(0x8C, "SHORT_BINUNICODE", &Unpickler::op_short_unicode);
  set('X', "BINUNICODE", &Unpickler::op_unicode);
  set(0x8D, "BINUNICODE8", &Unpickler::op_unicode8);
  set('U', "SHORT_BINSTRING", &Unpickler::op_short_unicode);  // Python 2's str: our names are ASCII there
  set('T', "BINSTRING", &Unpickler::op_unicode);
  set(']', "EMPTY_LIST", &Unpickler::op_empty_list);
  set(')', "EMPTY_TUPLE", &Unpickler::op_empty_tuple);
  set('}', "EMPTY_DICT", &Unpickler::op_empty_dict);
  set('t', "TUPLE", &Unpickler::op_tuple);
  set(0x85, "TUPLE1", &Unpickler::op_tuple1);
  set(0x86, "TUPLE2", &Unpickler::op_tuple2);
  set(0x87, "TUPLE3", &Unpickler::op_tuple3);
  set('a', "APPEND", &Unpickler::op_append);
  set('e', "APPENDS", &Unpickler::op_appends);
  set('s', "SETITEM", &Unpickler::op_setitem);
  set('u', "SETITEMS", &Unpickler::op_setitems);
  set('q', "BINPUT", &Unpickler::op_binput);
  set('r', "LONG_BINPUT", &Unpickler::op_long_binput);
  set(0x94, "MEMOIZE", &Unpickler::op_memoize);
  set('h', "BINGET", &Unpickler::op_binget);
  set('j', "LONG_BINGET", &Unpickler::op_long_binget);
  set('c', "GLOBAL", &Unpickler::op_global);
  set(0x93, "STACK_GLOBAL", &Unpickler::op_stack_global);
  set('R', "REDUCE", &Unpickler::op_reduce);
  set(0x81, "NEWOBJ", &Unpickler::op_newobj);
  set('b', "BUILD", &Unpickler::op_build);
  set('Q', "BINPERSID", &Unpickler::op_binpersid);
  set('.', "STOP", &Unpickler::op_stop);
  constexpr std::pair<unsigned, std::string_view> kRefused[] = {
      {'B', "BINBYTES"},
      {'C', "SHORT_BINBYTES"},
      {0x8E, "BINBYTES8"},
      {0x96, "BYTEARRAY8"},
      {'F', "FLOAT"},
      {'I', "INT"},
      {'L', "LONG"},
      {'P', "PERSID"},
      {'S', "STRING"},
      {'V', "UNICODE"},
      {'d', "DICT"},
      {'l', "LIST"},
      {'g', "GET"},
      {'p', "PUT"},
      {'i', "INST"},
      {'o', "OBJ"},
      {0x82, "EXT1"},
      {0x83, "EXT2"},
      {0x84, "EXT4"},
      {0x8F, "EMPTY_SET"},
      {0x90, "ADDITEMS"},
      {0x91, "FROZENSET"},
      {0x92, "NEWOBJ_EX"},
      {0x97, "NEXT_BUFFER"},
      {0x98, "READONLY_BUFFER"},
  };
  for (const auto& [code, name] : kRefused) {
    set(code, name, nullptr);
  }
  return table;
}

Error Unpickler::broken(std::string_view why) const {
  return invalid_data("pickle: " + std::string(why) + " at byte " + std::to_string(opcode_at_));
}

Status Unpickler::push(PickleNode node) {
  if (nodes_.size() >= limits_.max_entries) {
    return too_large("pickle: more than " + std::to_string(limits_.max_entries) + " values");
  }
  nodes_.push_back(std::move(node));
  return push_id(static_cast<PickleId>(nodes_.size() - 1));
}

Status Unpickler::push_id(PickleId id) {
  if (stack_.size() >= limits_.max_entries) {
    return too_large("pickle: more than " + std::to_string(limits_.max_entries) + " values on the stack");
  }
  stack_.push_back(id);
  return {};
}

Result<PickleId> Unpickler::pop() {
  if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) {
    return broken("a value is missing on the stack");
  }
  const PickleId id = stack_.back();
  stack_.pop_back();
  return id;
}

Result<std::vector<PickleId>> Unpickler::pop_to_mark() {
  if (marks_.empty()) {
    return broken("a mark is missing on the stack");
  }
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<PickleId> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

Status Unpickler::put(std::uint64_t index) {
  FACEPIPE_ASSIGN(const PickleId id, pop());
  if (index >= limits_.max_entries) {
    return too_large("pickle: memo index " + std::to_string(index) + " is past the limit of " +
                     std::to_string(limits_.max_entries));
  }
  if (index >= memo_.size()) {
    memo_.resize(static_cast<std::size_t>(index) + 1);
  }
  memo_[static_cast<std::size_t>(index)] = id;
  return push_id(id);
}

Status Unpickler::get(std::uint64_t index) {
  if (index >= memo_.size() || !memo_[static_cast<std::size_t>(index)]) {
    return broken("memo entry " + std::to_string(index) + " does not exist");
  }
  return push_id(*memo_[static_cast<std::size_t>(index)]);
}

Status Unpickler::push_string(ByteView text) {
  if (!is_utf8(as_text(text))) {
    return broken("a string is not UTF-8");
  }
  return push({.kind = PickleKind::kString, .text = as_text(text)});
}

Status Unpickler::push_integer(ByteView little_endian) {
  if (little_endian.size() > sizeof(std::int64_t)) {
    return push({.kind = PickleKind::kBigInt, .text = as_text(little_endian)});
  }
  const bool negative = !little_endian.empty() && std::to_integer<unsigned>(little_endian.back()) >= 0x80U;
  std::uint64_t bits = negative ? ~std::uint64_t{0} : 0U;
  for (std::size_t i = little_endian.size(); i-- > 0;) {
    bits = (bits << 8U) | std::to_integer<std::uint64_t>(little_endian[i]);
  }
  return push({.kind = PickleKind::kInt, .integer = std::bit_cast<std::int64_t>(bits)});
}

Status Unpickler::push_tuple(std::size_t size) {
  PickleNode tuple{.kind = PickleKind::kTuple, .items = std::vector<PickleId>(size)};
  for (std::size_t i = size; i-- > 0;) {
    FACEPIPE_ASSIGN(tuple.items[i], pop());
  }
  return push(std::move(tuple));
}

Status Unpickler::push_global(std::string_view module, std::string_view name) {
  const std::string dotted =
      std::string(module.substr(0, kMaxNameBytes)) + "." + std::string(name.substr(0, kMaxNameBytes));
  const auto* known = std::find(kTensorGlobals.begin(), kTensorGlobals.end(), dotted);
  if (known != kTensorGlobals.end()) {
    return push({.kind = PickleKind::kGlobal, .text = *known});
  }
  if (classes_ == PickleClasses::kTensorsAndScript) {
    const auto* script = std::find(kScriptGlobals.begin(), kScriptGlobals.end(), dotted);
    if (script != kScriptGlobals.end()) {
      return push({.kind = PickleKind::kGlobal, .text = *script});
    }
    if (is_script_class(module)) {
      return push({.kind = PickleKind::kGlobal, .text = module});
    }
  }
  return unsupported("pickle: global " + quote(dotted) + " is not allowed" + std::string(way_out(module, name)));
}

Status Unpickler::append_to_top(PickleKind kind, std::vector<PickleId> items) {
  FACEPIPE_ASSIGN(const PickleId id, pop());
  PickleNode& top = nodes_[id];
  if (top.kind != kind) {
    return broken("items are added to " + std::string(to_string(top.kind)));
  }
  top.items.insert(top.items.end(), items.begin(), items.end());
  return push_id(id);
}

Status Unpickler::op_proto() {
  const unsigned protocol = reader_.u8();
  if (protocol < 2 || protocol > 5) {
    return unsupported("pickle: protocol " + std::to_string(protocol) + ", expected 2 to 5");
  }
  return {};
}

Status Unpickler::op_mark() {
  if (marks_.size() >= limits_.max_entries) {
    return too_large("pickle: more than " + std::to_string(limits_.max_entries) + " marks");
  }
  marks_.push_back(stack_.size());
  return {};
}

Status Unpickler::op_pop() {
  FACEPIPE_TRY(pop());
  return {};
}

Status Unpickler::op_pop_mark() {
  FACEPIPE_TRY(pop_to_mark());
  return {};
}

Status Unpickler::op_dup() {
  FACEPIPE_ASSIGN(const PickleId id, pop());
  FACEPIPE_TRY(push_id(id));
  return push_id(id);
}

Status Unpickler::op_binfloat() {
  std::uint64_t bits = 0;
  for (const std::byte byte : reader_.take(sizeof(double))) {  // the one big-endian field of a pickle
    bits = (bits << 8U) | std::to_integer<std::uint64_t>(byte);
  }
  return push({.kind = PickleKind::kFloat, .real = std::bit_cast<double>(bits)});
}

Status Unpickler::op_tuple() {
  FACEPIPE_ASSIGN(std::vector<PickleId> items, pop_to_mark());
  return push({.kind = PickleKind::kTuple, .items = std::move(items)});
}

Status Unpickler::op_append() {
  FACEPIPE_ASSIGN(const PickleId item, pop());
  return append_to_top(PickleKind::kList, {item});
}

Status Unpickler::op_appends() {
  FACEPIPE_ASSIGN(std::vector<PickleId> items, pop_to_mark());
  return append_to_top(PickleKind::kList, std::move(items));
}

Status Unpickler::op_setitem() {
  FACEPIPE_ASSIGN(const PickleId value, pop());
  FACEPIPE_ASSIGN(const PickleId key, pop());
  return append_to_top(PickleKind::kDict, {key, value});
}

Status Unpickler::op_setitems() {
  FACEPIPE_ASSIGN(std::vector<PickleId> items, pop_to_mark());
  if (items.size() % 2 != 0) {
    return broken("a dictionary key has no value");
  }
  return append_to_top(PickleKind::kDict, std::move(items));
}

Status Unpickler::op_global() {
  const std::string_view module = reader_.line();
  const std::string_view name = reader_.line();
  if (reader_.overrun()) {
    return broken("the name of a global is cut short");
  }
  return push_global(module, name);
}

Status Unpickler::op_stack_global() {
  FACEPIPE_ASSIGN(const PickleId name, pop());
  FACEPIPE_ASSIGN(const PickleId module, pop());
  if (nodes_[name].kind != PickleKind::kString || nodes_[module].kind != PickleKind::kString) {
    return broken("the name of a global is not a string");
  }
  return push_global(nodes_[module].text, nodes_[name].text);
}

Status Unpickler::op_reduce() {
  FACEPIPE_ASSIGN(const PickleId arguments, pop());
  FACEPIPE_ASSIGN(const PickleId callee, pop());
  if (nodes_[callee].kind != PickleKind::kGlobal || nodes_[arguments].kind != PickleKind::kTuple) {
    return broken("REDUCE needs a global and a tuple");
  }
  if (nodes_[callee].text == "collections.OrderedDict" && nodes_[arguments].items.empty()) {
    return push({.kind = PickleKind::kDict});
  }
  return push({.kind = PickleKind::kCall, .items = {callee, arguments}});
}

Status Unpickler::op_newobj() {
  FACEPIPE_ASSIGN(const PickleId arguments, pop());
  FACEPIPE_ASSIGN(const PickleId type, pop());
  if (nodes_[type].kind != PickleKind::kGlobal || !is_script_class(nodes_[type].text) ||
      nodes_[arguments].kind != PickleKind::kTuple) {
    return broken("NEWOBJ needs a TorchScript class and a tuple");
  }
  return push({.kind = PickleKind::kObject, .items = {type}});
}

// The state of a module is kept. That of an OrderedDict is dropped: torch hangs version numbers ("_metadata") on it.
Status Unpickler::op_build() {
  FACEPIPE_ASSIGN(const PickleId state, pop());
  FACEPIPE_ASSIGN(const PickleId id, pop());
  PickleNode& object = nodes_[id];
  if (object.kind == PickleKind::kObject) {
    object.items.resize(1);
    object.items.push_back(state);
  } else if (object.kind != PickleKind::kDict) {
    return broken("BUILD on " + std::string(to_string(object.kind)));
  }
  return push_id(id);
}

Status Unpickler::op_binpersid() {
  FACEPIPE_ASSIGN(const PickleId id, pop());
  return push({.kind = PickleKind::kPersistentId, .items = {id}});
}

Status Unpickler::op_stop() {
  stopped_ = true;
  return {};
}

Result<ParsedPickle> Unpickler::run() {
  static constexpr std::array<Opcode, 256> kOpcodes = make_opcodes();
  while (!stopped_) {
    opcode_at_ = reader_.position();
    const std::uint8_t code = reader_.u8();
    if (reader_.overrun()) {
      return broken("no STOP before the end");
    }
    const Opcode& opcode = kOpcodes[code];
    if (opcode.name.empty()) {
      return broken("byte " + std::to_string(code) + " is no opcode");
    }
    if (opcode.handler == nullptr) {
      return unsupported("pickle: opcode " + std::string(opcode.name) + " is not allowed");
    }
    FACEPIPE_TRY((this->*opcode.handler)());
    if (reader_.overrun()) {
      return broken("opcode " + std::string(opcode.name) + " is cut short");
    }
  }
  FACEPIPE_ASSIGN(const PickleId root, pop());
  return ParsedPickle{PickleTree(std::move(nodes_), root), reader_.position()};
}

}  // namespace

Result<ParsedPickle> parse_pickle(ByteView bytes, PickleClasses classes, const ReadLimits& limits) {
  return Unpickler(bytes, classes, limits).run();
}

}  // namespace facepipe::weights
