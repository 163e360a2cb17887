// The function face-recognition: a batch of face messages in, answers on the response queue, the messages that have to
// come again as batch item failures.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/log.h"
#include "lambda/runtime/loop.h"
#include "metrics.h"
#include "queue/message_queue.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/queue_pair.h"

namespace facepipe::lambda_app {

struct RecognitionOptions {
  std::size_t records_per_run = queue::kMaxBatch;  // faces are recognised, and answers sent, in runs of this many
  std::chrono::milliseconds reserve{500};          // kept before the deadline for sending answers and responding
  std::size_t max_batch_bytes = stage::kMaxAnswerBatchBytes;
  bool fifo_answers = false;  // the response queue is a FIFO queue
};

// A record is done once its answer is stored on `answers`; one without an answer, one whose answer could not be stored,
// and one that was not begun before the deadline came near are batch item failures. An event that is no SQS batch fails
// as a whole (kInvalidData). At-least-once: a failure between sending and responding repeats answers, so their readers
// fold equal ones (docs/formats/messages.md). Of a FIFO queue the answers go out in the order of the records, and after
// the first failed record of a message group those that follow in the group are failures too: they are not begun, or,
// if only the sending of the failed one failed, sent again after it. Everything passed by reference outlives the
// handler.
[[nodiscard]] lambda::Handler make_recognition_handler(stage::FaceStage stage, queue::MessageQueue& answers,
                                                       const Clock& clock, FunctionMetrics& metrics, Logger& logger,
                                                       const RecognitionOptions& options = {});

}  // namespace facepipe::lambda_app
