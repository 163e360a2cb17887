#include "embed/session.h"

#include <onnxruntime_session_options_config_keys.h>

namespace facepipe::embed {
namespace {

// Library code never prints: what the runtime has to say comes back as the message of its exception.
void ORT_API_CALL drop_log(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

}  // namespace

Ort::Env& runtime_environment() {
  static Ort::Env env = [] {
    Ort::Env made(ORT_LOGGING_LEVEL_FATAL, "facepipe", drop_log, nullptr);
    made.DisableTelemetryEvents();
    return made;
  }();
  return env;
}

Ort::SessionOptions session_options(int threads) {
  Ort::SessionOptions session;
  session.SetIntraOpNumThreads(threads);
  session.SetInterOpNumThreads(1);
  session.SetExecutionMode(ORT_SEQUENTIAL);
  session.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  // Waiting threads sleep: spinning takes the core that decoding and detection need.
  session.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  // A pattern is kept for each batch size and planned as one block: more memory, no time gained.
  session.DisableMemPattern();
  return session;
}

}  // namespace facepipe::embed
