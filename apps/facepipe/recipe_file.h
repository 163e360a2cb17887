// Recipes of packs as files that people write: TOML. docs/formats/model-pack.md
#pragma once

#include <string>

#include "base/result.h"
#include "packs/pack_builder.h"

namespace facepipe::app {

// `name`: a file, or one of the recipes installed beside the program without ".toml". Errors name the file: kNotFound
// lists the installed recipes, kInvalidArgument for what is no TOML, else those of packs::recipe_from_json.
[[nodiscard]] Result<packs::PackRecipe> load_recipe(const std::string& name);

}  // namespace facepipe::app
