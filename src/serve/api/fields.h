// What a request may say, as data: the parameters of a path, a query or a JSON body, read and described by the same
// words.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "faces/ids.h"

namespace facepipe::serve {

// One value that is told by its name.
struct Field {
  enum class Kind {
    kText,     // UTF-8 of low..high characters
    kId,       // 16 lower-case hexadecimal characters
    kIds,      // a list of 1..high of them; in JSON alone
    kInteger,  // low..high
    kShare,    // a number between 0 and 1, neither of them
    kPart,     // a number of at least 0 and below 1
    kAmount,   // low..high, or null for no bound; in JSON alone
    kObject,   // of `fields`, whose names have "NAME." before them among the values; in JSON alone
    kBoolean,  // "true" or "false" in a query
    kTime,     // RFC 3339, as parse_iso_time takes it
    kChoice,   // one of `choices`
  };
  std::string name;
  Kind kind = Kind::kText;
  std::string about = {};  // for who reads the description
  bool required = false;
  std::int64_t low = 0;
  std::int64_t high = 1024;
  std::vector<std::string> choices = {};
  std::vector<Field> fields = {};
};

// The value's JSON schema.
[[nodiscard]] std::string schema_of(const Field& field);
// Of an object of these and no other.
[[nodiscard]] std::string object_schema(const std::vector<Field>& fields);

// Values that were read and are as their fields say. Absent ones have none.
class Values {
 public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(std::string(name)); }
  [[nodiscard]] const std::string& text(std::string_view name) const;  // empty: absent
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  // Of kAmount, which is there; nothing: no bound.
  [[nodiscard]] std::optional<std::int64_t> amount(std::string_view name) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
  [[nodiscard]] std::optional<Clock::TimePoint> time(std::string_view name) const;
  template <typename Id>
  [[nodiscard]] std::optional<Id> id(std::string_view name) const {
    const auto& list = list_of(name);
    return list.empty() ? std::nullopt : faces::parse<Id>(list.front());
  }
  template <typename Id>
  [[nodiscard]] std::vector<Id> ids(std::string_view name) const {
    std::vector<Id> found;
    for (const std::string& text : list_of(name)) {
      found.push_back(*faces::parse<Id>(text));
    }
    return found;
  }
  void remove(std::string_view name) { values_.erase(std::string(name)); }
  void set(std::string_view name, std::vector<std::string> values) { values_[std::string(name)] = std::move(values); }

 private:
  [[nodiscard]] const std::vector<std::string>& list_of(std::string_view name) const;
  std::map<std::string, std::vector<std::string>> values_;
};

// kInvalidData naming the field, what was expected and, where it is short, what came; also for a name that is none of
// the fields, for one that comes twice, and for a required one that does not come.
[[nodiscard]] Result<Values> read_query(const std::vector<Field>& fields, std::string_view target);
// `found`: http::path_parameters, in the order of the fields.
[[nodiscard]] Result<Values> read_path(const std::vector<Field>& fields, const std::vector<std::string>& found);
[[nodiscard]] Result<Values> read_json(const std::vector<Field>& fields, std::string_view body,
                                       std::size_t max_bytes = std::size_t{64} << 10U);
// Of names and values, decoded.
[[nodiscard]] Result<Values> read_pairs(const std::vector<Field>& fields,
                                        std::vector<std::pair<std::string, std::string>> pairs);

}  // namespace facepipe::serve
