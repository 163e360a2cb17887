// Tested by tests/e2e/test_output.py.
#include "output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/printable.h"
#include "ways_out.h"

namespace facepipe::app {
namespace {

int output_error = 0;  // errno of the first output that failed; of the main thread, as all printing is

void write_output(const std::string& text) {
  if (output_error == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    output_error = errno;
  }
}

}  // namespace

void print_line(std::string_view text) {
  write_output(printable(text) + "\n");
}

void print_columns(std::initializer_list<std::string_view> columns) {
  std::string line;
  for (const std::string_view column : columns) {
    line += (line.empty() ? "" : "\t") + printable(column);
  }
  write_output(line + "\n");
}

void print_text(std::string_view text) {
  write_output(printable_lines(text));
}

void complain(std::string_view text) {
  // One write a message, so that those of several threads do not mix. There is nowhere to say that stderr failed.
  const std::string line = "facepipe: " + printable(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int report(const Error& error) {
  complain(with_way_out(error));
  return error.code == ErrorCode::kInvalidArgument ? kExitUsage : kExitFailure;
}

Status flush_output() {
  if (std::fflush(stdout) != 0 && output_error == 0) {
    output_error = errno;
  }
  if (output_error != 0) {
    return Error{ErrorCode::kExhausted,
                 "cannot write to standard output: " + std::generic_category().message(output_error)};
  }
  return {};
}

int finish_output(int status) {
  Status written = flush_output();
  if (written && ::close(STDOUT_FILENO) != 0 && errno != EBADF) {  // what a file server says only now
    written =
        Error{ErrorCode::kExhausted, "cannot write to standard output: " + std::generic_category().message(errno)};
  }
  if (written) {
    return status;
  }
  const int failed = report(written.error());
  return status == kExitSuccess ? failed : status;
}

std::size_t output_columns() {
  if (::isatty(STDOUT_FILENO) != 1) {
    return 0;
  }
  constexpr std::size_t kUsual = 80;
  if (const char* set = std::getenv("COLUMNS"); set != nullptr) {  // NOLINT(concurrency-mt-unsafe): nobody sets it
    const std::string_view text(set);
    std::size_t columns = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
    if (error == std::errc{} && end == text.data() + text.size() && columns > 0) {
      return columns;
    }
  }
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

}  // namespace facepipe::app
