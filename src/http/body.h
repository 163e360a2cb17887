// A message's body as Boost.Beast reads it: internal to the module, shows Boost. Unlike Beast's own string body it does
// not allocate what a head declares: it grows with what comes, and who must account for it makes the room beforehand.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace facepipe::http {

// A Body of Beast's parser.
struct GrowingBody {
  using value_type = std::string;
  static std::uint64_t size(const value_type& body) { return body.size(); }

  class reader {  // NOLINT(readability-identifier-naming): Beast's name
   public:
    template <bool is_request, typename Fields>
    reader(boost::beast::http::header<is_request, Fields>& /*head*/, value_type& body) : body_(body) {}
    static void init(const boost::optional<std::uint64_t>& /*length*/, boost::system::error_code& ec) { ec = {}; }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& ec) {
      ec = {};
      std::size_t size = 0;
      for (auto part = boost::asio::buffer_sequence_begin(buffers); part != boost::asio::buffer_sequence_end(buffers);
           ++part) {
        const boost::asio::const_buffer bytes(*part);
        body_.append(static_cast<const char*>(bytes.data()), bytes.size());
        size += bytes.size();
      }
      return size;
    }
    static void finish(boost::system::error_code& ec) { ec = {}; }

   private:
    value_type& body_;
  };
};

// The capacity for `needed` bytes of a body that becomes `whole` bytes at most: a whole that was halved again and
// again, so that each step is at least twice the one before and what is copied never exceeds it. At least 32 KiB or
// `whole`.
[[nodiscard]] inline std::size_t body_capacity(std::size_t needed, std::size_t whole) {
  constexpr std::size_t kLeast = std::size_t{32} << 10U;
  std::size_t capacity = whole;
  for (std::size_t half = capacity - capacity / 2; half >= needed && half >= kLeast && half < capacity;
       half = capacity - capacity / 2) {
    capacity = half;
  }
  return capacity;
}

// Gives the body exactly that capacity, which is more than it has: a string that grows by itself takes up to twice.
inline void give_capacity(std::string& body, std::size_t capacity) {
  std::string larger;
  larger.reserve(capacity);
  larger.append(body);
  body = std::move(larger);
}

}  // namespace facepipe::http
