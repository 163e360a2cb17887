// facepipe serve
#include "server/serve.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/stop_signals.h"
#include "command.h"

namespace facepipe::app {
namespace {

// Long enough for the largest frame, short enough for a service manager's own patience.
constexpr std::chrono::seconds kStopGrace{10};

struct ServeCommand {
  server::ServeOptions options;
  PackOption pack;
  GalleryOption gallery;
  DetectorOption detector;
  std::string faces = "all";
  int threads = 0;             // 0: one a core
  std::optional<int> workers;  // absent: as threads
  bool ignore_exif = false;
  int duplicate_window_s = 300;
  std::optional<int> retain_answers_s;
  std::optional<int> retain_dead_letters_s;
  std::filesystem::path ports_file;
};

void set_times(const ServeCommand& command, server::ServeOptions& options) {
  options.duplicate_window = std::chrono::seconds(command.duplicate_window_s);
  if (command.retain_answers_s) {
    options.retain_answers = std::chrono::seconds(*command.retain_answers_s);
  }
  if (command.retain_dead_letters_s) {
    options.retain_dead_letters = std::chrono::seconds(*command.retain_dead_letters_s);
  }
}

void add_time_options(CLI::App& command, ServeCommand& options) {
  constexpr int kMinRetentionS = 60;  // Amazon SQS's range
  constexpr int kMaxRetentionS = 1'209'600;
  command
      .add_option("--duplicate-window", options.duplicate_window_s,
                  "A frame that comes again within so many seconds, with the same request id and picture, is answered "
                  "once; 0: every time")
      ->check(CLI::Range(0, 86'400))
      ->capture_default_str();
  command
      .add_option("--retain-answers", options.retain_answers_s,
                  "Seconds that an answer nobody takes is kept (default: as it is, 4 days at first)")
      ->check(CLI::Range(kMinRetentionS, kMaxRetentionS));
  command
      .add_option("--retain-dead-letters", options.retain_dead_letters_s,
                  "Seconds that a face message which failed for good is kept (default: as it is, 14 days at first)")
      ->check(CLI::Range(kMinRetentionS, kMaxRetentionS));
}

int serve(const ServeCommand& command, LogLevel log_level) {
  server::ServeOptions options = command.options;
  options.pack_dir = command.pack.folder;
  options.data_dir = command.gallery.data;
  options.gallery_file = command.gallery.path();
  options.detector = command.detector.get();
  options.frames.faces = command.faces == "largest" ? pipeline::FaceSelection::kLargest : pipeline::FaceSelection::kAll;
  options.frames.decode.apply_exif_orientation = !command.ignore_exif;
  set_times(command, options);
  const int threads =
      command.threads > 0 ? command.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.detect_threads = threads;
  options.recognize_threads = command.workers.value_or(threads);

  block_stop_signals();
  Logger logger(log_level, stderr_sink());
  const auto running = server::PipelineServer::start(options, logger);
  if (!running) {
    return report(running.error());
  }
  const std::string port = std::to_string((*running)->port());
  const std::string sqs_port = std::to_string((*running)->sqs_port());
  logger.info("serving", {{"frames", std::string_view("http://" + options.address + ":" + port + "/")},
                          {"sqs", std::string_view("http://" + options.address + ":" + sqs_port + "/")}});
  if (!command.ports_file.empty()) {
    const Status written =
        write_file_atomically(command.ports_file, as_bytes("port=" + port + "\nsqs_port=" + sqs_port + "\n"));
    if (!written) {
      return report(written.error());
    }
  }
  const int signal = wait_for_stop_signal();
  logger.info("stopping", {{"signal", static_cast<std::int64_t>(signal)}});
  (*running)->stop(kStopGrace);
  logger.info("stopped");
  return kExitSuccess;
}

}  // namespace

void add_serve_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<ServeCommand>();
  CLI::App* command = app.add_subcommand("serve", "Run the whole pipeline on this machine");
  options->pack.add_to(*command, environment);
  options->gallery.add_to(*command, environment);
  options->detector.add_to(*command);
  command->add_option("--address", options->options.address, "Address to listen on")->capture_default_str();
  command->add_option("--port", options->options.port, "Port for frames; 0: any free one")->capture_default_str();
  command->add_option("--sqs-port", options->options.sqs_port, "Port of the SQS API; 0: any free one")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Frames worked on at once, and batches of faces; 0: one a core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command
      ->add_option("--workers", options->workers,
                   "Batches of faces worked on at once, if not as many as --threads; 0: detection and queues alone, "
                   "for `facepipe worker` on another machine")
      ->check(CLI::Range(0, 256));
  command
      ->add_option("--max-waiting", options->options.max_waiting_frames, "Frames that may wait before 429 is answered")
      ->capture_default_str();
  command->add_option("--faces", options->faces, "Faces of a frame that are recognised: all, or the largest")
      ->check(CLI::IsMember({"all", "largest"}))
      ->capture_default_str();
  command->add_flag("--ignore-exif", options->ignore_exif, "Leave EXIF orientation unapplied, as facenet-pytorch does");
  command->add_option("--ports-file", options->ports_file, "Write port=N and sqs_port=N here once listening");
  add_time_options(*command, *options);
  const LogLevel log_level = environment.log_level;
  command->callback([options, log_level, &status] { status = serve(*options, log_level); });
}

}  // namespace facepipe::app
