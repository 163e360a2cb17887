// What every use of the runtime shares: its environment and the settings of a session. Private to this module: it shows
// the runtime's types.
#pragma once

#include <onnxruntime_cxx_api.h>

namespace facepipe::embed {

// One per process: threads and allocators hang on it. Made at the first use, so that a program that embeds nothing
// starts nothing. May throw Ort::Exception.
[[nodiscard]] Ort::Env& runtime_environment();

// Chosen by measurement: docs/decisions/0003-onnx-runtime.md. May throw Ort::Exception.
[[nodiscard]] Ort::SessionOptions session_options(int threads);

}  // namespace facepipe::embed
