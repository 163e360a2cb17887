// Errors as values: Error, Result<T>, Status, and the two macros that pass an error on.
//
// Kinds of trouble and their mechanism: a bug in our own code is FACEPIPE_CHECK (check.h); the outside world (bytes,
// files, network, settings) is a Result; an ordinary outcome (no face, an unknown person) is a value. No exceptions of
// ours; a library's exception is turned into an Error in the file that wraps the library.
// <optional>, <string>, <string_view>, <utility>, <variant> come with it: who sees this file does not name them again.
// The names follow std::expected (C++23), which replaces this file once the compilers of our platforms have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace facepipe {

// A closed set. The core knows no HTTP and no AWS words: each edge maps these to its own: frame_http, lambda/runtime,
// serve/sqs.
enum class ErrorCode {
  kInvalidArgument,  // a parameter or setting is wrong; retrying the same call cannot help
  kInvalidData,      // bytes that are not what they claim to be (image, weights, gallery, JSON)
  kUnsupported,      // well-formed, but a kind that this program does not handle
  kTooLarge,         // past a configured limit; the message names the limit
  kNotFound,         // a named thing (file, person, queue) does not exist
  kAlreadyExists,    // a named thing exists already with other content
  kMismatch,         // two things that must agree do not (gallery and model, for example); both are named
  kUnavailable,      // a peer or resource is away or busy; retrying later can help
  kExhausted,        // disk, memory or quota is used up; retrying later can help
  kTimeout,          // a deadline passed
  kPermission,       // refused by the operating system or a peer
  kInternal,         // none of the above: our fault
};

// "invalid-argument" and so on: stable, for logs and JSON.
[[nodiscard]] std::string_view to_string(ErrorCode code);

// What a module knows of an error beyond its code, for callers that know that module (queue/queue_error.h).
struct ErrorDetail {
  const void* domain =
      nullptr;   // address of a constant of the module: no module's marks can meet another's. Null: none
  int kind = 0;  // an enumerator of the module's own
};

// `message` says what was expected and what came, and names the offending thing. It never holds payloads or secrets.
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  ErrorDetail detail = {};

  // The same error with `context` and ": " before its message.
  [[nodiscard]] Error with_context(std::string_view context) const {
    return Error{code, std::string(context) + ": " + message, detail};
  }
};

// A T or an Error. Accessing the side that is not there is a bug and ends the program.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  // Implicit on purpose: `return value;` and `return Error{...};` are the only ways that results are made.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }
  // The same value, or the error with its context.
  [[nodiscard]] Result with_context(std::string_view context) && {
    return has_value() ? std::move(*this) : Result(error().with_context(context));
  }

 private:
  std::variant<T, Error> state_;
};

// Success or an Error: `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const Error& error() const { return error_.value(); }
  [[nodiscard]] Result with_context(std::string_view context) && {
    return has_value() ? Result() : Result(error().with_context(context));
  }

 private:
  std::optional<Error> error_;
};
using Status = Result<void>;

}  // namespace facepipe

#define FACEPIPE_CONCAT_INNER(a, b) a##b
#define FACEPIPE_CONCAT(a, b) FACEPIPE_CONCAT_INNER(a, b)

// FACEPIPE_TRY(expression): returns the error of a Result (its value, if any, is dropped).
#define FACEPIPE_TRY(expression)                                                     \
  do {                                                                               \
    if (auto facepipe_try_result = (expression); !facepipe_try_result.has_value()) { \
      return facepipe_try_result.error();                                            \
    }                                                                                \
  } while (false)

// FACEPIPE_ASSIGN(declaration, expression): declares a variable from a Result's value, or returns its error.
#define FACEPIPE_ASSIGN(declaration, expression) \
  FACEPIPE_ASSIGN_INNER(FACEPIPE_CONCAT(facepipe_assign_, __LINE__), declaration, expression)
#define FACEPIPE_ASSIGN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                                  \
  if (!temporary.has_value()) {                                   \
    return std::move(temporary).error();                          \
  }                                                               \
  declaration = std::move(temporary).value()
