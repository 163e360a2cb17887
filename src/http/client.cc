// Writes a request, reads its response: Boost.Beast's parser over a Connection. Tested by client_test.cc,
// client_tls_test.cc.
#include "http/client.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <iterator>

#include "base/text.h"
#include "http/body.h"
#include "http/connection.h"
#include "http/wire.h"

namespace facepipe::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;
using ResponseParser = beast_http::response_parser<GrowingBody>;

constexpr std::uint32_t kMaxResponseHeaderBytes = 64U << 10U;
constexpr std::ptrdiff_t kMaxResponseFields = 1'024;
// Bytes that make no progress by themselves: of a head, or a chunk's size line, extensions and trailers, which the
// parser takes only once they are whole.
constexpr std::size_t kMaxUnparsedBytes = 2 * kMaxResponseHeaderBytes;
constexpr int kMaxInterimResponses = 16;  // 1xx before the answer proper

Error parse_error(error_code ec, const ClientOptions& options) {
  if (ec == beast_http::error::body_limit) {
    return Error{ErrorCode::kTooLarge,
                 "expected a response of at most " + std::to_string(options.max_response_bytes) + " bytes"};
  }
  if (ec == beast_http::error::header_limit) {
    return Error{ErrorCode::kTooLarge,
                 "expected response headers of at most " + std::to_string(kMaxResponseHeaderBytes) + " bytes"};
  }
  return Error{ErrorCode::kInvalidData, "expected an HTTP/1.1 response: " + ec.message()};
}

// One request and its answer on one connection.
class Exchange {
 public:
  Exchange(Connection& connection, const ClientOptions& options, Deadline deadline)
      : connection_(connection), options_(options), deadline_(deadline) {}

  // A server may answer before the request is sent whole: that is its answer.
  Result<Response> run(std::string_view wire, bool head) {
    connection_.begin(wire);
    for (int i = 0; i < kMaxInterimResponses; ++i) {
      ResponseParser parser;
      parser.eager(true);
      parser.header_limit(kMaxResponseHeaderBytes);
      parser.body_limit(options_.max_response_bytes);
      parser.skip(head);
      FACEPIPE_TRY(read(parser));
      if (std::distance(parser.get().begin(), parser.get().end()) > kMaxResponseFields) {
        return Error{ErrorCode::kTooLarge,
                     "expected a response of at most " + std::to_string(kMaxResponseFields) + " header fields"};
      }
      const int status = parser.get().result_int() > 999 ? 0 : static_cast<int>(parser.get().result_int());
      if (status == 101) {
        break;
      }
      if (status >= 200) {
        reusable_ = connection_.sent() && received_.empty() && parser.keep_alive();
        return take(parser, status);
      }
    }
    return Error{ErrorCode::kInvalidData, "expected a final response, got 1xx only"};
  }

  [[nodiscard]] bool got_some() const { return got_some_; }
  // Whether the connection can take another request.
  [[nodiscard]] bool reusable() const { return reusable_; }

 private:
  Status read(ResponseParser& parser) {
    while (!parser.is_done()) {
      error_code ec;
      if (!received_.empty()) {
        const std::size_t used = parser.put(boost::asio::buffer(received_), ec);
        received_.erase(0, used);
        if (ec && ec != beast_http::error::need_more) {
          return parse_error(ec, options_);
        }
        if (!ec && used > 0) {
          continue;
        }
        if (received_.size() > kMaxUnparsedBytes) {
          return Error{ErrorCode::kTooLarge, "expected a response whose chunk sizes and trailers take at most " +
                                                 std::to_string(kMaxUnparsedBytes) + " bytes"};
        }
      }
      FACEPIPE_ASSIGN(const std::string_view more, connection_.receive(deadline_));
      received_.append(more);
      got_some_ = got_some_ || !more.empty();
      if (more.empty()) {
        if (parser.got_some()) {
          parser.put_eof(ec);  // fine for a body that ends with the connection
        }
        if (!parser.is_done()) {
          return Error{ErrorCode::kUnavailable, got_some_ ? "the server closed the connection within its answer"
                                                          : "the server closed the connection without an answer"};
        }
      }
    }
    return {};
  }

  static Response take(ResponseParser& parser, int status) {
    Response response;
    response.status = status;
    for (const auto& field : parser.get()) {
      response.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(parser.get().body());
    return response;
  }

  Connection& connection_;
  const ClientOptions& options_;
  Deadline deadline_;
  std::string received_;  // not yet parsed
  bool got_some_ = false;
  bool reusable_ = false;
};

}  // namespace

struct Client::State {
  Url origin;
  ClientOptions options;
  std::unique_ptr<boost::asio::ssl::context> tls;  // made for the first connection that needs it
  std::unique_ptr<Connection> connection;          // kept from the last request; may be null

  Status connect(Deadline deadline) {
    if (origin.tls && tls == nullptr) {
      FACEPIPE_ASSIGN(tls, make_client_context());
    }
    FACEPIPE_ASSIGN(connection, Connection::open(origin, tls.get(),
                                                 std::min(deadline, steady_clock::now() + options.connect_timeout),
                                                 options.certificate_sha256));
    return {};
  }

  [[nodiscard]] std::string name() const { return (origin.tls ? "https://" : "http://") + origin.authority(); }

  // When a request that begins now must have its answer.
  [[nodiscard]] Deadline request_deadline(std::chrono::milliseconds at_least = {}) const {
    return std::min<Deadline>(steady_clock::now() + std::max(options.request_timeout, at_least),
                              options.deadline.value_or(Deadline::max()));
  }

  Result<Response> send(std::string_view wire, bool head, std::chrono::milliseconds at_least) {
    const Deadline deadline = request_deadline(at_least);
    std::unique_ptr<Connection> kept = std::exchange(connection, nullptr);
    if (kept != nullptr && kept->reusable()) {
      Exchange exchange(*kept, options, deadline);
      auto response = exchange.run(wire, head);
      if (exchange.reusable()) {
        connection = std::move(kept);
      }
      const bool stale = !response && response.error().code == ErrorCode::kUnavailable && !exchange.got_some();
      if (!stale) {
        return response;
      }
    }
    kept.reset();
    FACEPIPE_TRY(connect(deadline));
    Exchange exchange(*connection, options, deadline);
    auto response = exchange.run(wire, head);
    if (!exchange.reusable()) {
      connection.reset();
    }
    return response;
  }
};

Client::Client(const Url& origin, const ClientOptions& options)
    : state_(std::make_unique<State>(State{origin, options, nullptr, nullptr})) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Status Client::connect() {
  return state_->connection ? Status() : state_->connect(state_->request_deadline()).with_context(state_->name());
}

Result<Response> Client::send(const Request& request, std::chrono::milliseconds at_least) {
  FACEPIPE_ASSIGN(std::string wire, request_head(request, state_->origin.authority()));
  wire += request.body;
  return state_->send(wire, request.method == "HEAD", at_least).with_context(state_->name());
}

}  // namespace facepipe::http
