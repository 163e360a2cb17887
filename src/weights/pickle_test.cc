#include "weights/pickle.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

Result<ParsedPickle> parse(std::string_view text, PickleClasses classes = PickleClasses::kTensors,
                           const ReadLimits& limits = {}) {
  return parse_pickle(as_bytes(text), classes, limits);
}

// For bytes with zeros in them. A view of the literal: a tree looks into its bytes.
template <std::size_t N>
std::string_view raw(const char (&text)[N]) {
  return {text, N - 1};
}

TEST(Pickle, ReadsIntegers) {
  const std::string_view text = raw("\x80\x02(K\x07M\x01\x02J\xFE\xFF\xFF\xFF\x8a\x00\x8a\x01\x80\x8a\x02\xFF\x00t.");
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed) << error_of(parsed);
  std::vector<std::int64_t> values;
  for (const PickleId id : parsed->tree.root().items) {
    EXPECT_EQ(parsed->tree[id].kind, PickleKind::kInt);
    values.push_back(parsed->tree[id].integer);
  }
  EXPECT_EQ(values, (std::vector<std::int64_t>{7, 513, -2, 0, -128, 255}));
  EXPECT_EQ(parsed->size_bytes, text.size());
}

TEST(Pickle, ReadsWideIntegers) {
  const auto largest = parse(raw("\x80\x02\x8b\x08\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F."));
  ASSERT_TRUE(largest) << error_of(largest);
  EXPECT_EQ(largest->tree.root().integer, std::numeric_limits<std::int64_t>::max());
  const auto big = parse(raw("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
  ASSERT_TRUE(big) << error_of(big);
  EXPECT_EQ(big->tree.root().kind, PickleKind::kBigInt);
  EXPECT_EQ(big->tree.root().text.size(), 10U);
}

TEST(Pickle, ReadsOtherScalars) {
  const auto parsed =
      parse(raw("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00(N\x88\x89G\xBF\xF8\x00\x00\x00\x00\x00\x00"
                "\x8c\x02hiX\x02\x00\x00\x00\xC3\xA9t."));
  ASSERT_TRUE(parsed) << error_of(parsed);
  const PickleTree& tree = parsed->tree;
  const std::vector<PickleId>& items = tree.root().items;
  ASSERT_EQ(items.size(), 6U);
  EXPECT_EQ(tree[items[0]].kind, PickleKind::kNone);
  EXPECT_EQ(tree[items[1]].integer, 1);
  EXPECT_EQ(tree[items[2]].kind, PickleKind::kBool);
  EXPECT_EQ(tree[items[2]].integer, 0);
  EXPECT_EQ(tree[items[3]].real, -1.5);
  EXPECT_EQ(tree[items[4]].text, "hi");
  EXPECT_EQ(tree[items[5]].text, "\xC3\xA9");
}

TEST(Pickle, ReadsContainersAndMemo) {
  // {"a": [1, 2], "b": the same list, "a": (3, 4)}
  const auto parsed =
      parse(raw("\x80\x02}q\x00(X\x01\x00\x00\x00"
                "a](K\x01K\x02"
                "eq\x01X\x01\x00\x00\x00"
                "bh\x01uX\x01\x00\x00\x00"
                "aK\x03K\x04\x86s."));
  ASSERT_TRUE(parsed) << error_of(parsed);
  const PickleTree& tree = parsed->tree;
  EXPECT_EQ(tree.root().kind, PickleKind::kDict);
  EXPECT_EQ(tree.root().items.size(), 6U);
  const auto b = tree.find(tree.root(), "b");
  ASSERT_TRUE(b);
  EXPECT_EQ(tree[*b].kind, PickleKind::kList);
  EXPECT_EQ(tree[tree[*b].items[1]].integer, 2);
  const auto last_a = tree.find(tree.root(), "a");
  ASSERT_TRUE(last_a);
  EXPECT_EQ(tree[*last_a].kind, PickleKind::kTuple);
  EXPECT_FALSE(tree.find(tree.root(), "c"));
}

TEST(Pickle, AListMayHoldItself) {
  const auto parsed =
      parse(raw("\x80\x02]q\x00h\x00"
                "a."));
  ASSERT_TRUE(parsed) << error_of(parsed);
  EXPECT_EQ(parsed->tree.root().items, std::vector<PickleId>{parsed->tree.root_id()});
}

TEST(Pickle, DeepNestingNeedsNoRecursion) {
  const std::string deep = std::string("\x80\x02") + std::string(500'000, ')') + std::string(499'999, '\x86') + ".";
  EXPECT_EQ(parse(deep)->tree.root().kind, PickleKind::kTuple);
  const std::string lists = std::string("\x80\x02") + std::string(300'000, ']') + std::string(299'999, 'a') + ".";
  EXPECT_EQ(parse(lists)->tree.root().kind, PickleKind::kList);
}

TEST(Pickle, ReadsAnOrderedDictAsDictionary) {
  const auto parsed = parse(
      "\x80\x02"
      "ccollections\nOrderedDict\n)R}b.");
  ASSERT_TRUE(parsed) << error_of(parsed);
  EXPECT_EQ(parsed->tree.root().kind, PickleKind::kDict);
}

TEST(Pickle, RefusesGlobalsByName) {
  const auto system = parse(
      "\x80\x02"
      "cposix\nsystem\nX\x04");
  EXPECT_EQ(error_of(system), "pickle: global 'posix.system' is not allowed");
  EXPECT_EQ(system.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(error_of(parse("\x80\x04\x8c\x08"
                           "builtins\x8c\x04"
                           "eval\x93.")),
            "pickle: global 'builtins.eval' is not allowed");
  EXPECT_EQ(
      error_of(parse("\x80\x02"
                     "ctorch._utils\n_rebuild_qtensor\n.")),
      "pickle: global 'torch._utils._rebuild_qtensor' is not allowed: the file holds sparse or quantised tensors; make "
      "dense float tensors of them and save it again");
  EXPECT_EQ(error_of(parse("\x80\x02"
                           "cos\x01\n"
                           "a\xFF\n.")),
            "pickle: global 'os?.a?' is not allowed");
}

TEST(Pickle, SaysWhatToDoAboutAGlobal) {
  EXPECT_EQ(error_of(parse("\x80\x02"
                           "cnumpy.core.multiarray\n_reconstruct\n.")),
            "pickle: global 'numpy.core.multiarray._reconstruct' is not allowed: the file holds numpy values; make "
            "tensors of them (torch.from_numpy, float()) and save it again");
  EXPECT_EQ(error_of(parse("\x80\x04\x8c\x08__main__\x8c\x03Net\x93.")),
            "pickle: global '__main__.Net' is not allowed: the file holds an object of that class (a whole model, "
            "settings); save its tensors alone, of a model its state_dict()");
}

TEST(Pickle, RefusesScriptClassesOutsideOfTorchScript) {
  constexpr std::string_view kModule =
      "\x80\x02"
      "c__torch__.m\nNet\n)\x81}b.";
  EXPECT_EQ(error_of(parse(kModule)), "pickle: global '__torch__.m.Net' is not allowed");
  const auto parsed = parse(kModule, PickleClasses::kTensorsAndScript);
  ASSERT_TRUE(parsed) << error_of(parsed);
  EXPECT_EQ(parsed->tree.root().kind, PickleKind::kObject);
  EXPECT_EQ(error_of(parse("\x80\x02"
                           "c__torch__x\nNet\n.",
                           PickleClasses::kTensorsAndScript)),
            "pickle: global '__torch__x.Net' is not allowed");
}

TEST(Pickle, RefusesOpcodesByName) {
  EXPECT_EQ(error_of(parse("\x80\x02"
                           "(S'ls'\niposix\nsystem\n.")),
            "pickle: opcode STRING is not allowed");
  EXPECT_EQ(error_of(parse("\x80\x02(iposix\nsystem\n.")), "pickle: opcode INST is not allowed");
  EXPECT_EQ(error_of(parse("\x80\x02(o.")), "pickle: opcode OBJ is not allowed");
  EXPECT_EQ(error_of(parse("\x80\x02\x82\x01.")), "pickle: opcode EXT1 is not allowed");
  EXPECT_EQ(error_of(parse("\x80\x02\xFF.")), "pickle: byte 255 is no opcode at byte 2");
  EXPECT_EQ(error_of(parse("\x80\x01.")), "pickle: protocol 1, expected 2 to 5");
  EXPECT_EQ(error_of(parse("\x80\x06.")), "pickle: protocol 6, expected 2 to 5");
}

TEST(Pickle, RefusesCallsOfWhatIsNoGlobal) {
  EXPECT_EQ(error_of(parse("\x80\x02])R.")), "pickle: REDUCE needs a global and a tuple at byte 4");
  EXPECT_EQ(error_of(parse("\x80\x02"
                           "ctorch\nSize\n)\x81.")),
            "pickle: NEWOBJ needs a TorchScript class and a tuple at byte 15");
  EXPECT_EQ(error_of(parse("\x80\x02]}b.")), "pickle: BUILD on a list at byte 4");
}

TEST(Pickle, RefusesBrokenStacks) {
  EXPECT_EQ(error_of(parse("\x80\x02.")), "pickle: a value is missing on the stack at byte 2");
  EXPECT_EQ(error_of(parse("\x80\x02](0.")), "pickle: a value is missing on the stack at byte 4");
  EXPECT_EQ(error_of(parse("\x80\x02t.")), "pickle: a mark is missing on the stack at byte 2");
  EXPECT_EQ(error_of(parse("\x80\x02}(Nu.")), "pickle: a dictionary key has no value at byte 5");
  EXPECT_EQ(error_of(parse("\x80\x02NNa.")), "pickle: items are added to None at byte 4");
  EXPECT_EQ(error_of(parse(raw("\x80\x02h\x00."))), "pickle: memo entry 0 does not exist at byte 2");
  EXPECT_EQ(error_of(parse(raw("\x80\x02X\x02\x00\x00\x00\xC3\x28."))), "pickle: a string is not UTF-8 at byte 2");
}

TEST(Pickle, RefusesClaimedSizesPastTheEnd) {
  EXPECT_EQ(error_of(parse("\x80\x02X\xFF\xFF\xFF\x3F"
                           "a.")),
            "pickle: opcode BINUNICODE is cut short at byte 2");
  EXPECT_EQ(error_of(parse("\x80\x04\x8d\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                           "a.")),
            "pickle: opcode BINUNICODE8 is cut short at byte 2");
  EXPECT_EQ(error_of(parse("\x80\x02"
                           "cposix")),
            "pickle: the name of a global is cut short at byte 2");
  EXPECT_EQ(error_of(parse("")), "pickle: no STOP before the end at byte 0");
}

TEST(Pickle, KeepsToTheLimits) {
  const ReadLimits limits{.max_entries = 3};
  EXPECT_TRUE(parse("\x80\x02NNN.", PickleClasses::kTensors, limits));
  EXPECT_EQ(error_of(parse("\x80\x02NNNN.", PickleClasses::kTensors, limits)), "pickle: more than 3 values");
  EXPECT_EQ(error_of(parse("\x80\x02N2222.", PickleClasses::kTensors, limits)),
            "pickle: more than 3 values on the stack");
  EXPECT_EQ(error_of(parse("\x80\x02((((.", PickleClasses::kTensors, limits)), "pickle: more than 3 marks");
  const auto memo = parse("\x80\x02Nr\xFF\xFF\xFF\xFF.");
  EXPECT_EQ(error_of(memo), "pickle: memo index 4294967295 is past the limit of 1000000");
  EXPECT_EQ(memo.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace facepipe::weights
