// Tested by recipe_test.cc.
#include "packs/recipe.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/hex.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "model/preprocessing_json.h"

namespace facepipe::packs {
namespace {

constexpr std::size_t kMaxRecipeBytes = std::size_t{1} << 20U;
constexpr int kMaxEmbeddingSize = 65'536;  // as the manifest's

constexpr auto kFields = std::to_array<std::string_view>({"name", "licence", "training_data", "detector", "network",
                                                          "sha256", "embedding_size", "mode", "preprocessing",
                                                          "distance_threshold", "threshold_far", "decision", "norm"});

Status check_fields(const JsonValue& root) {
  return root.each_field([&](std::string_view name, const JsonValue& value) -> Status {
    if (std::ranges::find(kFields, name) != kFields.end()) {
      return {};
    }
    return value.must_be("absent: known are " + joined(kFields, ", "));
  });
}

bool is_there(const JsonValue& value) {
  return value.type() != JsonType::kAbsent;
}

Result<std::string> text_or_empty(const JsonValue& value) {
  if (!is_there(value)) {
    return std::string();
  }
  FACEPIPE_ASSIGN(const std::string_view text, value.text());
  return std::string(text);
}

Result<model::Preprocessing> preprocessing_of(const JsonValue& root) {
  const JsonValue mode = root["mode"];
  const JsonValue own = root["preprocessing"];
  if (is_there(mode) == is_there(own)) {
    return own.must_be("there, or 'mode' in its place, and not both");
  }
  if (is_there(own)) {
    return model::read_preprocessing(own, model::AlignmentFields::kRequired);
  }
  FACEPIPE_ASSIGN(const std::string_view name, mode.text());
  return model::known_mode(name);
}

// Which file the network must be.
Status read_network(const JsonValue& root, PackRecipe& recipe) {
  if (const JsonValue detector = root["detector"]; is_there(detector)) {
    FACEPIPE_TRY(detector.one_of({"mtcnn"}));
  }
  if (const JsonValue network = root["network"]; is_there(network)) {
    FACEPIPE_TRY(network.one_of({kOnnxNetwork, kTfliteNetwork, kInceptionNetwork}));
    recipe.network = std::string(network.as_string().value_or(std::string_view()));
  }
  FACEPIPE_ASSIGN(recipe.embedder_sha256, text_or_empty(root["sha256"]));
  if (!recipe.embedder_sha256.empty() && !is_hex(recipe.embedder_sha256, 64)) {
    return root["sha256"].must_be("a SHA-256 of 64 lower-case hexadecimal digits");
  }
  if (const JsonValue size = root["embedding_size"]; is_there(size)) {
    FACEPIPE_ASSIGN(const std::int64_t values, size.integer(1, kMaxEmbeddingSize));
    recipe.embedding_size = static_cast<int>(values);
  }
  return {};
}

}  // namespace

Result<PackRecipe> recipe_from_json(std::string_view json) {
  FACEPIPE_ASSIGN(const JsonDocument document,
                  JsonDocument::parse_object(json, {.context = "recipe", .max_bytes = kMaxRecipeBytes}));
  const JsonValue& root = document.root();
  FACEPIPE_TRY(check_fields(root));
  PackRecipe recipe;
  FACEPIPE_ASSIGN(recipe.name, root["name"].text());
  FACEPIPE_ASSIGN(recipe.licence, root["licence"].text());
  FACEPIPE_ASSIGN(recipe.training_data, text_or_empty(root["training_data"]));
  FACEPIPE_TRY(read_network(root, recipe));
  FACEPIPE_ASSIGN(recipe.preprocessing, preprocessing_of(root));
  FACEPIPE_ASSIGN(recipe.distance_threshold, model::read_positive(root["distance_threshold"], 2));
  FACEPIPE_ASSIGN(recipe.threshold_far, model::read_positive(root["threshold_far"], 1));
  if (const JsonValue decision = root["decision"]; is_there(decision)) {
    FACEPIPE_ASSIGN(recipe.decision, model::read_decision(decision));
  }
  if (const JsonValue norm = root["norm"]; is_there(norm)) {
    FACEPIPE_ASSIGN(recipe.norm, model::read_norm_limits(norm));
  }
  return recipe;
}

}  // namespace facepipe::packs
