// Curves as files: CSV for programs, SVG for people.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evaluate/detection_score.h"
#include "evaluate/distances.h"

namespace facepipe::evaluate {

struct PlotAxis {
  std::string label;
  bool logarithmic = false;
  double low = 0;  // above 0 where logarithmic; values outside are drawn at the edge
  double high = 1;
};

struct PlotCurve {
  std::string label;
  std::vector<std::pair<double, double>> points;  // x, y: finite
};

// One drawing of 640 x 480 with axes, marks and a legend. SVG 1.1 in UTF-8; labels are escaped, bytes that are no UTF-8
// and controls replaced. Equal input gives equal text.
[[nodiscard]] std::string plot_svg(std::string_view title, const PlotAxis& x, const PlotAxis& y,
                                   std::span<const PlotCurve> curves);

// What the two rates are called in files: of pairs "false_accept_rate" and "true_accept_rate", of probes
// "strangers_named" and "right_names".
struct RateNames {
  std::string_view false_rate;
  std::string_view true_rate;
  std::string_view false_label;
  std::string_view true_label;
  std::string_view missed_label;  // of 1 - true_rate
};
inline constexpr RateNames kPairRates{"false_accept_rate", "true_accept_rate", "pairs of different people accepted",
                                      "pairs of one person accepted", "pairs of one person not accepted"};
inline constexpr RateNames kProbeRates{"strangers_named", "right_names", "strangers named", "right names of the known",
                                       "known people without their name"};

// "threshold,FALSE,TRUE" and a line a point.
[[nodiscard]] std::string roc_csv(std::span<const CurvePoint> curve, const RateNames& names);
// "threshold,FALSE,missed": the detection error trade-off.
[[nodiscard]] std::string det_csv(std::span<const CurvePoint> curve, const RateNames& names);
[[nodiscard]] std::string roc_svg(std::span<const CurvePoint> curve, const RateNames& names, std::string_view title);
[[nodiscard]] std::string det_svg(std::span<const CurvePoint> curve, const RateNames& names, std::string_view title);
// "confidence,recall,precision", and the drawing of precision over recall.
[[nodiscard]] std::string recall_csv(std::span<const RecallPoint> curve);
[[nodiscard]] std::string recall_svg(std::span<const RecallPoint> curve, std::string_view title);

}  // namespace facepipe::evaluate
