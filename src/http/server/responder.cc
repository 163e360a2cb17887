// Tested by server_test.cc, server_stream_test.cc.
#include "http/server/responder.h"

#include "http/server/stream_buffer.h"

namespace facepipe::http {

Written StreamWriter::write(std::string_view bytes) {
  return buffer_ ? buffer_->write(bytes) : Written::kGone;
}

void StreamWriter::finish() {
  if (buffer_) {
    buffer_->finish();
  }
}

std::size_t StreamWriter::buffered() const {
  return buffer_ ? buffer_->buffered() : 0;
}

Responder::~Responder() {
  if (send_) {
    (*this)(make_response(500, "application/json", R"({"error":"Unhandled error: the request was not answered"})"));
  }
}

void Responder::operator()(Response response) {
  open_ = nullptr;
  if (auto send = std::exchange(send_, nullptr)) {
    send(std::move(response));
  }
}

StreamWriter Responder::stream(Response head, StreamOptions options) {
  send_ = nullptr;
  const auto open = std::exchange(open_, nullptr);
  return open ? open(std::move(head), std::move(options)) : StreamWriter();
}

Written StreamBuffer::write(std::string_view bytes) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (finished_) {
      return Written::kGone;
    }
    if (bytes.size() > options_.buffer_bytes) {
      return Written::kTooLarge;
    }
    if (bytes.size() > options_.buffer_bytes - waiting_.size() - being_sent_) {
      wants_room_ = true;
      return Written::kFull;
    }
    waiting_.append(bytes);
    wake = std::exchange(asleep_, false) ? wake_ : nullptr;
  }
  if (wake) {
    wake();
  }
  return Written::kTaken;
}

void StreamBuffer::finish() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    wake = std::exchange(asleep_, false) ? wake_ : nullptr;
  }
  if (wake) {
    wake();
  }
}

std::size_t StreamBuffer::buffered() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + being_sent_;
}

StreamBuffer::Next StreamBuffer::take(std::string& bytes) {
  bytes.clear();
  std::function<void()> room;
  {
    const std::lock_guard lock(mutex_);
    bytes.swap(waiting_);
    being_sent_ = bytes.size();
    if (wants_room_ && being_sent_ <= options_.buffer_bytes / 2) {
      wants_room_ = false;
      room = options_.on_room;
    }
    if (bytes.empty() && !room) {
      asleep_ = !finished_;
      return finished_ ? Next::kEnd : Next::kWait;
    }
  }
  if (room) {
    room();
  }
  return Next::kData;
}

void StreamBuffer::end() {
  StreamOptions dropped;
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    waiting_ = {};
    being_sent_ = 0;
    dropped.on_room = std::exchange(options_.on_room, nullptr);
    dropped.on_end = std::exchange(options_.on_end, nullptr);
    wake = std::exchange(wake_, nullptr);
  }
  if (dropped.on_end) {
    dropped.on_end();
  }
}

}  // namespace facepipe::http
