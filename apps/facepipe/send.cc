// facepipe send: frames to an endpoint, names back.
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <thread>

#include "aws/credentials/default_credentials.h"
#include "aws/credentials/location.h"
#include "aws/credentials/profiles.h"
#include "aws/signing/sigv4.h"
#include "aws_access.h"
#include "base/file.h"
#include "client/frame_source.h"
#include "client/report.h"
#include "client/sender.h"
#include "command.h"
#include "output.h"
#include "progress.h"

namespace facepipe::app {
namespace {

struct SendCommand {
  std::vector<std::filesystem::path> inputs;
  std::string url;
  std::string results;
  AwsOption aws;
  std::filesystem::path json_file;
  std::filesystem::path token_file;
  std::string token;  // FACEPIPE_TOKEN
  bool raw = false;
  int concurrency = 4;
  int timeout_s = 120;
};

// A signer with its credentials, destroyed in that order.
struct OwnedSigner {
  std::unique_ptr<aws::CredentialsProvider> credentials;
  std::unique_ptr<aws::Signer> signer;  // null: the endpoint wants no signatures
};
Result<std::string> frame_region(const AwsOption& option, const facepipe::Environment& environment,
                                 const std::string& url_region) {
  if (option.region.empty() && !url_region.empty()) {
    return url_region;
  }
  FACEPIPE_ASSIGN(const aws::Profiles profiles, aws::read_profiles(environment));
  FACEPIPE_ASSIGN(std::string region, aws::configured_region(environment, profiles));
  if (region.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--sign: expected the region in --region, AWS_REGION or the profile, got none"};
  }
  return region;
}

// For a Lambda Function URL, and for any endpoint with --sign. The region is --region, else the URL's, else the
// configured one. kInvalidArgument where there is none; the chain's error where there are no credentials.
Result<OwnedSigner> frame_signer(const AwsOption& option, const http::Url& url) {
  OwnedSigner owned;
  const std::string url_region = client::function_url_region(url);
  if (!option.sign && url_region.empty()) {
    return owned;
  }
  facepipe::Environment environment = option.environment();
  FACEPIPE_ASSIGN(std::string region, frame_region(option, environment, url_region));
  aws::CredentialsOptions credentials;
  credentials.environment = std::move(environment);
  credentials.region = region;
  owned.credentials = aws::make_default_credentials(std::move(credentials));
  FACEPIPE_TRY(owned.credentials->get());  // a program without credentials says so before the first frame
  owned.signer = std::make_unique<aws::SigV4Signer>(aws::SigningScope{std::move(region), "lambda"}, *owned.credentials,
                                                    system_clock());
  return owned;
}

// The file's first line, else the environment's. Never of the command line, which everybody on the machine can read.
Result<std::string> read_token(const SendCommand& command) {
  constexpr std::size_t kMaxTokenFile = 4096;
  if (command.token_file.empty()) {
    return command.token;
  }
  FACEPIPE_ASSIGN(const Bytes bytes, read_file(command.token_file, kMaxTokenFile));
  const std::string_view text = as_text(bytes);
  const std::string_view token = text.substr(0, text.find_first_of("\r\n"));
  if (token.empty() || token.find(' ') != std::string_view::npos) {
    return Error{ErrorCode::kInvalidArgument, command.token_file.string() + ": expected a token on its first line"};
  }
  return std::string(token);
}

using SteadyClock = std::chrono::steady_clock;

Result<std::vector<client::FrameReport>> send_all(const SendCommand& command, SteadyClock::time_point deadline) {
  FACEPIPE_ASSIGN(const std::vector<client::FrameFile> files, pictures_of(command.inputs));
  client::SendOptions options;
  FACEPIPE_ASSIGN(options.url, http::parse_url(command.url));
  options.raw = command.raw;
  options.concurrency = command.concurrency;
  FACEPIPE_ASSIGN(options.token, read_token(command));
  OwnedSigner signer;
  if (options.token.empty()) {  // with one, --sign is for the queue alone
    FACEPIPE_ASSIGN(signer, frame_signer(command.aws, options.url));
  }
  options.signer = signer.signer.get();
  http::ClientOptions limits;
  limits.deadline = deadline;
  FACEPIPE_ASSIGN(const aws::OpenedQueue answers, command.aws.open_queue(command.results, limits));
  options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
  ProgressBar progress("frames", files.size());
  return client::send_frames(options, files, *answers.queue,
                             [&progress](std::size_t settled) { progress.set(settled); });
}

// "-" is standard output, in place of the table.
Status write_json_lines(const std::vector<client::FrameReport>& frames, const std::filesystem::path& file) {
  if (file == "-") {
    for (const client::FrameReport& frame : frames) {
      print_line(client::to_json_line(frame));
    }
    return {};
  }
  std::string lines;
  for (const client::FrameReport& frame : frames) {
    lines += client::to_json_line(frame) + "\n";
  }
  return write_file_atomically(file, as_bytes(lines));
}

// send_all keeps to the deadline wherever it waits for servers; looking for credentials and reading files have times of
// their own. Past the deadline nobody waits for those: the program ends.
Result<std::vector<client::FrameReport>> send_in_time(const SendCommand& command) {
  constexpr std::chrono::milliseconds kToFinish{500};
  const SteadyClock::time_point deadline = SteadyClock::now() + std::chrono::seconds(command.timeout_s);
  std::promise<Result<std::vector<client::FrameReport>>> promise;
  auto result = promise.get_future();
  std::thread sending([&command, &promise, deadline] { promise.set_value(send_all(command, deadline)); });
  if (result.wait_until(deadline + kToFinish) != std::future_status::ready) {
    complain("not done within --timeout " + std::to_string(command.timeout_s) + " s");
    std::_Exit(finish_output(kExitFailure));
  }
  sending.join();
  return result.get();
}

int send(const SendCommand& command) {
  const auto frames = send_in_time(command);
  if (!frames) {
    return report(frames.error());
  }
  if (command.json_file != "-") {
    print_text(client::to_table(*frames, output_columns()));
  }
  if (!command.json_file.empty()) {
    if (const Status written = write_json_lines(*frames, command.json_file); !written) {
      return report(written.error());
    }
  }
  std::size_t unanswered = 0;
  for (const client::FrameReport& frame : *frames) {
    if (frame.status != client::FrameStatus::kAnswered) {
      ++unanswered;
      complain("no answer for " + frame.file + (frame.error.empty() ? "" : ": " + with_way_out(frame.error)));
    }
  }
  return unanswered == 0 ? kExitSuccess : kExitFailure;
}

}  // namespace

void add_send_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<SendCommand>();
  options->token = environment.token;
  CLI::App* command = app.add_subcommand("send", "Send frames to an endpoint and print the names that come back");
  command->add_option("files", options->inputs, "Pictures, or folders of pictures")->required();
  command->add_option("--url", options->url, "The frame endpoint")->required();
  command->add_option("--results", options->results, "URL of the response queue")->required();
  options->aws.add_to(*command, "Lambda Function URLs and Amazon's SQS alone");
  command->add_option("--token-file", options->token_file,
                      "File with the endpoint's token on its first line (or FACEPIPE_TOKEN holds the token itself)");
  command->add_flag("--raw", options->raw, "Send pictures as they are instead of base64 in JSON");
  add_setting(*command, "--concurrency", options->concurrency, "Frames on the way at once")->check(CLI::Range(1, 256));
  add_setting(*command, "--timeout", options->timeout_s,
              "Seconds for everything: credentials, connecting, sending, further tries, answers")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--json", options->json_file,
                      "Also write JSON lines to this file; - : to standard output instead of the table");
  command->callback([options, &status] { status = send(*options); });
}

}  // namespace facepipe::app
