// facepipe evaluate verify | pairs | identify | detect: what the four share. Tested by tests/e2e/test_evaluate.py.
#include "evaluate.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/file.h"
#include "base/process.h"
#include "base/table.h"
#include "image/decode.h"
#include "image/encode.h"
#include "output.h"

namespace facepipe::app {
namespace {

Status write_output(const std::filesystem::path& file, std::string_view content) {
  return write_file_atomically(file, as_bytes(content), /*private_file=*/true);
}

Status remove_output(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::remove(file, error);
  return error ? Status(file_error(file, "remove", error.value())) : Status();
}

Status write_sheet(const std::filesystem::path& file, std::span<const evaluate::SheetSection> sections) {
  const image::RgbImage sheet = evaluate::contact_sheet(sections);
  FACEPIPE_ASSIGN(const Bytes png, image::encode_png(sheet.view()));
  return write_file_atomically(file, png, /*private_file=*/true);
}

void print_summary(const EvaluateOptions& options, const evaluate::Summary& summary) {
  if (options.json) {
    print_line(summary.to_json());
    return;
  }
  constexpr std::array<Column, 2> kColumns = {Column::kLeft, Column::kNumber};
  print_text(format_table(kColumns, summary.rows(), output_columns()));
}

}  // namespace

void EvaluateOptions::add_to(CLI::App& command, const Environment& environment) {
  jobs = static_cast<std::size_t>(usable_cpus());
  pack.add_to(command, environment);
  detector.add_to(command);
  add_ignore_exif(command, decode);
  add_decode_limits(command, decode.limits);
  command.add_option("--jobs", jobs, "Pictures worked on at once (default: the processors)")->check(CLI::Range(1, 256));
  command.add_option("--out", out, "Folder for figures (JSON), curves (CSV, SVG) and the worst mistakes (PNG)");
  command.add_option("--cache", cache,
                     "Folder for what is known of each picture, so that an interrupted run goes on (default: --out)");
  command.add_option("--worst", worst, "Mistakes of each kind on the contact sheet")
      ->check(CLI::Range(0, 200))
      ->capture_default_str();
  command.add_flag("--json", json, "One JSON object in place of the table");
}

void EvaluateOptions::add_embedding_to(CLI::App& command) {
  command.add_option("--mode", mode, "Preprocessing: classic, standard or whitened (default: the pack's)");
  command.add_option("--face", face, "Which face of several a photograph is of: largest, or central")
      ->check(CLI::IsMember({"largest", "central"}))
      ->capture_default_str();
}

void add_curves(EvaluateOutput& output, const std::vector<evaluate::CurvePoint>& curve,
                const evaluate::RateNames& names) {
  if (curve.empty()) {
    for (const char* end : {"-roc.csv", "-roc.svg", "-det.csv", "-det.svg"}) {
      output.files.emplace_back(output.name + end, "");
    }
    return;
  }
  const std::string title = "facepipe evaluate " + output.name;
  output.files.emplace_back(output.name + "-roc.csv", evaluate::roc_csv(curve, names));
  output.files.emplace_back(output.name + "-roc.svg", evaluate::roc_svg(curve, names, title));
  output.files.emplace_back(output.name + "-det.csv", evaluate::det_csv(curve, names));
  output.files.emplace_back(output.name + "-det.svg", evaluate::det_svg(curve, names, title));
}

Result<int> finish_evaluation(const EvaluateOptions& options, const EvaluateOutput& output) {
  if (!options.out.empty()) {
    FACEPIPE_TRY(make_folder(options.out));
    for (const auto& [name, content] : output.files) {
      FACEPIPE_TRY(content.empty() ? remove_output(options.out / name) : write_output(options.out / name, content));
    }
    const std::filesystem::path sheet = options.out / (output.name + "-worst.png");
    FACEPIPE_TRY(output.sections && options.worst > 0 ? write_sheet(sheet, output.sections()) : remove_output(sheet));
    FACEPIPE_TRY(write_output(options.out / (output.name + ".json"), output.summary.to_json() + "\n"));
  }
  print_summary(options, output.summary);
  return output.unreadable == 0 ? kExitSuccess : kExitFailure;
}

image::RgbImage tile_of(const EvaluateOptions& options, const std::filesystem::path& file, const image::Box& box) {
  const auto encoded = read_file(file, options.decode.limits.max_bytes);
  if (!encoded) {
    return {};
  }
  const auto picture = image::decode_image(*encoded, options.decode);
  return picture ? evaluate::face_tile(picture->view(), box) : image::RgbImage();
}

std::string distance_text(float distance) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(distance));
  return text.data();
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Error{ErrorCode::kPermission, folder.string() + ": expected a folder, or to make one: " + error.message()};
  }
  return {};
}

int finish_command(const Result<int>& status) {
  return status ? *status : report(status.error());
}

void add_evaluate_command(CLI::App& app, const Environment& environment, int& status) {
  CLI::App* command =
      app.add_subcommand("evaluate", "Accuracy on labelled pictures: all pairs, lists of pairs, names, boxes");
  command->require_subcommand(1);
  add_verify_command(*command, environment, status);
  add_pairs_command(*command, environment, status);
  add_identify_command(*command, environment, status);
  add_detection_score_command(*command, environment, status);
}

}  // namespace facepipe::app
