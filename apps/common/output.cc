// Tested by tests/e2e/test_output.py.
#include "output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/printable.h"
#include "base/text.h"

namespace facepipe::app {
namespace {

int output_error = 0;  // errno of the first output that failed; of the main thread, as all printing is

void write_output(const std::string& text) {
  if (output_error == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    output_error = errno;
  }
}

struct WayOut {
  std::string_view begin;  // the message holds this ...
  std::string_view end;    // ... and ends with that
  std::string_view text;
};

constexpr std::array<WayOut, 11> kWaysOut = {{
    {"expected one face, found ", "", "--largest takes the largest"},
    {"no face found", "", "--min-face and --thresholds find smaller and fainter ones"},
    {": the limit is ", " px a side", "--max-side raises it"},
    {": the limit is ", " pixels", "--max-pixels raises it"},
    {"no key was given", "", "--key-file FILE or FACEPIPE_KEY_FILE"},
    {"no such model pack", "", "--pack DIR or FACEPIPE_PACK names it; facepipe model build makes one"},
    {"embeddings cannot be compared", "", "the pack that made them is named by --pack or FACEPIPE_PACK"},
    {"has its own alone", "", "--pack or FACEPIPE_PACK names another"},
    {"gallery.fpg", "No such file or directory", "facepipe people add makes it; --data and --gallery name it"},
    {"cannot lock ", "No such file or directory", "--data and --gallery name what exists"},
    {"there is none with the id '", "", "`list` shows the ids"},
}};

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
    if (const auto columns = parse_number<std::size_t>(set).value_or(0); columns > 0) {
      return columns;
    }
  }
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string with_way_out(const std::string& message) {
  for (const WayOut& way : kWaysOut) {
    if (message.find(way.begin) != std::string::npos && message.ends_with(way.end)) {
      return message + " (" + std::string(way.text) + ")";
    }
  }
  return message;
}

std::string with_way_out(const Error& error) {
  return with_way_out(error.message);
}

}  // namespace facepipe::app
