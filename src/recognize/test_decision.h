// A pack with a decision, for galleries that state a share of strangers. Test code only.
#pragma once

#include "model/model_pack.h"

namespace facepipe::recognize::testing {

// Of embeddings with two values. A comparison at 0.2 names a stranger of 10,000, at 0.4 one of 1,000, at 0.8 one of 10.
inline model::Manifest deciding_manifest() {
  model::Manifest manifest;
  manifest.name = "a-pack";
  manifest.model_id = "m1";
  manifest.embedding_size = 2;
  manifest.preprocessing = model::known_mode("standard").value();
  manifest.decision = model::Decision{.false_accepts = {{0.2F, 1e-4}, {0.4F, 1e-3}, {0.8F, 1e-1}}, .slope = 10};
  return manifest;
}

}  // namespace facepipe::recognize::testing
