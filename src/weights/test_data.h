// For tests: the files of tests/data/weights, and damaged copies of them.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"

namespace facepipe::weights {

inline Bytes test_file(const std::string& name) {
  Result<Bytes> file = read_file(FACEPIPE_SOURCE_DIR "/tests/data/weights/" + name, std::size_t{1} << 20U);
  EXPECT_TRUE(file.has_value()) << file.error().message;
  return file ? *std::move(file) : Bytes{};
}

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

// Calls `read` with every proper prefix of `file`, each in memory of its own size so that a sanitizer sees any byte
// read past it. Returns how many were accepted.
inline std::size_t accepted_prefixes(const Bytes& file, const std::function<bool(ByteView)>& read) {
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes prefix(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    accepted += read(prefix) ? 1U : 0U;
  }
  return accepted;
}

// Calls `read` with copies of `file` of which one byte is changed, at every `step`th place: what it answers is its own
// affair, but it must come back.
inline void read_with_changed_bytes(const Bytes& file, const std::function<bool(ByteView)>& read,
                                    std::size_t step = 1) {
  Bytes copy = file;
  for (std::size_t i = 0; i < file.size(); i += step) {
    for (const unsigned change : {0x01U, 0x80U, 0xFFU}) {
      copy[i] = file[i] ^ static_cast<std::byte>(change);
      static_cast<void>(read(copy));
    }
    copy[i] = file[i];
  }
}

}  // namespace facepipe::weights
