// facepipe serve
#include "serve/serve.h"

#include <unistd.h>

#include <memory>

#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/stop_signals.h"
#include "base/text.h"
#include "command.h"
#include "config_file.h"
#include "http/client.h"
#include "keep_options.h"
#include "program.h"

namespace facepipe::app {
namespace {

// Long enough for the largest frame, short enough for a service manager's own patience.
constexpr std::chrono::seconds kStopGrace{10};

struct ServeCommand {
  serve::ServeOptions options;
  PackOption pack;
  GalleryOption gallery;
  StrangersOption strangers;
  DetectorOption detector;
  KeepOptions keep;
  std::filesystem::path webhook_secret_file;
  std::string faces = "all";
  int threads = 0;             // 0: one a processor that this process may use
  std::optional<int> workers;  // absent: as threads
  int duplicate_window_s = 300;
  double visit_timeout_s = 10;
  std::optional<int> retain_answers_s;
  std::optional<int> retain_dead_letters_s;
  std::optional<int> answer_visibility_s;
  double frame_timeout_s = 30;  // many times what 50 megapixels take
  std::filesystem::path ports_file;
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  std::filesystem::path config;
};

void set_times(const ServeCommand& command, serve::ServeOptions& options) {
  options.duplicate_window = std::chrono::seconds(command.duplicate_window_s);
  options.visit_timeout = std::chrono::milliseconds(static_cast<std::int64_t>(command.visit_timeout_s * 1000));
  if (command.retain_answers_s) {
    options.retain_answers = std::chrono::seconds(*command.retain_answers_s);
  }
  if (command.answer_visibility_s) {
    options.answer_visibility = std::chrono::seconds(*command.answer_visibility_s);
  }
  if (command.retain_dead_letters_s) {
    options.retain_dead_letters = std::chrono::seconds(*command.retain_dead_letters_s);
  }
}

void add_time_options(CLI::App& command, ServeCommand& options) {
  constexpr int kMinRetentionS = 60;  // Amazon SQS's range
  constexpr int kMaxRetentionS = 1'209'600;
  add_setting(command, "--duplicate-window", options.duplicate_window_s,
              "A frame that comes again within so many seconds, with the same request id and picture, is answered "
              "once; 0: every time")
      ->check(CLI::Range(0, 86'400));
  constexpr double kMaxVisitTimeoutS = 3'600;
  add_setting(command, "--visit-timeout", options.visit_timeout_s,
              "Seconds unseen after which somebody's visit to a camera is over")
      ->check(CLI::Range(1.0, kMaxVisitTimeoutS));
  command
      .add_option("--retain-answers", options.retain_answers_s,
                  "Seconds that an answer nobody takes is kept (default: as it is, 4 days at first)")
      ->check(CLI::Range(kMinRetentionS, kMaxRetentionS));
  constexpr int kMaxVisibilityS = 43'200;
  command
      .add_option("--answer-visibility", options.answer_visibility_s,
                  "Seconds for which an answer that a client received and left alone is hidden from the others "
                  "(default: as it is, 1 at first)")
      ->check(CLI::Range(0, kMaxVisibilityS));
  command
      .add_option("--retain-dead-letters", options.retain_dead_letters_s,
                  "Seconds that a face message which failed for good is kept (default: as it is, 14 days at first)")
      ->check(CLI::Range(kMinRetentionS, kMaxRetentionS));
}

// Of the options that belong together.
Status check(const ServeCommand& command) {
  if (command.tls_certificate.empty() != command.tls_key.empty()) {
    return Error{ErrorCode::kInvalidArgument, "expected --tls-cert and --tls-key together, got one of them"};
  }
  if (command.options.max_total_body_bytes < command.options.max_body_bytes) {
    return Error{ErrorCode::kInvalidArgument, "expected --max-body-memory of at least --max-body"};
  }
  return {};
}

// Without the line's end; empty for no file.
Result<std::string> read_secret(const std::filesystem::path& file) {
  constexpr std::size_t kMaxBytes = 4'096;
  if (file.empty()) {
    return std::string();
  }
  FACEPIPE_ASSIGN(const Bytes content, read_file(file, kMaxBytes));
  const std::string secret(trimmed(as_text(content)));
  return !secret.empty() ? Result<std::string>(secret)
                         : Error{ErrorCode::kInvalidArgument, "--webhook-secret-file: expected a secret in " +
                                                                  file.string() + ", got an empty file"};
}

Result<serve::ServeOptions> serve_options(const ServeCommand& command) {
  FACEPIPE_TRY(check(command));
  serve::ServeOptions options = command.options;
  if (!command.tls_certificate.empty()) {
    options.tls = http::TlsFiles{command.tls_certificate, command.tls_key};
  }
  options.version = FACEPIPE_VERSION;
  options.pack_dir = command.pack.folder_for(command.gallery);
  options.data_dir = command.gallery.data;
  options.gallery_file = command.gallery.path();
  FACEPIPE_ASSIGN(options.key, command.gallery.key.load());
  options.strangers = command.strangers.share;
  options.detector = command.detector.get();
  options.frames.faces = command.faces == "largest" ? stage::FaceSelection::kLargest : stage::FaceSelection::kAll;
  options.frames.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(command.frame_timeout_s * 1000));
  FACEPIPE_ASSIGN(options.keep, command.keep.get());
  options.keep_changeable = command.keep.left_alone();
  FACEPIPE_ASSIGN(options.webhook_secret, read_secret(command.webhook_secret_file));
  set_times(command, options);
  const int threads = command.threads > 0 ? command.threads : usable_cpus();
  options.detect_threads = threads;
  options.recognize_threads = command.workers.value_or(threads);
  return options;
}

Result<std::unique_ptr<serve::PipelineServer>> start(const serve::ServeOptions& options, Logger& logger,
                                                     LogWriter& log) {
  const StopWhileStarting starting([&](int signal) { stop_while_starting(logger, log, signal); });
  return serve::PipelineServer::start(options, logger);
}

int serve(const ServeCommand& command, LogLevel log_level) {
  const Result<serve::ServeOptions> options = serve_options(command);
  if (!options) {
    return report(options.error());
  }
  keep_heap_small();
  block_stop_signals();
  raise_descriptor_limit();
  const auto log = LogWriter::start(STDERR_FILENO);
  if (!log) {
    return report(log.error());
  }
  Logger logger(log_level, (*log)->sink());
  const auto running = start(*options, logger, **log);
  if (!running) {
    return report_last(**log, running.error());
  }
  const std::string port = std::to_string((*running)->port());
  const std::string sqs_port = std::to_string((*running)->sqs_port());
  const bool v6 = options->address.find(':') != std::string::npos;
  const std::string origin =
      (options->tls ? "https://" : "http://") + (v6 ? "[" + options->address + "]" : options->address);
  const std::string frames_url = origin + ":" + port + "/";
  const std::string sqs_url = origin + ":" + sqs_port + "/";
  logger.info("serving", {{"frames", std::string_view(frames_url)}, {"sqs", std::string_view(sqs_url)}});
  if (!command.ports_file.empty()) {
    const Status written =
        write_file_atomically(command.ports_file, as_bytes("port=" + port + "\nsqs_port=" + sqs_port + "\n"));
    if (!written) {
      return report_last(**log, written.error());
    }
  }
  const int signal = wait_for_stop_signal();
  logger.info("stopping", {{"signal", static_cast<std::int64_t>(signal)}});
  (*running)->stop(kStopGrace);
  logger.info("stopped");
  return kExitSuccess;
}

void add_access_options(CLI::App& command, ServeCommand& options) {
  serve::ServeOptions& serve = options.options;
  command.add_flag("--insecure", serve.insecure, "Listen beyond loopback without a token and an SQS key");
  command.add_option("--tls-cert", options.tls_certificate, "TLS on both ports: certificate and its chain, PEM");
  command.add_option("--tls-key", options.tls_key, "The certificate's key, PEM");
  command.add_option("--host", serve.hosts, "A further name by which clients may call this server (repeats)");
  command.add_option("--allow-origin", serve.allowed_origins,
                     "Origin of a page of another site that may use this server, as https://NAME (repeats)");
}

void add_limit_options(CLI::App& command, ServeCommand& options) {
  serve::ServeOptions& serve = options.options;
  constexpr std::size_t kMaxConnections = 100'000;
  constexpr double kMaxFrames = 1e6;
  constexpr std::size_t kMaxWaiting = 1'000'000;
  constexpr std::size_t kMaxFaces = 100'000;
  constexpr double kMaxTimeoutS = 3'600;
  add_setting(command, "--max-connections", serve.max_connections,
              "Connections of each port; past it slow ones make room, or 503")
      ->check(CLI::Range(std::size_t{1}, kMaxConnections));
  add_setting(command, "--max-connections-per-address", serve.max_connections_per_address,
              "Of each client's address but loopback")
      ->check(CLI::Range(std::size_t{1}, kMaxConnections));
  add_setting(command, "--max-body", serve.max_body_bytes, "Bytes of a request to the frame port; past it 413")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber);
  add_setting(command, "--max-body-memory", serve.max_total_body_bytes,
              "Bytes of both ports' requests together; past it 503")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber);
  add_decode_limits(command, serve.frames.decode.limits);
  add_setting(command, "--max-work-memory", serve.max_work_memory,
              "Bytes of all decoding, detecting and recognising together; past it 503")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber);
  add_setting(command, "--max-faces", serve.frames.max_faces,
              "Faces of a frame that are sent, the largest; the answer says how many are not")
      ->check(CLI::Range(std::size_t{1}, kMaxFaces));
  add_setting(command, "--frame-timeout", options.frame_timeout_s,
              "Seconds of work on one frame; past it 504; 0: as long as it takes")
      ->check(CLI::Range(0.0, kMaxTimeoutS));
  add_setting(command, "--max-waiting", serve.max_waiting_frames, "Frames that may wait before 429 is answered")
      ->check(CLI::Range(std::size_t{0}, kMaxWaiting));
  add_setting(command, "--max-frames-per-second", serve.max_frames_per_second,
              "Of each camera, past it 429; 0: as many as it likes")
      ->check(CLI::Range(0.0, kMaxFrames));
}

}  // namespace

void add_serve_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<ServeCommand>();
  CLI::App* command = app.add_subcommand("serve", "Run the whole pipeline on this machine");
  options->pack.add_to(*command, environment);
  options->gallery.add_to(*command, environment);
  options->strangers.add_to(*command, environment);
  options->detector.add_to(*command);
  add_setting(*command, "--address", options->options.address,
              "Address to listen on; other than loopback it needs a token "
              "and an SQS key (facepipe token), or --insecure");
  add_setting(*command, "--port", options->options.port, "Port for frames; 0: any free one");
  add_setting(*command, "--sqs-port", options->options.sqs_port, "Port of the SQS API; 0: any free one");
  add_setting(*command, "--threads", options->threads,
              "Frames worked on at once, and batches of faces; 0: one a processor that this process may use")
      ->check(CLI::Range(0, 256));
  command
      ->add_option("--workers", options->workers,
                   "Batches of faces worked on at once, if not as many as --threads; 0: detection and queues alone, "
                   "for `facepipe worker` on another machine")
      ->check(CLI::Range(0, 256));
  add_access_options(*command, *options);
  add_limit_options(*command, *options);
  options->keep.add_to(*command);
  command
      ->add_option("--webhook", options->options.webhooks,
                   "URL that events (visits, people) are POSTed to, as JSON (repeats)")
      ->check([](const std::string& text) {
        const auto url = http::parse_url(text);
        return url ? std::string() : url.error().message;
      });
  command->add_option("--webhook-secret-file", options->webhook_secret_file,
                      "File with the secret that webhooks are signed with (HMAC-SHA256)");
  add_setting(*command, "--faces", options->faces, "Faces of a frame that are recognised: all, or the largest")
      ->check(CLI::IsMember({"all", "largest"}));
  add_ignore_exif(*command, options->options.frames.decode);
  command->add_option("--ports-file", options->ports_file, "Write port=N and sqs_port=N here once listening");
  if (!environment.sqs_access_key_id.empty()) {
    options->options.sqs_key =
        access::SqsKeyRecord{environment.sqs_access_key_id, environment.sqs_secret_access_key, "environment", ""};
  }
  add_time_options(*command, *options);
  command->add_option("--config", options->config,
                      "Settings file, TOML: each key an option's name without dashes; options and environment count "
                      "before it");
  command->callback([command, options, environment, &status] {
    const Status configured =
        options->config.empty() ? Status{} : apply_config_file(*command, options->config, environment.options);
    status = configured ? serve(*options, environment.log_level) : report(configured.error());
  });
}

}  // namespace facepipe::app
