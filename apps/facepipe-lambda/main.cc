// The program facepipe-lambda: the bootstrap of both functions' container image.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/stop_signals.h"
#include "config.h"
#include "function.h"
#include "lambda/runtime/loop.h"
#include "lambda/runtime/runtime_client.h"
#include "lambda/runtime/shutdown.h"

namespace {

using facepipe::Error;
using facepipe::Logger;
using facepipe::LogLevel;
using facepipe::lambda::InvocationGate;
using facepipe::lambda::RuntimeClient;
using std::chrono::milliseconds;

// The service kills 500 ms after SIGTERM.
constexpr milliseconds kStopGrace{400};
// The start does not depend on the extension; the models usually take longer to load than it to register.
constexpr milliseconds kRegisterGrace{1'000};

void write_metric(std::string_view line) {
  std::string whole(line);
  whole.push_back('\n');
  std::cout.write(whole.data(), static_cast<std::streamsize>(whole.size())).flush();
}

// The function cannot start: says so to the service and in the log.
int fail_init(RuntimeClient& client, Logger& logger, const Error& error) {
  logger.error("init_failed", {{"code", facepipe::to_string(error.code)}, {"error", std::string_view(error.message)}});
  if (const auto posted = client.post_init_error({facepipe::lambda::error_type(error.code), error.message}); !posted) {
    logger.error("init_error_not_posted", {{"error", std::string_view(posted.error().message)}});
  }
  return 1;
}

int run(std::string_view api) {
  const auto config = facepipe::lambda_app::read_config(environ);
  // Threads that outlive this function use both.
  static Logger logger(config ? config->log_level : LogLevel::kInfo, facepipe::stderr_sink());
  static InvocationGate gate;
  auto client = RuntimeClient::create(api);
  if (!client) {
    logger.error("init_failed", {{"error", std::string_view(client.error().message)}});
    return 1;
  }
  if (!config) {
    return fail_init(*client, logger, config.error());
  }
  facepipe::lambda::on_stop_signal([](int signal) {
    const bool idle = gate.close(kStopGrace);
    logger.info("stopped", {{"signal", static_cast<std::int64_t>(signal)}, {"idle", idle}});
    std::_Exit(0);
  });
  const auto extension = facepipe::lambda::ShutdownExtension::start(api, logger);
  const auto function = facepipe::lambda_app::make_function(*config, facepipe::system_clock(), logger, write_metric);
  if (!function) {
    return fail_init(*client, logger, function.error());
  }
  const bool registered = extension.wait_registered(kRegisterGrace);
  logger.info("ready", {{"function", config->stage == facepipe::lambda_app::Stage::kDetection
                                         ? std::string_view("face-detection")
                                         : std::string_view("face-recognition")},
                        {"shutdownExtension", registered}});
  const auto ended = run_loop(
      *client, [&](const facepipe::lambda::Invocation& invocation) { return (*function)->handle(invocation); }, gate,
      logger);
  if (!ended) {
    logger.error("runtime_api_lost", {{"error", std::string_view(ended.error().message)}});
  }
  return ended ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  facepipe::open_standard_descriptors();
  facepipe::block_stop_signals();  // before any thread
  facepipe::keep_heap_ready();
  // A container's CMD comes as an argument; who runs the container need not set _HANDLER from it.
  if (argc > 1) {
    setenv("_HANDLER", argv[1], 1);  // NOLINT(concurrency-mt-unsafe): before any thread
  }
  const char* api = std::getenv("AWS_LAMBDA_RUNTIME_API");
  if (api == nullptr || *api == '\0') {
    std::cerr << "facepipe-lambda: AWS_LAMBDA_RUNTIME_API is not set: this program runs inside AWS Lambda or its "
                 "emulator\n";
    return 2;
  }
  // Threads that wait for the service still run: no destructor of a static object may run beside them.
  std::_Exit(run(api));
}
