// What every use of the runtime shares: its library, its environment and the settings of a session. Private to this
// module: it shows the runtime's types.
//
// The library is loaded at the first use, not linked: it is 35 MB with 50,000 relocations, and detection, queues and the
// clients never call it (docs/decisions/0003-onnx-runtime.md).
#pragma once

#include <onnxruntime_cxx_api.h>

#include <string>

namespace facepipe::embed {

// One per process: threads and allocators hang on it. Made at the first use, so that a program that embeds nothing
// starts nothing. May throw Ort::Exception, also if there is no library.
[[nodiscard]] Ort::Env& runtime_environment();

// Chosen by measurement: docs/decisions/0003-onnx-runtime.md. May throw Ort::Exception.
[[nodiscard]] Ort::SessionOptions session_options(int threads);

// "1.32.0"; "none" if there is no library.
[[nodiscard]] std::string runtime_version();

}  // namespace facepipe::embed
