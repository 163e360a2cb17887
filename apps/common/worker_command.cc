// The recognition stage on any machine, between two SQS queues.
#include "worker_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <memory>
#include <system_error>
#include <thread>

#include "aws_access.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/process.h"
#include "base/stop_signals.h"
#include "options.h"
#include "output.h"
#include "program.h"
#include "queue/validation.h"
#include "stage/recognition/live_gallery.h"
#include "stage/recognition/queue_pair.h"
#include "stage/recognition/recognition_loop.h"

namespace facepipe::app {
namespace {

constexpr std::chrono::milliseconds kSignalPoll{100};  // how late the end of an idle worker is noticed
// What a stop takes beyond --stop-timeout to give back what was in work: time for hundreds of receipts. A queue that
// does not answer would take minutes, try after try.
constexpr std::chrono::milliseconds kToGiveBack{10'000};

struct WorkerCommand {
  std::string source;
  std::string results;
  std::string dead_letters;
  AwsOption aws;
  PackOption pack;
  GalleryOption gallery;
  StrangersOption strangers;
  stage::QueuePairOptions queues;
  stage::LoopOptions loop;
  int wait_s = 5;
  int visibility_s = 60;
  int stop_timeout_s = 20;
  int duplicate_window_s = 60;
  std::size_t max_work_memory = std::size_t{128} << 20U;
  std::optional<double> max_idle_s;
  bool once = false;
  image::DecodeLimits decode;
};

stage::LoopOptions loop_options(const WorkerCommand& command) {
  stage::LoopOptions options = command.loop;
  options.threads = options.threads > 0 ? options.threads : std::min(usable_cpus(), 256);
  options.wait = std::chrono::seconds(command.wait_s);
  options.visibility = std::chrono::seconds(command.visibility_s);
  options.fifo_answers = queue::is_fifo_name(command.results);
  options.recent.window = std::chrono::seconds(command.duplicate_window_s);
  if (command.once) {
    options.max_idle = std::chrono::milliseconds(0);
  } else if (command.max_idle_s) {
    options.max_idle = std::chrono::milliseconds(static_cast<std::int64_t>(*command.max_idle_s * 1000));
  }
  return options;
}

std::string to_json(const stage::Counters& counters) {
  JsonWriter json;
  json.begin_object();
  json.key("received").integer(counters.received);
  json.key("answers").integer(counters.answers);
  json.key("answer_errors").integer(counters.answer_errors);
  json.key("duplicates").integer(counters.duplicates);
  json.key("retries").integer(counters.retries);
  json.key("given_back").integer(counters.given_back);
  json.key("not_removed").integer(counters.not_removed);
  json.key("heartbeats").integer(counters.heartbeats);
  json.key("receive_errors").integer(counters.receive_errors);
  json.end_object();
  return std::move(json).text();
}

// What a running worker looks at, in the order of destruction backwards.
struct Parts {
  std::unique_ptr<stage::LiveGallery> gallery;
  aws::OpenedQueue source;
  aws::OpenedQueue results;
  aws::OpenedQueue dead_letters;  // none without --dead-letter
};

// As for a redrive policy: a letter has the group that a FIFO queue asks for if it came from one, and only then.
Status check_dead_letters(const WorkerCommand& command) {
  const auto kind = [](const std::string& url) {
    return queue::is_fifo_name(url) ? "a FIFO queue" : "a standard queue";
  };
  if (command.dead_letters.empty() ||
      queue::is_fifo_name(command.dead_letters) == queue::is_fifo_name(command.source)) {
    return {};
  }
  return Error{ErrorCode::kInvalidArgument, "--dead-letter: expected " + std::string(kind(command.source)) +
                                                ", as --source is, got " + kind(command.dead_letters)};
}

Result<Parts> open_parts(const WorkerCommand& command, Logger& logger, LogWriter& log) {
  FACEPIPE_TRY(check_dead_letters(command));
  const std::filesystem::path file = command.gallery.path();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {  // a mistyped name must not make everybody unknown
    return Error{ErrorCode::kNotFound, "gallery " + file.string() + ": no such file (facepipe people makes one)"};
  }
  const StopWhileStarting starting([&](int signal) { stop_while_starting(logger, log, signal); });
  Parts parts;
  FACEPIPE_ASSIGN(parts.source, command.aws.open_queue(command.source));
  FACEPIPE_ASSIGN(parts.results, command.aws.open_queue(command.results));
  if (!command.dead_letters.empty()) {
    FACEPIPE_ASSIGN(parts.dead_letters, command.aws.open_queue(command.dead_letters));
  }
  FACEPIPE_ASSIGN(const model::ModelPack pack, model::ModelPack::open(command.pack.folder_for(command.gallery)));
  FACEPIPE_ASSIGN(stage::RecognitionModel model, stage::RecognitionModel::load(pack));
  model.strangers = command.strangers.share;
  FACEPIPE_ASSIGN(std::optional<SealingKey> key, command.gallery.key.load());
  FACEPIPE_ASSIGN(parts.gallery, stage::LiveGallery::open(file, std::move(key), std::move(model),
                                                          stage::LiveGallery::Absent::kError, logger));
  return parts;
}

// Until the loop ends, or a signal asks for it.
void wait_for_end(const stage::RecognitionLoop& loop, Logger& logger) {
  while (!loop.ended()) {
    if (const int signal = wait_for_stop_signal(kSignalPoll); signal != 0) {
      logger.info("stopping", {{"signal", static_cast<std::int64_t>(signal)}});
      break;
    }
  }
}

// As loop.stop(), but nobody waits for queues that do not answer: then the loop is still being stopped when this
// returns false, and the program is to end at once.
bool stop_in_time(stage::RecognitionLoop& loop, std::chrono::milliseconds limit) {
  const auto promise = std::make_shared<std::promise<bool>>();
  std::future<bool> finished = promise->get_future();
  std::thread([&loop, promise, limit] { promise->set_value(loop.stop(limit)); }).detach();
  return finished.wait_for(limit + kToGiveBack) == std::future_status::ready && finished.get();
}

int work(const WorkerCommand& command, LogLevel log_level) {
  keep_heap_small();
  block_stop_signals();
  raise_descriptor_limit();
  const auto log = LogWriter::start(STDERR_FILENO);
  if (!log) {
    return report(log.error());
  }
  Logger logger(log_level, (*log)->sink());
  const auto parts = open_parts(command, logger, **log);
  if (!parts) {
    return report_last(**log, parts.error());
  }
  const stage::LoopOptions options = loop_options(command);
  stage::QueuePairOptions pair_options = command.queues;
  pair_options.dead_letters = parts->dead_letters.queue.get();
  pair_options.not_moved = [&logger](const Error& error) {
    logger.warning("dead_letter_not_moved",
                   {{"code", to_string(error.code)}, {"error", std::string_view(error.message)}});
  };
  stage::QueuePair queues(*parts->source.queue, *parts->results.queue, pair_options);
  stage::Counters counters;
  WorkMemory memory(command.max_work_memory, "--max-work-memory");
  const stage::FaceHandler faces(*parts->gallery, command.decode, logger, &memory);
  stage::RecognitionLoop loop(
      queues, [&faces](auto bodies, const auto& stop) { return faces.handle(bodies, stop); }, options, counters,
      logger);
  logger.info("working", {{"threads", static_cast<std::int64_t>(options.threads)},
                          {"source_signed", parts->source.signer != nullptr},
                          {"results_signed", parts->results.signer != nullptr}});
  wait_for_end(loop, logger);
  loop.request_stop();  // before the gallery's, so that what this ends is known to be the stop's doing
  parts->gallery->stop();
  const bool finished = stop_in_time(loop, std::chrono::seconds(command.stop_timeout_s));
  logger.info("stopped", {{"finished", finished}});
  (*log)->close(kLastWords);
  release_stop_signals();  // whoever does not read stdout either can still end this
  print_line(to_json(counters));
  const Status outcome = loop.outcome();
  const int status = outcome ? kExitSuccess : report_last(**log, outcome.error());
  if (!finished) {
    std::_Exit(finish_output(kExitFailure));  // a thread is in the middle of a batch, or of a call: nobody waits for it
  }
  return status;
}

void add_options(CLI::App& command, WorkerCommand& options, const Environment& environment) {
  command.add_option("--source", options.source, "URL of the request queue: face messages")->required();
  command.add_option("--results", options.results, "URL of the response queue: answers")->required();
  CLI::Option* dead_letter = command.add_option(
      "--dead-letter", options.dead_letters,
      "URL of the queue where a message goes that failed --max-receives times, with the reason as an "
      "attribute; without it the queue's own redrive policy moves it, which knows no reason");
  add_setting(command, "--max-receives", options.queues.max_receives,
              "Receipts of a message before --dead-letter takes it")
      ->check(CLI::Range(1, 1'000))
      ->needs(dead_letter);
  options.aws.add_to(command, "Amazon's SQS alone");
  options.pack.add_to(command, environment);
  options.gallery.add_to(command, environment);
  options.strangers.add_to(command, environment);
  add_decode_limits(command, options.decode);
  add_setting(command, "--threads", options.loop.threads,
              "Batches worked on at once; 0: one a processor that this process may use")
      ->check(CLI::Range(0, 256));
  add_setting(command, "--batch", options.loop.batch, "Messages received at once")->check(CLI::Range(1, 10));
  add_setting(command, "--wait", options.wait_s, "Seconds of a long poll: a stop takes as long at most")
      ->check(CLI::Range(1, 20));
  add_setting(command, "--visibility", options.visibility_s,
              "Seconds that a received message stays hidden; extended while it is worked on")
      ->check(CLI::Range(3, 3'600));
  add_setting(command, "--stop-timeout", options.stop_timeout_s,
              "Seconds that SIGTERM leaves to what is in work; the rest goes back on the queue")
      ->check(CLI::Range(0, 3'600));
  add_setting(command, "--duplicate-window", options.duplicate_window_s,
              "Equal messages that were sent within so many seconds are answered once; 0: only a message that is "
              "delivered again counts as a duplicate")
      ->check(CLI::Range(0, 86'400));
  add_setting(command, "--max-work-memory", options.max_work_memory,
              "Bytes of all pictures that are decoded together; a face waits until there is room")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber);
  CLI::Option* idle =
      command.add_option("--max-idle", options.max_idle_s, "End after so many seconds without a message")
          ->check(CLI::Range(0.0, 86'400.0));
  command.add_flag("--once", options.once, "End as soon as the queue is empty")->excludes(idle);
}

}  // namespace

void make_worker_command(CLI::App& command, const Environment& environment, int& status) {
  const auto options = std::make_shared<WorkerCommand>();
  options->loop.threads = 0;  // usable_cpus()
  add_options(command, *options, environment);
  const LogLevel log_level = environment.log_level;
  command.callback([options, log_level, &status] { status = work(*options, log_level); });
}

}  // namespace facepipe::app
