// For tests: the default pack's recipe, from the pinned weights that tools/setup/models.sh fetched.
#pragma once

#include <filesystem>

#include "model/preprocessing.h"
#include "packs/pack_builder.h"

namespace facepipe::packs::testing {

// `models`: the folder of the weights. The mode is the default pack's; no threshold.
inline PackRecipe pinned_recipe(const std::filesystem::path& models) {
  PackRecipe recipe;
  recipe.name = "test";
  recipe.licence = "MIT";
  recipe.pnet = models / "pnet.pt";
  recipe.rnet = models / "rnet.pt";
  recipe.onet = models / "onet.pt";
  recipe.embedder = models / "facenet_keras.h5";
  recipe.preprocessing = *model::known_mode("whitened");
  return recipe;
}

}  // namespace facepipe::packs::testing
