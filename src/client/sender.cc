// Tested by sender_test.cc.
#include "client/sender.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/file.h"
#include "base/hex.h"
#include "base/id.h"
#include "client/collector.h"
#include "wire/messages.h"

namespace facepipe::client {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Other clients' answers come back to the queue after this long; ours are deleted within it.
constexpr std::chrono::seconds kAnswerVisibility{2};
constexpr std::chrono::seconds kAnswerWait{1};
constexpr std::chrono::milliseconds kShortWait{100};
// Longest pause that a server may ask for: past it the frame's own time is better spent trying.
constexpr std::chrono::seconds kLongestRetryAfter{30};

std::string_view content_type_of(ByteView picture) {
  const std::string_view text = as_text(picture);
  if (text.starts_with("\x89PNG")) {
    return "image/png";
  }
  return text.starts_with("RIFF") ? "image/webp" : "image/jpeg";
}

http::Request make_request(const SendOptions& options, const FrameFile& file, const std::string& request_id,
                           Bytes picture) {
  http::Request request;
  request.method = "POST";
  request.target = options.url.target;
  const std::string filename = file.path.filename().string();
  if (options.raw) {
    request.target += request.target.find('?') == std::string::npos ? '?' : '&';
    request.target += "request_id=" + percent_encode(request_id) + "&filename=" + percent_encode(filename);
    request.headers = {{"content-type", std::string(content_type_of(picture))}};
    request.body = as_text(picture);
  } else {
    request.headers = {{"content-type", "application/json"}};
    request.body = wire::to_json(wire::Frame{request_id, filename, std::move(picture)});
  }
  if (!options.token.empty()) {
    request.headers.emplace_back("authorization", "Bearer " + options.token);
  }
  return request;
}

// What a refusal means: kUnavailable may succeed later.
Error refusal(const http::Response& response) {
  constexpr std::size_t kShown = 300;
  return {response.status == 429 || response.status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
          "the endpoint answered " + std::to_string(response.status) + ": " + response.body.substr(0, kShown)};
}

// The sending half: worker threads that take the next frame until there is none.
class Poster {
 public:
  Poster(const SendOptions& options, std::span<const FrameFile> files, Collector& collector,
         const std::vector<FrameReport>& frames, SteadyClock::time_point deadline, const std::function<void()>& tell)
      : options_(options), files_(files), collector_(collector), frames_(frames), deadline_(deadline), tell_(tell) {}

  void run() {
    http::ClientOptions limits = options_.client;
    limits.deadline = std::min(deadline_, limits.deadline.value_or(deadline_));
    http::Client client(options_.url, limits);
    for (std::size_t i = next_++; i < files_.size(); i = next_++) {
      collector_.started(i, SteadyClock::now());
      if (SteadyClock::now() < deadline_) {
        post(client, i);
      } else {
        collector_.refused(i, "not sent: the time for everything was up", SteadyClock::now());
      }
      tell_();
    }
  }

 private:
  void post(http::Client& client, std::size_t i) {
    auto picture = read_input(files_[i].path, options_.max_file_bytes);
    if (!picture) {
      collector_.refused(i, picture.error().message, SteadyClock::now());
      return;
    }
    const http::Request unsigned_request =
        make_request(options_, files_[i], frames_[i].request_id, std::move(picture).value());
    std::optional<std::chrono::milliseconds> pause;  // that the server asked for
    const auto send = [&]() -> Result<http::Response> {
      pause.reset();
      http::Request request = unsigned_request;
      if (options_.signer != nullptr) {
        FACEPIPE_TRY(options_.signer->sign(request, options_.url));
      }
      FACEPIPE_ASSIGN(http::Response response, client.send(request));
      pause = http::retry_after(response, kLongestRetryAfter);
      return response.status == 200 ? Result<http::Response>(std::move(response)) : refusal(response);
    };
    const auto again = [&](const Error& error) {
      return is_retriable(error) && SteadyClock::now() + pause.value_or(std::chrono::milliseconds{0}) < deadline_;
    };
    RetryPolicy policy = options_.retry;
    policy.deadline = deadline_;
    const RetryEnvironment environment{
        [&](std::chrono::milliseconds delay) { options_.environment.sleep(pause.value_or(delay)); },
        options_.environment.uniform};
    if (const auto response = retry(policy, environment, send, again)) {
      collector_.accepted(i, response->body.find("No face detected.") != std::string::npos, SteadyClock::now());
    } else {
      collector_.refused(i, response.error().message, SteadyClock::now());
    }
  }

  const SendOptions& options_;
  std::span<const FrameFile> files_;
  Collector& collector_;
  const std::vector<FrameReport>& frames_;
  const SteadyClock::time_point deadline_;
  const std::function<void()>& tell_;
  std::atomic<std::size_t> next_ = 0;
};

// Receives once; deletes what belongs to our frames. An answer that cannot be read is somebody else's.
Status receive_answers(queue::MessageQueue& answers, Collector& collector, SteadyClock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline - SteadyClock::now());
  FACEPIPE_ASSIGN(const std::vector<queue::ReceivedMessage> received,
                  answers.receive({.max_messages = static_cast<int>(queue::kMaxBatch),
                                   .wait = std::clamp(left, std::chrono::seconds{0}, kAnswerWait),
                                   .visibility_timeout = kAnswerVisibility}));
  std::vector<std::string> ours;
  for (const queue::ReceivedMessage& message : received) {
    const auto answer = wire::parse_answer(message.body);
    if (answer && collector.answered(*answer, SteadyClock::now())) {
      ours.push_back(message.receipt_handle);
    }
  }
  if (!ours.empty()) {
    FACEPIPE_TRY(answers.remove_batch(ours));
  }
  return {};
}

bool is_label(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Result<std::vector<FrameReport>> send_frames(const SendOptions& options, std::span<const FrameFile> files,
                                             queue::MessageQueue& answers,
                                             const std::function<void(std::size_t)>& progress) {
  if (!options.token.empty() && options.signer != nullptr) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected either a token or signed requests to the endpoint: both go into the same header"};
  }
  const SteadyClock::time_point deadline = SteadyClock::now() + options.timeout;
  const std::string prefix = id_text(random_id()) + id_text(random_id());  // ids of two runs never meet
  std::vector<FrameReport> frames;
  frames.reserve(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    FrameReport frame;
    frame.file = files[i].path.string();
    frame.request_id = prefix + "-" + std::to_string(i);
    frames.push_back(std::move(frame));
  }
  Collector collector(frames);
  const std::function<void()> tell = [&] { progress(collector.settled()); };
  Poster poster(options, files, collector, frames, deadline, tell);
  std::vector<std::jthread> threads;
  for (int i = 0; i < std::clamp(options.concurrency, 1, 256); ++i) {
    threads.emplace_back([&poster] { poster.run(); });
  }
  std::optional<Error> trouble;
  while (!collector.complete() && SteadyClock::now() < deadline) {
    if (const Status received = receive_answers(answers, collector, deadline); !received) {
      if (received.error().code == ErrorCode::kTimeout && SteadyClock::now() >= deadline) {
        break;  // the end of the wait, not a trouble of the queue
      }
      trouble = received.error();
      collector.wait_until(std::min(deadline, SteadyClock::now() + kAnswerWait));
      if (trouble->code != ErrorCode::kUnavailable && trouble->code != ErrorCode::kTimeout) {
        break;
      }
    } else {
      trouble.reset();
      if (deadline - SteadyClock::now() < kAnswerWait) {  // too short for a long poll: ask again a little later
        collector.wait_until(std::min(deadline, SteadyClock::now() + kShortWait));
      }
    }
    tell();
  }
  threads.clear();  // joins: every post has ended by then or at its own deadline
  if (collector.awaiting_no_face_message() > 0 && SteadyClock::now() < deadline) {
    static_cast<void>(receive_answers(answers, collector, deadline));  // takes the No-Face messages along, if they come
  }
  std::vector<FrameReport> reports = collector.reports();
  const bool any_answer = std::any_of(reports.begin(), reports.end(), [](const FrameReport& report) {
    return report.status != FrameStatus::kNoAnswer;
  });
  if (trouble && !any_answer) {
    return trouble->with_context("answers");
  }
  return reports;
}

std::string function_url_region(const http::Url& url) {
  constexpr std::string_view kService = ".lambda-url.";
  constexpr std::string_view kDomain = ".on.aws";
  const std::string_view host = url.host;
  const std::size_t service = host.find(kService);
  if (!url.tls || service == std::string_view::npos || !host.ends_with(kDomain)) {
    return {};
  }
  const std::string_view id = host.substr(0, service);
  std::string_view region = host.substr(service + kService.size());
  if (region.size() <= kDomain.size()) {
    return {};
  }
  region.remove_suffix(kDomain.size());
  return is_label(id) && is_label(region) ? std::string(region) : std::string();
}

}  // namespace facepipe::client
