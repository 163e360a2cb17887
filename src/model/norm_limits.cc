// Tested by manifest_test.cc.
#include "model/norm_limits.h"

namespace facepipe::model {

Result<NormLimits> read_norm_limits(const JsonValue& value) {
  FACEPIPE_TRY(value.check_object());
  const auto weak = value["weak"].as_number();
  if (!weak || !(*weak > 0) || *weak > kMaxNorm) {
    return value["weak"].must_be("a number above 0 and at most 1e6");
  }
  const auto useless = value["useless"].as_number();
  const NormLimits limits{static_cast<float>(*weak), static_cast<float>(useless.value_or(0))};
  if (!(limits.useless > 0) || !(limits.useless < limits.weak)) {
    return value["useless"].must_be("a number above 0 and below 'weak'");
  }
  return limits;
}

void write_norm_limits(JsonWriter& json, const NormLimits& limits) {
  json.begin_object().key("weak").number(limits.weak).key("useless").number(limits.useless).end_object();
}

}  // namespace facepipe::model
