#include "service.h"

#include <cstdint>
#include <cstdlib>

#include "base/stop_signals.h"
#include "output.h"

namespace facepipe::app {

int report_last(LogWriter& log, const Error& error) {
  log.close(kLastWords);
  release_stop_signals();
  return report(error);
}

void stop_while_starting(Logger& logger, LogWriter& log, int signal) {
  logger.info("stopped", {{"signal", static_cast<std::int64_t>(signal)}, {"starting", true}});
  log.close(kLastWords);
  std::_Exit(kExitSuccess);
}

}  // namespace facepipe::app
