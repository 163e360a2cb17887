#include "service.h"

#include "base/stop_signals.h"
#include "command.h"

namespace facepipe::app {

int report_last(LogWriter& log, const Error& error) {
  log.close(kLastWords);
  release_stop_signals();
  return report(error);
}

}  // namespace facepipe::app
