#include "aws/credentials/process.h"

#include <gtest/gtest.h>

namespace facepipe::aws {
namespace {

using Words = std::vector<std::string>;
const Environment kEnvironment = {{"PATH", "/usr/bin:/bin"}, {"NAME", "value"}};

TEST(SplitCommand, AsAShellWouldButForWhatItReplaces) {
  EXPECT_EQ(*split_command("  program  --flag\tx\n"), (Words{"program", "--flag", "x"}));
  EXPECT_EQ(*split_command(R"("/with blanks/program" 'a "b" \c' d\ e "f\"g\\h\i" '' x'y'"z")"),
            (Words{"/with blanks/program", "a \"b\" \\c", "d e", "f\"g\\h\\i", "", "xyz"}));
  EXPECT_EQ(*split_command("echo $HOME `id` ; | > *"), (Words{"echo", "$HOME", "`id`", ";", "|", ">", "*"}));
  EXPECT_EQ(*split_command("a \\"), (Words{"a", "\\"}));
  for (const char* bad : {"", "  ", "a 'b", "a \"b", "a \"b\\\""}) {
    EXPECT_EQ(split_command(bad).error().code, ErrorCode::kInvalidData) << bad;
  }
}

TEST(RunProgram, GivesItsOutputAndNoInput) {
  EXPECT_EQ(*run_program(Words{"printf", "%s|", "a b", "$HOME"}, kEnvironment, {}), "a b|$HOME|");
  EXPECT_EQ(*run_program(Words{"sh", "-c", "cat; echo \"$NAME\"; echo hidden >&2"}, kEnvironment, {}), "value\n");
  EXPECT_EQ(*run_program(Words{"true"}, kEnvironment, {}), "");
}

TEST(RunProgram, FailuresNameTheProgramAlone) {
  const auto absent = run_program(Words{"/no/such/program", "SECRET"}, kEnvironment, {});
  EXPECT_EQ(absent.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(absent.error().message, "/no/such/program: cannot be started: No such file or directory");
  EXPECT_EQ(run_program(Words{"/etc/passwd"}, kEnvironment, {}).error().code, ErrorCode::kPermission);
  const auto failed = run_program(Words{"sh", "-c", "echo SECRET; echo SECRET >&2; exit 3"}, kEnvironment, {});
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(failed.error().message, "sh: expected exit status 0, got 3");
  EXPECT_EQ(run_program(Words{"sh", "-c", "kill -9 $$"}, kEnvironment, {}).error().message,
            "sh: expected exit status 0, got signal 9");
}

TEST(RunProgram, IsBoundedInTimeAndOutput) {
  const auto start = std::chrono::steady_clock::now();
  const ProcessLimits short_time{.time = std::chrono::milliseconds(200)};
  // The grandchild holds the output open too.
  EXPECT_EQ(run_program(Words{"sh", "-c", "sleep 100 & sleep 100"}, kEnvironment, short_time).error().code,
            ErrorCode::kTimeout);
  EXPECT_EQ(run_program(Words{"sh", "-c", "exec >&-; sleep 100"}, kEnvironment, short_time).error().code,
            ErrorCode::kTimeout);
  const auto much = run_program(Words{"sh", "-c", "while :; do echo 0123456789; done"}, kEnvironment, {});
  EXPECT_EQ(much.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(much.error().message, "sh: expected at most 65536 bytes of output, got more");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

}  // namespace
}  // namespace facepipe::aws
