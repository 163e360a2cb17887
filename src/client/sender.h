// Sends frames to an endpoint and gathers their answers: what `facepipe send` runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "aws/signing/sigv4.h"
#include "base/result.h"
#include "base/retry.h"
#include "client/frame_source.h"
#include "client/report.h"
#include "http/client.h"
#include "queue/message_queue.h"

namespace facepipe::client {

struct SendOptions {
  http::Url url;
  bool raw = false;     // the picture as the body, instead of base64 in JSON: a third less to send
  int concurrency = 4;  // frames on the way at once, 1..256
  std::chrono::milliseconds timeout{120'000};  // for everything: connecting, sending, tries, answers
  std::size_t max_file_bytes = std::size_t{32} << 20U;
  RetryPolicy retry{.max_attempts = 6, .base = std::chrono::milliseconds{200}, .cap = std::chrono::milliseconds{5'000}};
  RetryEnvironment environment = real_retry_environment();
  http::ClientOptions client;
  std::string token;              // of the endpoint, "Authorization: Bearer"; empty: none. Not with a signer
  aws::Signer* signer = nullptr;  // for an endpoint that wants signed requests; outlives the call
};

// Posts every frame (the same request id on every try, so that a repeated frame is known as one), receives from
// `answers` until all frames have theirs or time is up, deletes what belongs to these frames and leaves other clients'
// messages to them. Connection errors, 429 (honouring Retry-After) and 5xx are tried again. `progress(settled)` is
// called from several threads. One report a frame, in order. The error is the answer queue's, when it cannot be read at
// all; frames fail by themselves. For the end to be in time `answers` must have the same deadline
// (http::ClientOptions).
[[nodiscard]] Result<std::vector<FrameReport>> send_frames(const SendOptions& options, std::span<const FrameFile> files,
                                                           queue::MessageQueue& answers,
                                                           const std::function<void(std::size_t)>& progress);

// --- AWS Lambda Function URLs, told by their host.
// Source: AWS Lambda Developer Guide, "Creating and managing Lambda function URLs".
// The region of https://ID.lambda-url.REGION.on.aws/...; empty for any other URL, one by plain http included.
[[nodiscard]] std::string function_url_region(const http::Url& url);

}  // namespace facepipe::client
