// torch.save and TorchScript files: those of tests/data/weights, and hostile ones made here.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include "weights/readers.h"
#include "weights/scalar.h"
#include "weights/test_data.h"
#include "weights/zip_writer.h"

namespace facepipe::weights {
namespace {

using Shape = std::vector<std::int64_t>;
using Values = std::vector<float>;

Bytes archive(std::string_view pickle, std::string_view storage = "", std::string_view byte_order = "little") {
  return write_zip(
      {{"x/data.pkl", as_bytes(pickle)}, {"x/data/0", as_bytes(storage)}, {"x/byteorder", as_bytes(byte_order)}});
}

std::string integer(std::uint64_t value) {  // LONG1 of 8 bytes
  std::string text = "\x8a\x08";
  for (unsigned shift = 0; shift < 64; shift += 8) {
    text += static_cast<char>((value >> shift) & 0xFFU);
  }
  return text;
}

std::string string(std::string_view text) {
  return "\x8c" + std::string(1, static_cast<char>(text.size())) + std::string(text);
}

struct TensorFields {
  std::string type = "FloatStorage";
  std::string key = "0";
  std::uint64_t numel = 4;
  std::uint64_t offset = 0;
  std::vector<std::uint64_t> shape = {4};
  std::vector<std::uint64_t> strides = {1};
  std::string metadata{};  // pickled seventh argument
};

std::string tuple_of(const std::vector<std::uint64_t>& counts) {
  std::string text = "(";
  for (const std::uint64_t count : counts) {
    text += integer(count);
  }
  return text + "t";
}

std::string tensor(const TensorFields& fields) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + string("storage") + "ctorch\n" + fields.type + "\n" +
         string(fields.key) + string("cpu") + integer(fields.numel) + "tQ" + integer(fields.offset) +
         tuple_of(fields.shape) + tuple_of(fields.strides) + "\x89}" + fields.metadata + "tR";
}

// {"t": TENSOR}
std::string dict_of(const std::string& tensor_pickle) {
  return "\x80\x02}" + string("t") + tensor_pickle + "s.";
}

std::string error_with(const TensorFields& fields, const ReadLimits& limits = {}) {
  return error_of(read_torch(archive(dict_of(tensor(fields)), std::string(16, '\0')), limits));
}

void expect_state(const std::string& name) {
  const Result<StateDict> state = read_torch(test_file(name));
  ASSERT_TRUE(state) << error_of(state);
  EXPECT_EQ(state->size(), 11U);
  EXPECT_EQ(state->at("base").shape, (Shape{3, 4}));
  EXPECT_EQ(state->at("base").values, (Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(state->at("transposed").shape, (Shape{4, 3}));
  EXPECT_EQ(state->at("transposed").values, (Values{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
  EXPECT_EQ(state->at("row").values, (Values{4, 5, 6, 7}));
  EXPECT_EQ(state->at("every_other").shape, (Shape{3, 2}));
  EXPECT_EQ(state->at("every_other").values, (Values{1, 3, 5, 7, 9, 11}));
  EXPECT_EQ(state->at("expanded").values, (Values{7, 7, 7, 8, 8, 8}));
  EXPECT_EQ(state->at("parameter").values, (Values{0.5F, -0.25F}));
  EXPECT_EQ(state->at("half").values,
            (Values{1.0F, -2.5F, 65504.0F, 0x1p-24F, 0.0F, std::numeric_limits<float>::infinity()}));
  EXPECT_EQ(state->at("bfloat16").values, (Values{1.0F, -3.140625F, 0x1.94p+99F}));
  EXPECT_EQ(state->at("double").values, (Values{0.1F, -1.0e-3F}));
  EXPECT_EQ(state->at("scalar").shape, Shape{});
  EXPECT_EQ(state->at("scalar").values, Values{1.5F});
  EXPECT_EQ(state->at("empty").shape, (Shape{0, 3}));
  EXPECT_TRUE(state->at("empty").values.empty());
}

void expect_script(const std::string& name) {
  const Result<StateDict> state = read_torch(test_file(name));
  ASSERT_TRUE(state) << error_of(state);
  std::vector<std::string> names;
  for (const auto& [key, tensor] : *state) {
    names.push_back(key);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"body.0.bias", "body.0.weight", "body.1.bias", "body.1.running_mean",
                                             "body.1.running_var", "body.1.weight", "body.2.weight", "head.weight"}));
  EXPECT_EQ(state->at("body.0.weight").shape, (Shape{2, 1, 3, 3}));
  EXPECT_EQ(state->at("body.0.weight").values[17], 2.125F);
  EXPECT_EQ(state->at("body.0.bias").values, (Values{1.0F, 1.125F}));
  EXPECT_EQ(state->at("body.1.running_var").values, (Values{5.0F, 5.125F}));
  EXPECT_EQ(state->at("head.weight").shape, (Shape{3, 2}));
}

TEST(TorchFile, ReadsAZipStateDict) {
  expect_state("state_zip.pt");
}
TEST(TorchFile, ReadsPickleProtocol4) {
  expect_state("state_zip_protocol4.pt");
}
// Packed again by another program, byte order and all.
TEST(TorchFile, ReadsADeflatedArchive) {
  expect_state("state_zip_deflated.pt");
}
TEST(TorchFile, ReadsALegacyStateDict) {
  expect_state("state_legacy.pt");
}
TEST(TorchFile, ReadsATracedModule) {
  expect_script("script_traced.pt");
}
TEST(TorchFile, ReadsAScriptedModule) {
  expect_script("script_scripted.pt");
}

TEST(TorchFile, RefusesWhatIsNoTorchFile) {
  EXPECT_EQ(error_of(read_torch({})), "not a torch file (torch.save or TorchScript): it is empty");
}

TEST(TorchFile, RefusesWhatIsNoStateDict) {
  EXPECT_EQ(
      error_of(read_torch(test_file("checkpoint.pt"))),
      "the state dict's entry 'epoch' is an integer, expected a tensor: of a training checkpoint the weights alone "
      "are read, under 'state_dict', 'model_state_dict', 'model', 'net', 'network' or 'module'");
  EXPECT_EQ(error_of(read_torch(test_file("gallery_zip.pt"))),
            "the torch file holds a list, expected a state dict (names to tensors)");
  EXPECT_EQ(error_of(read_torch(archive("\x80\x02}K\x01Ns."))),
            "a key of the state dict is an integer, expected a string");
}

// {"epoch": 3, "model_state_dict": {"t": TENSOR}, "optimizer": [None]}
TEST(TorchFile, ReadsTheStateDictOfACheckpoint) {
  const std::string inner = "}" + string("t") + tensor({}) + "s";
  const std::string checkpoint =
      "\x80\x02}(" + string("epoch") + "K\x03" + string("model_state_dict") + inner + string("optimizer") + "]Nau.";
  const auto state = read_torch(archive(checkpoint, std::string(16, '\0')));
  ASSERT_TRUE(state) << error_of(state);
  EXPECT_EQ(state->size(), 1U);
  EXPECT_EQ(state->at("t").shape, Shape{4});
}

// state_legacy.pt with its first four pickles as another protocol writes them.
std::string legacy_of_protocol(char protocol, bool framed) {
  const std::string proto = {'\x80', protocol};
  const std::string frame = framed ? std::string("\x95\x0d\0\0\0\0\0\0\0", 9) : std::string();
  const auto pickle = [&](const std::string& body) { return proto + frame + body + "."; };
  const std::string version = "M\xe9\x03";
  const std::string system = "}\x94" + string("little_endian") + "\x94\x88s";
  const auto global = [](std::string_view module, std::string_view name) {
    return string(module) + "\x94" + string(name) + "\x94\x93\x94";
  };
  const std::string content = "}\x94" + string("w") + "\x94" + global("torch._utils", "_rebuild_tensor_v2") + "((" +
                              string("storage") + "\x94" + global("torch", "FloatStorage") + string("7") + "\x94" +
                              string("cpu") + std::string("\x94K\x02Nt\x94QK\0K\x02\x85\x94K\x01\x85\x94\x89", 18) +
                              global("collections", "OrderedDict") + ")R\x94t\x94R\x94s";
  const std::string keys = "]\x94" + string("7") + "\x94" + "a";
  const std::string magic = std::string("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
  return pickle(magic) + pickle(version) + pickle(system) + pickle(content) + pickle(keys) +
         std::string("\x02\0\0\0\0\0\0\0\0\0\x80\x3f\0\0\0\xc0", 16);
}

TEST(TorchFile, ReadsLegacyFilesOfEveryProtocol) {
  for (const char protocol : {'\x03', '\x04', '\x05'}) {
    for (const bool framed : {false, true}) {
      if (framed && protocol == '\x03') {
        continue;  // frames begin with protocol 4
      }
      const std::string file = legacy_of_protocol(protocol, framed);
      const auto state = read_torch(as_bytes(file));
      ASSERT_TRUE(state) << error_of(state) << " protocol " << static_cast<int>(protocol);
      EXPECT_EQ(state->at("w").values, (Values{1.0F, -2.0F}));
    }
  }
  EXPECT_EQ(error_of(read_torch(as_bytes(legacy_of_protocol('\x01', false)))),
            "not a torch file (torch.save or TorchScript): it looks like a plain pickle: save it with torch.save");
}

TEST(TorchFile, SaysWhatOtherFilesAre) {
  EXPECT_EQ(error_of(read_torch(as_bytes("\x93NUMPY\x01"))),
            "not a torch file (torch.save or TorchScript): it looks like a numpy array (.npy): save torch tensors with "
            "torch.save");
  EXPECT_EQ(error_of(read_torch(write_zip({{"arr_0.npy", {}}}))),
            "a zip archive without FOLDER/data.pkl: it holds numpy arrays (.npz): save torch tensors with torch.save");
  const auto names = [](const std::string& bytes, std::string_view what) {
    return error_of(read_torch(as_bytes(bytes))).find(what) != std::string::npos;
  };
  EXPECT_TRUE(names(std::string(257, '\0') + "ustar", "tar archive"));
  EXPECT_TRUE(names(std::string("\x08\0\0\0\0\0\0\0{}      ", 16), "safetensors"));
  EXPECT_TRUE(names("\x08\x07\x12\x07pytorch", "ONNX"));
}

// os.system, as a pickle that runs a command on loading would have it.
TEST(TorchFile, RefusesACodeExecutingPickle) {
  const std::filesystem::path witness = std::filesystem::temp_directory_path() / "facepipe_pickle_witness";
  std::filesystem::remove(witness);
  const std::string attack =
      "\x80\x02"
      "cposix\nsystem\n" +
      string("touch " + witness.string()) + "\x85R.";
  EXPECT_EQ(error_of(read_torch(archive(attack))), "pickle: global 'posix.system' is not allowed");
  const Bytes legacy = test_file("state_legacy.pt");
  const std::string in_legacy = std::string(as_text(ByteView(legacy).first(15))) + attack;
  EXPECT_EQ(error_of(read_torch(as_bytes(in_legacy))),
            "legacy torch file, protocol version: pickle: global 'posix.system' is not allowed");
  EXPECT_FALSE(std::filesystem::exists(witness));
}

TEST(TorchFile, RefusesBigEndian) {
  EXPECT_EQ(error_of(read_torch(archive(dict_of(tensor({})), std::string(16, '\0'), "big"))),
            "torch archive: byte order 'big', expected 'little'");
}

TEST(TorchFile, RefusesTensorsOutsideTheirStorage) {
  EXPECT_EQ(error_with({}), "no error");
  EXPECT_EQ(error_with({.numel = 5}), "tensor 't': storage '0' holds 4 values, expected 5");
  EXPECT_EQ(error_with({.numel = 1'000'000'000, .shape = {1'000'000'000}}),
            "tensor 't': storage '0' holds 4 values, expected 1000000000");
  EXPECT_EQ(error_with({.offset = 1}), "tensor 't': a tensor reaches element 4 of storage '0' of 4");
  EXPECT_EQ(error_with({.shape = {2}, .strides = {4}}), "tensor 't': a tensor reaches element 4 of storage '0' of 4");
  EXPECT_EQ(error_with({.key = "1"}), "tensor 't': storage '1' is missing");
  EXPECT_EQ(error_with({.shape = {2}, .strides = {1ULL << 63U}}), "tensor 't': the stride of a tensor is not a count");
  EXPECT_EQ(error_with({.shape = {3}, .strides = {(1ULL << 63U) - 1}}),
            "tensor 't': a tensor reaches element 18446744073709551614 of storage '0' of 4");
  EXPECT_EQ(error_with({.shape = {4}, .strides = {(1ULL << 63U) - 1}}),
            "tensor 't': the stride of a tensor overflows 64 bits");
}

TEST(TorchFile, RefusesMalformedTensors) {
  EXPECT_EQ(error_with({.strides = {1, 1}}), "tensor 't': a tensor of 1 dimensions has 2 strides");
  EXPECT_EQ(error_with({.type = "FooStorage"}), "pickle: global 'torch.FooStorage' is not allowed");
  EXPECT_EQ(error_with({.metadata = "}" + string("neg") + "\x88s"}),
            "tensor 't': a tensor with metadata (conjugated or negated)");
  EXPECT_EQ(error_with({.metadata = "N"}), "no error");
  EXPECT_EQ(error_with({.metadata = "NN"}), "tensor 't': a tensor is built from 8 arguments, expected 6 or 7");
  EXPECT_EQ(error_with({.shape = std::vector<std::uint64_t>(17, 1), .strides = std::vector<std::uint64_t>(17, 1)}),
            "tensor 't': a tensor of 17 dimensions, at most 16 are read");
  EXPECT_EQ(error_of(read_torch(archive("\x80\x02}" + string("t") + "ctorch._utils\n_rebuild_parameter\n)Rs."))),
            "tensor 't': a parameter without its tensor");
}

// A small file may ask for much memory: a stride of 0, one tensor under many names, one long name.
TEST(TorchFile, BoundsWhatASmallFileCanAskFor) {
  EXPECT_EQ(error_with({.shape = {1'000'000'000}, .strides = {0}}),
            "tensor 't': a tensor of 1000000000 values: more than 1048576 values in all tensors together");
  EXPECT_EQ(error_with({.shape = {1ULL << 40U, 1ULL << 40U}, .strides = {0, 0}}),
            "tensor 't': the size of a tensor overflows 64 bits");
  EXPECT_EQ(error_with({}, {.max_tensor_values = 3}),
            "tensor 't': a tensor of 4 values: more than 3 values in all tensors together");
  const std::string twice = "\x80\x02}" + string("a") + tensor({}) + "q" + std::string(1, '\0') + "s" + string("b") +
                            "h" + std::string(1, '\0') + "s.";
  EXPECT_EQ(error_of(read_torch(archive(twice, std::string(16, '\0')))), "no error");
  EXPECT_EQ(error_of(read_torch(archive(twice, std::string(16, '\0')), {.max_tensor_values = 7})),
            "tensor 'b': a tensor of 4 values: more than 7 values in all tensors together");
  EXPECT_EQ(error_of(read_torch(test_file("state_zip.pt"), {.max_file_bytes = 100})),
            "a weights file of 3943 bytes, at most 100 are read");
  const std::string long_name = "X" + std::string("\xD0\x07\x00\x00", 4) + std::string(2000, 'n');
  EXPECT_EQ(error_of(read_torch(archive("\x80\x02}" + long_name + tensor({}) + "s.", std::string(16, '\0')))),
            "a tensor's name of 2000 bytes, expected 1 to 1024");
}

TEST(TorchFile, RefusesDuplicateNames) {
  EXPECT_EQ(error_of(read_torch(archive("\x80\x02}(" + string("t") + tensor({}) + string("t") + tensor({}) + "u.",
                                        std::string(16, '\0')))),
            "tensor 't' is there twice");
}

Bytes script(const std::string& pickle) {
  return write_zip(
      {{"x/data.pkl", as_bytes(pickle)}, {"x/data/0", as_bytes("0123456789abcdef")}, {"x/constants.pkl", {}}});
}

const std::string kNewModule = std::string("c__torch__\nNet\n)\x81");

// Modules that hold themselves, or each other twice on every level, would make endless or 2^40 names.
TEST(TorchFile, BoundsModulesThatHoldThemselves) {
  const std::string memo(1, '\0');
  const std::string cycle = "\x80\x02" + kNewModule + "q" + memo + "}" + string("m") + "h" + memo + "sb.";
  EXPECT_EQ(error_of(read_torch(script(cycle))), "TorchScript modules are nested deeper than 64");
  std::string doubling = "\x80\x02" + kNewModule + "}b";
  for (int level = 0; level < 40; ++level) {
    doubling +=
        std::string("q") + memo + "0" + kNewModule + "}(" + string("a") + "h" + memo + string("b") + "h" + memo + "ub";
  }
  EXPECT_EQ(error_of(read_torch(script(doubling + "."), {.max_entries = 10'000})),
            "the TorchScript module has more than 10000 attributes");
}

TEST(TorchFile, ReadsWhatAModuleHoldsAndNothingElse) {
  const auto state =
      read_torch(script("\x80\x02" + kNewModule + "}(" + string("training") + "\x89" + string("w") + tensor({}) +
                        string("list") + "ctorch.jit._pickle\nbuild_intlist\n]\x85R" + "ub."));
  ASSERT_TRUE(state) << error_of(state);
  EXPECT_EQ(state->size(), 1U);
  EXPECT_EQ(state->at("w").shape, Shape{4});
  EXPECT_EQ(error_of(read_torch(script("\x80\x02" + kNewModule + ")b."))),
            "TorchScript module '' keeps its state in a tuple, expected a dictionary of attributes");
  EXPECT_EQ(error_of(read_torch(script("\x80\x02" + kNewModule + "}b."))),
            "the TorchScript module holds no tensors: torch.jit.freeze turns them into constants of its code; save the "
            "module as it is before it is frozen, or its state_dict()");
  EXPECT_EQ(error_of(read_torch(script("\x80\x02]."))), "the TorchScript archive holds a list, expected a module");
}

bool reads_torch(ByteView file) {
  return read_torch(file, {.max_tensor_values = 100'000}).has_value();
}

TEST(TorchFile, SurvivesTruncation) {
  for (const char* name : {"state_zip.pt", "state_legacy.pt", "script_traced.pt"}) {
    EXPECT_EQ(accepted_prefixes(test_file(name), reads_torch), 0U) << name;
  }
}

TEST(TorchFile, SurvivesChangedBytes) {
  for (const char* name : {"state_zip.pt", "state_zip_protocol4.pt", "state_legacy.pt", "script_traced.pt"}) {
    read_with_changed_bytes(test_file(name), reads_torch);
  }
  EXPECT_TRUE(reads_torch(test_file("state_zip.pt")));
}

TEST(Scalar, ConvertsHalf) {
  EXPECT_EQ(float_from_half(0x3C00), 1.0F);
  EXPECT_EQ(float_from_half(0xC000), -2.0F);
  EXPECT_EQ(float_from_half(0x0001), 0x1p-24F);
  EXPECT_EQ(float_from_half(0x0400), 0x1p-14F);
  EXPECT_EQ(float_from_half(0x7BFF), 65504.0F);
  EXPECT_TRUE(std::signbit(float_from_half(0x8000)));
  EXPECT_EQ(float_from_half(0xFC00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(float_from_half(0x7E01)));
}

}  // namespace
}  // namespace facepipe::weights
