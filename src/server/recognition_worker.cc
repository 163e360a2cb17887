#include "server/recognition_worker.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include "pipeline/face_handler.h"
#include "pipeline/messages.h"

namespace facepipe::server {
namespace {

using std::chrono::seconds;

// Long enough for the slowest batch on a busy box; a message comes back after it if the program dies.
constexpr seconds kVisibilityTimeout{60};
// How long a receive waits: the bound on noticing a stop request.
constexpr seconds kReceiveWait{1};

// Later tries wait longer, so that a passing trouble has time to pass before the dead-letter queue takes the message.
seconds retry_delay(int receive_count) {
  return seconds{std::min(1 << std::min(receive_count, 6), 60)};
}

}  // namespace

void run_recognition_worker(queue::QueueStore& store, LiveGallery& gallery, const RecognitionWorkerOptions& options,
                            Metrics& metrics, Logger& logger, const std::stop_token& stop) {
  const auto requests = store.queue(options.request_queue);
  while (!stop.stop_requested()) {
    const auto received = requests->receive({.max_messages = static_cast<int>(queue::kMaxBatch),
                                             .wait = kReceiveWait,
                                             .visibility_timeout = kVisibilityTimeout});
    if (!received) {
      logger.error("receive_failed", {{"error", std::string_view(received.error().message)}});
      std::this_thread::sleep_for(kReceiveWait);
      continue;
    }
    if (received->empty()) {
      continue;
    }
    std::vector<std::string_view> bodies;
    bodies.reserve(received->size());
    for (const queue::ReceivedMessage& message : *received) {
      bodies.emplace_back(message.body);
    }
    const auto recognizer = gallery.current();
    const pipeline::FaceHandler handler(*recognizer, options.decode_limits, logger);
    const std::vector<pipeline::FaceOutcome> outcomes = handler.handle(bodies);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const queue::ReceivedMessage& message = (*received)[i];
      if (!outcomes[i].answer) {
        ++metrics.retries;
        static_cast<void>(requests->change_visibility(message.receipt_handle, retry_delay(message.receive_count)));
        continue;
      }
      queue::OutgoingMessage answer;
      answer.body = pipeline::to_json(*outcomes[i].answer);
      answer.trace_header = message.trace_header;
      const Status settled =
          store.complete(options.request_queue, message.receipt_handle, options.answer_queue, {&answer, 1});
      if (!settled) {
        logger.error("answer_not_stored", {{"error", std::string_view(settled.error().message)}});
        continue;
      }
      ++metrics.answers;
      metrics.answer_errors += outcomes[i].answer->result == "error" ? 1 : 0;
    }
  }
}

}  // namespace facepipe::server
