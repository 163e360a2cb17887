// The kinds of a part that a pack may name, each with what makes it.
#pragma once

#include <map>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace facepipe::model {

// A value, so that there is no order of registration to mind: a program's own kinds are built in one place, and a test
// adds its own to a copy.
template <typename Make>
class Kinds {
 public:
  // `part` names what they are kinds of: "detector".
  Kinds(std::string part, std::map<std::string, Make, std::less<>> kinds)
      : part_(std::move(part)), kinds_(std::move(kinds)) {}

  // In place of one of that name.
  Kinds& add(std::string name, Make make) {
    kinds_.insert_or_assign(std::move(name), std::move(make));
    return *this;
  }
  // kUnsupported naming the kind and those that are known.
  [[nodiscard]] Result<Make> find(std::string_view name) const {
    if (const auto found = kinds_.find(name); found != kinds_.end()) {
      return found->second;
    }
    return Error{ErrorCode::kUnsupported, "unknown kind of " + part_ + ", '" + std::string(name) +
                                              "': expected one of " + joined(std::views::keys(kinds_), ", ")};
  }

 private:
  std::string part_;
  std::map<std::string, Make, std::less<>> kinds_;
};

}  // namespace facepipe::model
