// A server for tests: the SQS API over an embedded store in a folder of its own, on a free loopback port.
//
// Prints the port as its first line. Ends on SIGTERM or SIGINT, when its standard input closes (so that it never
// outlives the test that started it, however that ends), or after ten minutes, and removes the folder.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "http/server/server.h"
#include "queue/store/queue_store.h"
#include "serve/sqs/sqs_api.h"

namespace facepipe {
namespace {

constexpr int kLongestRunMs = 600'000;

Status serve(const std::filesystem::path& folder, int signals) {
  FACEPIPE_ASSIGN(const std::unique_ptr<queue::QueueStore> store, queue::QueueStore::open(folder / "queues.db", {}));
  serve::SqsApi api(*store, {});
  Logger logger(LogLevel::kWarning, stderr_sink());
  const auto handler = [&](http::Request request, http::Responder responder) {
    api.handle(std::move(request), std::move(responder));
  };
  FACEPIPE_ASSIGN(const std::unique_ptr<http::Server> server, http::Server::start({}, handler, logger));
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  std::array<pollfd, 2> ends{pollfd{signals, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
  ::poll(ends.data(), ends.size(), kLongestRunMs);
  server->stop(std::chrono::milliseconds(500));
  return {};
}

int run() {
  // Before any thread: all of them then leave these signals to the descriptor.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  const TemporaryFolder folder;
  if (signals < 0) {
    std::perror("sqs_port");
    return 1;
  }
  const Status served = serve(folder.path(), signals);
  if (!served) {
    std::fprintf(stderr, "sqs_port: %s\n", served.error().message.c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace facepipe

int main() {
  return facepipe::run();
}
