// What commands print: every line to a terminal or a pipe goes through here, so that untrusted text in it is shown and
// not acted on (base/printable.h), and output that could not be written is a failure of the command.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::app {

enum ExitStatus : int {
  kExitSuccess = 0,
  kExitFailure = 1,  // the work was done in part or not at all; stderr says why
  kExitUsage = 2,    // wrong options or settings
};

// One line on standard output. JSON keeps its value, so that it can be printed by this as well.
void print_line(std::string_view text);
// One line of columns between tabs, which the columns themselves cannot hold.
void print_columns(std::initializer_list<std::string_view> columns);
// Text of ours with newlines in it: help, tables of base/table.h.
void print_text(std::string_view text);
// "facepipe: TEXT" on stderr.
void complain(std::string_view text);

// "facepipe: MESSAGE (WAY OUT)" on stderr; returns kExitFailure, or kExitUsage for a bad argument.
int report(const Error& error);

// Whether everything printed so far has been taken by standard output. The error names it and the reason.
[[nodiscard]] Status flush_output();
// For the end of the program: kExitFailure, with the reason on stderr, where output failed; else `status`.
[[nodiscard]] int finish_output(int status);

// Columns of the terminal that standard output is: COLUMNS, what the terminal says, or 80. 0 where it is none, and
// nothing is to be cut.
[[nodiscard]] std::size_t output_columns();

// --- What to do about an error, where an option or a command helps.
// The error's message and, behind it, the option that helps. The library that found the trouble knows no options.
[[nodiscard]] std::string with_way_out(const Error& error);
// The same for a message alone.
[[nodiscard]] std::string with_way_out(const std::string& message);

}  // namespace facepipe::app
