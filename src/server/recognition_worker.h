// The recognition stage on one box: takes face messages from the embedded queue, settles each with its answer.
#pragma once

#include <stop_token>
#include <string>

#include "base/log.h"
#include "image/decode.h"
#include "queue/queue_store.h"
#include "server/live_gallery.h"
#include "server/metrics.h"

namespace facepipe::server {

struct RecognitionWorkerOptions {
  std::string request_queue;
  std::string answer_queue;
  image::DecodeLimits decode_limits;
};

// Works until `stop` is requested, then finishes the batch it has. Each message and its answer are settled in one
// transaction, so a crash repeats work but never an answer. Meant for a thread of its own; several may run.
void run_recognition_worker(queue::QueueStore& store, LiveGallery& gallery, const RecognitionWorkerOptions& options,
                            Metrics& metrics, Logger& logger, const std::stop_token& stop);

}  // namespace facepipe::server
