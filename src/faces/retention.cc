// Tested by retention_test.cc.
#include "faces/retention.h"

#include <algorithm>
#include <array>

namespace facepipe::faces {
namespace {

constexpr std::chrono::seconds kNone{0};
constexpr std::chrono::seconds kShortest{60};  // of what has to be read by others
constexpr std::array<RetentionClass, 6> kClasses = {{{"known", &Retention::known, kNone},
                                                     {"unknown", &Retention::unknown, kNone},
                                                     {"frames", &Retention::frames, kNone},
                                                     {"visits", &Retention::visits, kShortest},
                                                     {"events", &Retention::events, kShortest},
                                                     {"changes", &Retention::changes, kShortest}}};

const RetentionClass* find_class(std::string_view name) {
  const auto* const found = std::ranges::find(kClasses, name, &RetentionClass::name);
  return found == kClasses.end() ? nullptr : found;
}

Error must_be(const std::string& name, std::int64_t low, std::int64_t high, std::string_view unit, std::int64_t value) {
  return Error{ErrorCode::kInvalidArgument, "\"" + name + "\": expected " + std::to_string(low) + " to " +
                                                std::to_string(high) + std::string(unit) + ", got " +
                                                std::to_string(value)};
}

}  // namespace

Retention keep_everything() {
  return {{}, {}, {}, {}, {}, {}, 0};
}

std::span<const RetentionClass> retention_classes() {
  return kClasses;
}

RetentionValues values_of(const Retention& retention) {
  RetentionValues values;
  for (const RetentionClass& each : kClasses) {
    const Retention::Age& age = retention.*each.age;
    values.emplace(each.name, age ? std::optional<std::int64_t>(age->count()) : std::nullopt);
  }
  values.emplace(kBytesClass, retention.max_bytes);
  return values;
}

Status check(const RetentionValues& values) {
  for (const auto& [name, value] : values) {
    if (name == kBytesClass) {
      if (!value || *value < 0 || *value > kMaxRetainedBytes) {
        return must_be(name, 0, kMaxRetainedBytes, " bytes", value.value_or(-1));
      }
      continue;
    }
    const RetentionClass* const found = find_class(name);
    if (found == nullptr) {
      return Error{ErrorCode::kInvalidArgument, "expected a class of what is kept, got \"" + name + "\""};
    }
    if (value && (*value < found->least.count() || *value > kMaxAgeS)) {
      return must_be(name, found->least.count(), kMaxAgeS, " seconds, or for ever", *value);
    }
  }
  return {};
}

void set_values(const RetentionValues& values, Retention& retention) {
  for (const auto& [name, value] : values) {
    if (name == kBytesClass) {
      retention.max_bytes = value.value_or(0);
    } else if (const RetentionClass* const found = find_class(name)) {
      retention.*found->age = value ? Retention::Age(std::chrono::seconds(*value)) : std::nullopt;
    }
  }
}

void write(JsonWriter& json, const RetentionValues& values) {
  json.begin_object();
  for (const auto& [name, value] : values) {
    json.key(name);
    value ? json.integer(*value) : json.null();
  }
  json.end_object();
}

Result<RetentionValues> read_retention_values(const JsonValue& json) {
  RetentionValues values;
  FACEPIPE_TRY(json.each_field([&](std::string_view name, const JsonValue& value) -> Status {
    const std::optional<std::int64_t> number = value.as_integer();
    if (!number && value.type() != JsonType::kNull) {
      return value.must_be("a whole number or null");
    }
    values[std::string(name)] = number;
    return {};
  }));
  FACEPIPE_TRY(check(values));
  return values;
}

}  // namespace facepipe::faces
