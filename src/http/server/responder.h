// How a handler answers a request: with one response, or with a stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "http/message.h"

namespace facepipe::http {

class StreamBuffer;

enum class Written {
  kTaken,
  kFull,      // nothing was taken: the client reads more slowly than this; on_room says when to go on
  kTooLarge,  // more than the whole buffer: it would never fit
  kGone,      // nothing will be sent any more: the client has gone or was too slow, or the server stops
};

struct StreamOptions {
  std::size_t buffer_bytes = std::size_t{64} << 10U;  // what may wait for the client, of the memory of all bodies
  // In which what was given to the connection must be gone: a client that reads less than buffer_bytes in this time
  // while so much waits for it loses its connection.
  std::chrono::milliseconds patience{10'000};
  // Called on an I/O thread; they must not block. Either may be empty; both are dropped after on_end.
  std::function<void()> on_room;  // after a write that was kFull, once: there is room again
  std::function<void()> on_end;   // once: everything was sent after finish(), or nothing will be any more
};

// Gives a streamed answer its bytes. write() and finish() may be called from any thread, never block, and hold no
// thread. Destruction is finish(). Move-only.
class StreamWriter {
 public:
  StreamWriter() = default;  // of nothing: every write is kGone
  explicit StreamWriter(std::shared_ptr<StreamBuffer> buffer) : buffer_(std::move(buffer)) {}
  StreamWriter(StreamWriter&&) noexcept = default;
  StreamWriter& operator=(StreamWriter&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;
  ~StreamWriter() { finish(); }

  [[nodiscard]] Written write(std::string_view bytes);
  // The answer ends, in order, after what was taken. Idempotent.
  void finish();
  // Taken, and not yet handed to the operating system; at most buffer_bytes.
  [[nodiscard]] std::size_t buffered() const;

 private:
  std::shared_ptr<StreamBuffer> buffer_;
};

// Sends the answer of one request. May be called from any thread, once; if it is destroyed uncalled the client gets
// 500.
class Responder {
 public:
  using Send = std::function<void(Response)>;
  using Open = std::function<StreamWriter(Response, StreamOptions)>;

  explicit Responder(Send send, Open open = nullptr) : send_(std::move(send)), open_(std::move(open)) {}
  Responder(Responder&& other) noexcept
      : send_(std::exchange(other.send_, nullptr)), open_(std::exchange(other.open_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();
  void operator()(Response response);
  // Sends status and headers of `head` (its body counts for nothing), then what is written: in chunks, to an HTTP/1.0
  // client until the connection closes. A stream is the last answer of its connection; HEAD gets the head alone. At the
  // server's stop it ends in order, if what waits can be sent within the grace.
  [[nodiscard]] StreamWriter stream(Response head, StreamOptions options);

 private:
  Send send_;
  Open open_;
};

// Called on an I/O thread: must not block, and must be thread-safe where io_threads > 1. Long work goes elsewhere and
// answers through the Responder. The request's body is complete, chunks are joined, and an absolute-form target has
// lost its scheme and host.
using Handler = std::function<void(Request, Responder)>;

}  // namespace facepipe::http
