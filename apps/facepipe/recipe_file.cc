// Tested by tests/e2e/test_recipes.py.
#include "recipe_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "options.h"
#include "packs/recipe.h"
#include "toml_file.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipeExtension = ".toml";

// toml++ bounds how deep a text nests.
Status write_node(JsonWriter& json, const toml::node& node);

Status write_table(JsonWriter& json, const toml::table& table) {
  json.begin_object();
  for (const auto& [key, value] : table) {
    json.key(key.str());
    FACEPIPE_TRY(write_node(json, value));
  }
  json.end_object();
  return {};
}

Status write_node(JsonWriter& json, const toml::node& node) {
  if (const auto* table = node.as_table()) {
    return write_table(json, *table);
  }
  if (const auto* array = node.as_array()) {
    json.begin_array();
    for (const toml::node& item : *array) {
      FACEPIPE_TRY(write_node(json, item));
    }
    json.end_array();
  } else if (const auto* text = node.as_string()) {
    json.string(text->get());
  } else if (const auto* integer = node.as_integer()) {
    json.integer(integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    json.number(number->get());
  } else if (const auto* truth = node.as_boolean()) {
    json.boolean(truth->get());
  } else {
    return Error{ErrorCode::kInvalidArgument, "line " + std::to_string(node.source().begin.line) +
                                                  ": expected a text, a number, a boolean, an array or a table"};
  }
  return {};
}

fs::path recipes_folder() {
  return installed_files() / "recipes";
}

Result<fs::path> find_recipe(const std::string& name) {
  std::error_code error;
  const fs::path installed = recipes_folder() / (name + kRecipeExtension);
  if (name.find('/') == std::string::npos && fs::exists(installed, error)) {
    return installed;
  }
  if (fs::exists(name, error)) {
    return fs::path(name);
  }
  std::vector<std::string> known;
  for (fs::directory_iterator entry(recipes_folder(), error), end; !error && entry != end; entry.increment(error)) {
    known.push_back(entry->path().stem().string());
  }
  std::ranges::sort(known);
  return Error{ErrorCode::kNotFound,
               "recipe '" + name + "': no such file, and none of the installed ones (" +
                   (known.empty() ? "none in " + recipes_folder().string() : joined(known, ", ")) + ")"};
}

Result<packs::PackRecipe> recipe_of(const toml::table& table) {
  JsonWriter json;
  FACEPIPE_TRY(write_table(json, table));
  return packs::recipe_from_json(std::move(json).text());
}

}  // namespace

Result<packs::PackRecipe> load_recipe(const std::string& name) {
  FACEPIPE_ASSIGN(const fs::path file, find_recipe(name));
  FACEPIPE_ASSIGN(const toml::table table, read_toml(file));
  return recipe_of(table).with_context(file.string());
}

}  // namespace facepipe::app
