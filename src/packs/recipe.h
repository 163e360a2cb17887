// What a recipe says of a network: everything about a pack but where the files lie. docs/formats/model-pack.md
#pragma once

#include <string_view>

#include "base/result.h"
#include "packs/pack_builder.h"

namespace facepipe::packs {

// The recipe's fields from its JSON form (an object; people write it as TOML). kInvalidData names the field, one that
// is not known too: a misspelt one would change what a network sees in silence. kNotFound for a mode of no name.
[[nodiscard]] Result<PackRecipe> recipe_from_json(std::string_view json);

}  // namespace facepipe::packs
