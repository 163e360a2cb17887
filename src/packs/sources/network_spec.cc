// Tested by mtcnn_test.cc and inception_resnet_v1_test.cc.
#include "packs/sources/network_spec.h"

#include <algorithm>
#include <set>

#include "weights/parse.h"

namespace facepipe::weights {
namespace {

// One kind of trouble: "; missing: 'a', 'b' and 3 more".
std::string list(std::string_view kind, const std::vector<std::string>& names) {
  constexpr std::size_t kMaxListed = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i) {
    text += (i == 0 ? "; " + std::string(kind) + ": " : ", ") + names[i];
  }
  return text + (names.size() > kMaxListed ? " and " + std::to_string(names.size() - kMaxListed) + " more" : "");
}

bool fits(const std::vector<std::int64_t>& expected, const std::vector<std::int64_t>& found) {
  return std::ranges::equal(expected, found, [](std::int64_t wanted, std::int64_t extent) {
    return wanted == kAnyExtent ? extent >= 1 : extent == wanted;
  });
}

}  // namespace

Status check_against(const std::vector<TensorSpec>& specs, const StateDict& tensors, std::string_view network) {
  std::vector<std::string> missing;
  std::vector<std::string> misshapen;
  std::vector<std::string> unknown;
  std::set<std::string_view> known;
  for (const TensorSpec& spec : specs) {
    known.insert(spec.name);
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) {
      missing.push_back(quote(spec.name));
    } else if (!fits(spec.shape, found->second.shape)) {
      misshapen.push_back(quote(spec.name) + " " + shape_to_string(found->second.shape) + ", expected " +
                          shape_to_string(spec.shape));
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!known.contains(name)) {
      unknown.push_back(quote(name));
    }
  }
  const std::string trouble = list("missing", missing) + list("misshapen", misshapen) + list("unknown", unknown);
  if (trouble.empty()) {
    return {};
  }
  return invalid_data("the tensors are not those of " + std::string(network) + trouble);
}

}  // namespace facepipe::weights
