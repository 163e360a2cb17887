#include "embed/session.h"

#include <dlfcn.h>
#include <onnxruntime_session_options_config_keys.h>

#include "base/result.h"

namespace facepipe::embed {
namespace {

// Library code never prints: what the runtime has to say comes back as the message of its exception.
void ORT_API_CALL drop_log(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

constexpr const char* kLibrary = "libonnxruntime.so.1";

Result<const OrtApiBase*> open_library() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);  // stays open as long as the program runs
  if (library == nullptr) {
    return Error{ErrorCode::kUnavailable, std::string("cannot load ONNX Runtime: ") + dlerror()};
  }
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_base = reinterpret_cast<GetApiBase>(dlsym(library, "OrtGetApiBase"));
  const OrtApiBase* base = get_base == nullptr ? nullptr : get_base();
  if (base == nullptr || base->GetApi(ORT_API_VERSION) == nullptr) {
    return Error{ErrorCode::kUnavailable, std::string(kLibrary) + ": expected ONNX Runtime with API version " +
                                              std::to_string(ORT_API_VERSION) + " or later, got " +
                                              (base == nullptr ? "something else" : base->GetVersionString())};
  }
  Ort::InitApi(base->GetApi(ORT_API_VERSION));
  return base;
}

const Result<const OrtApiBase*>& library() {
  static const Result<const OrtApiBase*> base = open_library();
  return base;
}

// Before any other call of the runtime's.
void need_library() {
  if (!library()) {
    throw Ort::Exception(std::string(library().error().message), ORT_FAIL);
  }
}

}  // namespace

std::string runtime_version() {
  return library() ? (*library())->GetVersionString() : "none";
}

Ort::Env& runtime_environment() {
  need_library();
  static Ort::Env env = [] {
    Ort::Env made(ORT_LOGGING_LEVEL_FATAL, "facepipe", drop_log, nullptr);
    made.DisableTelemetryEvents();
    return made;
  }();
  return env;
}

Ort::SessionOptions session_options(int threads) {
  need_library();
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
