// What an HTTP client is told about its frame: the table "Frame in" of docs/formats/messages.md.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "stage/detection/detection_stage.h"

namespace facepipe::frame_http {

// Of an error of the core, wherever it becomes an HTTP answer. Exhaustive over ErrorCode.
[[nodiscard]] int http_status(ErrorCode code);

// The texts that the Python original answers, byte for byte, where it has them.
struct FrameAnswer {
  int status = 200;
  std::string body;             // JSON
  int retry_after_s = 0;        // with 503: when to send the frame again
  std::string request_id = {};  // where it could be read
  Clock::TimePoint time{};      // likewise: of the frame (FrameInfo)
  int faces = 0;                // FrameOutcome's: whose messages are stored
  int faces_left_out = 0;       // FrameOutcome's
  bool incomplete = false;      // FrameOutcome's
  bool duplicate = false;       // it was stored lately, and is not stored again
};

// 200 = every face's message is stored, or the frame has no face. 502 = the sink's trouble; 503 = no space to store it,
// no memory for it now, or the service stops; 504 = it took too long. Trouble of our own (500) is not told to the
// client. `original`: one face a frame is sent, and nothing more is said than the original says.
[[nodiscard]] FrameAnswer answer_to(const stage::FrameOutcome& outcome, bool original);

// Of an error of read_frame: as of any other, but a body of no kind that is taken (kUnsupported) is 415.
[[nodiscard]] FrameAnswer refusal(const Error& error);

// What went wrong, for the log; empty if nothing did.
[[nodiscard]] std::string trouble_of(const stage::FrameOutcome& outcome);

}  // namespace facepipe::frame_http
