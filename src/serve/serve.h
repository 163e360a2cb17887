// The whole pipeline on one box.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "access/access_file.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "base/seal.h"
#include "detect/detector.h"
#include "faces/retention.h"
#include "http/server/server.h"
#include "model/model_pack.h"
#include "serve/door/browser_rules.h"
#include "stage/detection/detection_stage.h"
#include "visits/tracker.h"

namespace facepipe::serve {

inline constexpr std::string_view kRequestQueue = "face-requests";
inline constexpr std::string_view kAnswerQueue = "face-answers";

// How long an answer that a client received and left alone is hidden from the client that it is for. Clients of the
// Python pipeline poll one message at a time and leave others' alone.
inline constexpr std::chrono::seconds kAnswerVisibility{1};

struct ServeOptions {
  std::string version;                 // of this program, for the API
  std::filesystem::path data_dir;      // made if absent, for its owner alone: queues.db, faces.db and the gallery
  std::filesystem::path gallery_file;  // where the people commands keep the gallery; not read without recognition
  std::optional<SealingKey> key;       // opens an encrypted gallery, encrypts queues and faces
  std::filesystem::path pack_dir;
  std::string address = "127.0.0.1";  // loopback unless the user says otherwise
  std::uint16_t port = 8080;          // frames; 0: any free one
  std::uint16_t sqs_port = 9324;      // SQS API; 0: any free one
  int detect_threads = 1;             // frames worked on at once
  int recognize_threads = 1;          // recognition workers, each with one thread of inference; 0: detection and queues
                                      // alone, the faces are another machine's to recognise (`facepipe worker`)
  // Of both ports; those of the HTTP server are described at http::ServerOptions.
  bool insecure = false;                        // listen beyond loopback without tokens and keys
  std::optional<access::SqsKeyRecord> sqs_key;  // one more than those of the access file
  std::optional<http::TlsFiles> tls;
  std::vector<std::string> hosts;                 // BrowserRules
  std::vector<std::string> allowed_origins;       // BrowserRules
  std::size_t max_connections = 1024;             // of each port
  std::size_t max_connections_per_address = 256;  // of each port
  std::size_t max_waiting_frames = 64;
  double max_frames_per_second = 0;                     // of each camera; 0: as many as it likes
  std::size_t max_body_bytes = std::size_t{48} << 20U;  // a picture of DecodeLimits::max_bytes in base64, and a bit
  std::size_t max_total_body_bytes = std::size_t{256} << 20U;  // at least max_body_bytes
  std::size_t max_work_memory = kDefaultWorkMemory;            // of decoding, detecting and recognising together
  // A frame that comes again within this time under its request id, with the same picture, is answered once; 0: every
  // time.
  std::chrono::seconds duplicate_window{300};
  // How long messages are kept, per class of data; set on the queues at every start. Absent: what the queue has (a new
  // one: 4 days, dead letters 14).
  std::optional<std::chrono::seconds> retain_answers;
  std::optional<std::chrono::seconds> retain_dead_letters;
  std::optional<faces::Retention> keep = faces::Retention{};  // faces and visits, in faces.db; absent: none
  faces::ClassNames keep_changeable;                          // of `keep`: while it runs, and kept for the next run
  std::vector<std::string> webhooks;                          // URLs that events are sent to; needs `keep`
  std::string webhook_secret;                                 // signs them; empty: no signature
  // The answer queue's visibility timeout, set at every start. Absent: what the queue has; kAnswerVisibility in place
  // of the 30 s of a new one, or of one that an earlier release made.
  std::optional<std::chrono::seconds> answer_visibility;
  std::chrono::milliseconds visit_timeout = visits::kDefaultVisitTimeout;  // so long unseen, a visit is over
  std::optional<double> strangers;  // share of strangers who may get a name; absent: what the gallery states
  detect::DetectorOptions detector;
  stage::DetectionOptions frames;
};

// Running from start() to stop() or destruction.
class PipelineServer {
 public:
  // Errors name the file, port or option; check_exposure's among them.
  [[nodiscard]] static Result<std::unique_ptr<PipelineServer>> start(const ServeOptions& options, Logger& logger);
  virtual ~PipelineServer() = default;  // stop() with no grace
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::uint16_t sqs_port() const = 0;
  // Takes no more frames, answers those under way, lets the workers finish their batch, closes the store. All of it
  // within `grace` and a second: frames that are not done when most of it is over are ended and answered 503, batches
  // are put back. What was accepted is answered or still queued.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace facepipe::serve
