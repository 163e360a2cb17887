// The format of a database file: what kind it is, its version, and how an older version becomes the present one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::sqlite {

struct FileFormat {
  std::string_view kind;          // what errors call it: "queue store"
  std::int64_t application_id;    // SQLite's, in the file's header
  std::int64_t page_bytes;        // of a new file
  std::string_view first_schema;  // SQL of version 1; a new file begins with it and is brought on as an old one is
  std::span<const std::string_view> migrations;  // [i] brings version i + 1 to i + 2
  [[nodiscard]] std::int64_t version() const { return static_cast<std::int64_t>(migrations.size()) + 1; }
};

// Where the file has no table yet, its pages get their size and can be given back: to be called before anything is
// written.
[[nodiscard]] Status prepare_pages(Database& database, const FileFormat& format);

// Makes the tables of a new file; brings one of an older version to the present one, in one transaction, so that after
// a crash it has its old version, whole. kInvalidData: another kind of database, or damaged (a small file is checked
// whole, a larger one as its pages are read); kUnsupported: another release's version. Then the file is as it was.
[[nodiscard]] Status settle_format(Database& database, const std::filesystem::path& file, const FileFormat& format);

}  // namespace facepipe::sqlite
