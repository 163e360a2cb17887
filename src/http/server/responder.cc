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

}  // namespace facepipe::http
