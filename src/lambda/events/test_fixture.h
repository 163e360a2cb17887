// The event fixtures, for the module's tests.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"

namespace facepipe::lambda::testing {

// tests/lambda/fixtures/NAME.json; a missing file fails the test.
inline std::string fixture(const std::string& name) {
  const auto bytes = read_file(FACEPIPE_SOURCE_DIR "/tests/lambda/fixtures/" + name + ".json", 1U << 20U);
  EXPECT_TRUE(bytes.has_value()) << name;
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

}  // namespace facepipe::lambda::testing
