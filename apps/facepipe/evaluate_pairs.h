// What the subcommands of `facepipe evaluate` that compare pairs share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate.h"
#include "evaluate/pair_scan.h"

namespace facepipe::app {

struct ScannedFaces {
  evaluate::PairScan scan;
  std::vector<std::size_t> photograph;  // of each row that was compared
  std::size_t people = 0;
};
// Every face against every other. kNotFound without a face; errors of scan_pairs.
[[nodiscard]] Result<ScannedFaces> scan_faces(const EvaluateOptions& options, const Photographs& photographs,
                                              std::span<const std::string> person, const std::vector<double>& rates);
void describe_scan(evaluate::Summary& summary, const ScannedFaces& faces);
// "tar_at_far_1e-3" and so on; a rate that the data do not support says how many of what it needs.
void describe_points(evaluate::Summary& summary, std::span<const evaluate::OperatingPoint> points,
                     std::string_view of_what);

}  // namespace facepipe::app
