// Tested by mtcnn_test.cc and inception_resnet_v1_test.cc.
#include "packs/sources/network_spec.h"

#include <set>

#include "weights/parse.h"

namespace facepipe::weights {
namespace {

// One kind of trouble: "missing: 'a', 'b' and 3 more".
class Names {
 public:
  explicit Names(std::string_view kind) : kind_(kind) {}
  void add(const std::string& text) {
    constexpr std::size_t kMaxListed = 5;
    if (count_ < kMaxListed) {
      list_ += (count_ == 0 ? "" : ", ") + text;
    } else {
      ++unlisted_;
    }
    ++count_;
  }
  [[nodiscard]] std::string text() const {
    if (count_ == 0) {
      return "";
    }
    return "; " + kind_ + ": " + list_ + (unlisted_ == 0 ? "" : " and " + std::to_string(unlisted_) + " more");
  }

 private:
  std::string kind_;
  std::string list_;
  std::size_t count_ = 0;
  std::size_t unlisted_ = 0;
};

bool fits(const std::vector<std::int64_t>& expected, const std::vector<std::int64_t>& found) {
  if (expected.size() != found.size()) {
    return false;
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == kAnyExtent ? found[i] < 1 : found[i] != expected[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Status check_against(const std::vector<TensorSpec>& specs, const StateDict& tensors, std::string_view network) {
  Names missing("missing");
  Names misshapen("misshapen");
  Names unknown("unknown");
  std::set<std::string_view> known;
  for (const TensorSpec& spec : specs) {
    known.insert(spec.name);
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) {
      missing.add(quote(spec.name));
    } else if (!fits(spec.shape, found->second.shape)) {
      misshapen.add(quote(spec.name) + " " + shape_to_string(found->second.shape) + ", expected " +
                    shape_to_string(spec.shape));
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!known.contains(name)) {
      unknown.add(quote(name));
    }
  }
  const std::string trouble = missing.text() + misshapen.text() + unknown.text();
  if (trouble.empty()) {
    return {};
  }
  return invalid_data("the tensors are not those of " + std::string(network) + trouble);
}

}  // namespace facepipe::weights
