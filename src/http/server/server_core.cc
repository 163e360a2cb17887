// Who may connect and how much may be held: the counts that all sessions share. Tested by server_limits_test.cc.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "base/file.h"
#include "http/server/session.h"
#include "http/server/shared_limits.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

// So many connections that have sent nothing whole, and half of all at least, are a flood: none of them has
// to be slow before the oldest makes room. A client that sends its head at once is none of them for long.
constexpr std::size_t kCrowd = 16;

// An IPv4 client of a socket that takes both is IPv4.
net::ip::address plain_address(const net::ip::address& address) {
  return address.is_v6() && address.to_v6().is_v4_mapped()
             ? net::ip::address(net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()))
             : address;
}

// What counts as one peer; of IPv6 the /64, which is what one customer has.
std::string address_key(const net::ip::address& address) {
  constexpr std::size_t kPrefixBytes = 8;
  if (address.is_v4()) {
    return address.to_string();
  }
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + kPrefixBytes, bytes.end(), 0);
  return net::ip::address_v6(bytes).to_string();
}

namespace ssl = boost::asio::ssl;

Status check_readable(const std::filesystem::path& file, bool secret) {
  FACEPIPE_TRY(check_is_file(file));  // OpenSSL would wait for what a pipe brings
  if (secret && (version_of(file).mode & S_IRWXO) != 0) {
    return Error{ErrorCode::kPermission,
                 file.string() + ": expected a TLS key that not everybody can read (chmod 600 " + file.string() + ")"};
  }
  return {};
}

}  // namespace

void ServerCore::tell_to_make_room(Session& session) {
  if (sessions.contains(&session) && !session.progress().told_to_end()) {
    session.progress().tell_to_end();
    ++making_room;
    net::post(session.executor(), [held = session.shared_from_this()] { held->make_room(); });
  }
}

bool ServerCore::shed_for_connection() {
  const auto now = Progress::Clock::now();
  Session* slowest = nullptr;
  Session* oldest_unheard = nullptr;
  std::size_t unheard = 0;
  for (Session* session : sessions) {
    const Progress& progress = session->progress();
    if (may_make_room(progress, RoomFor::kConnection, now) &&
        (slowest == nullptr || is_slower(progress, slowest->progress(), now))) {
      slowest = session;
    }
    if (!progress.was_heard() && !progress.told_to_end()) {
      ++unheard;
      if (oldest_unheard == nullptr || progress.age(now) > oldest_unheard->progress().age(now)) {
        oldest_unheard = session;
      }
    }
  }
  const bool nobody_slow = slowest == nullptr || slowest->progress().shed() == Shed::kLast;
  if (nobody_slow && unheard >= std::max(kCrowd, options.max_connections / 2)) {
    slowest = oldest_unheard;
  }
  if (slowest == nullptr) {
    return false;
  }
  tell_to_make_room(*slowest);
  return true;
}

void start_session(const std::shared_ptr<ServerCore>& core, tcp::socket socket) {
  boost::system::error_code ec;
  const auto endpoint = socket.remote_endpoint(ec);
  if (ec) {
    return;  // gone already
  }
  const ServerOptions& options = core->options;
  const net::ip::address address = plain_address(endpoint.address());
  const bool counts = options.loopback_counts || !address.is_loopback();
  const std::string key = counts ? address_key(address) : std::string();
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(core->mutex);
    if (core->stopping || core->sessions.size() >= options.max_connections + options.max_refused_connections) {
      return;
    }
    std::string refusal;
    if (const auto found = core->sessions_by_address.find(key);
        counts && found != core->sessions_by_address.end() && found->second >= options.max_connections_per_address) {
      refusal = "expected at most " + std::to_string(options.max_connections_per_address) +
                " connections of one address (--max-connections-per-address)";
    } else if (core->sessions.size() - core->making_room >= options.max_connections && !core->shed_for_connection()) {
      refusal = "expected at most " + std::to_string(options.max_connections) + " connections (--max-connections)";
    }
    session = std::make_shared<Session>(core, std::move(socket), address.to_string(), std::move(refusal));
    core->sessions.insert(session.get());
    if (counts) {
      ++core->sessions_by_address[key];
    }
  }
  net::co_spawn(session->executor(), session->run(), [core, session, key, counts](const std::exception_ptr& failure) {
    if (failure) {
      core->logger.error("http_session_failed");
      session->close();
    }
    const std::lock_guard lock(core->mutex);
    core->sessions.erase(session.get());
    if (session->progress().told_to_end()) {
      --core->making_room;
    }
    if (const auto found = core->sessions_by_address.find(key); counts && --found->second == 0) {
      core->sessions_by_address.erase(found);
    }
    core->session_ended.notify_all();
  });
}

void ServerCore::drain(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex);
  const auto tell = [this](void (Session::*what)()) {
    for (Session* session : sessions) {
      net::post(session->executor(), [s = session->shared_from_this(), what] { (*s.*what)(); });
    }
  };
  const auto all_ended = [this] { return sessions.empty(); };
  stopping = true;
  tell(&Session::finish_up);
  session_ended.wait_for(lock, grace, all_ended);
  tell(&Session::close);
  session_ended.wait(lock, all_ended);
  running = false;
}

bool ServerCore::post(const std::shared_ptr<Session>& session, std::function<void(Session&)> what) {
  const std::lock_guard lock(mutex);
  if (running) {
    net::post(session->executor(), [session, what = std::move(what)] { what(*session); });
  }
  return running;
}

Result<std::unique_ptr<ssl::context>> make_server_context(const TlsFiles& files) {
  FACEPIPE_TRY(check_readable(files.certificate, false));
  FACEPIPE_TRY(check_readable(files.key, true));
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const handle = context->native_handle();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  boost::system::error_code ec;
  context->use_certificate_chain_file(files.certificate.string(), ec);
  if (ec) {
    return Error{ErrorCode::kInvalidData, files.certificate.string() + ": expected a certificate in PEM"};
  }
  // Asked for without a password: a key that has one is not to be read by a service.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, ec);
  context->use_private_key_file(files.key.string(), ssl::context::pem, ec);
  const bool is_pem = !ec || ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == X509_R_KEY_VALUES_MISMATCH;
  if (!is_pem) {
    return Error{ErrorCode::kInvalidData, files.key.string() + ": expected a private key in PEM without a password"};
  }
  if (ec || SSL_CTX_check_private_key(handle) != 1) {
    ERR_clear_error();
    return Error{ErrorCode::kInvalidArgument, "the TLS key " + files.key.string() +
                                                  " does not belong to the certificate " + files.certificate.string()};
  }
  return context;
}

}  // namespace facepipe::http
