// Tested by plot_test.cc.
#include "evaluate/plot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/printable.h"

namespace facepipe::evaluate {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 480;
constexpr double kLeft = 70;
constexpr double kRight = 620;
constexpr double kTop = 40;
constexpr double kBottom = 420;
constexpr double kLowestRate = 1e-6;
constexpr std::array<std::string_view, 4> kColours = {"#1f5fa8", "#b8442a", "#2f8f4e", "#7a4fa0"};

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string pixels(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// 0..1 along the axis.
double place(const PlotAxis& axis, double value) {
  const double clamped = std::clamp(value, axis.low, axis.high);
  if (!axis.logarithmic) {
    return (clamped - axis.low) / (axis.high - axis.low);
  }
  return (std::log10(clamped) - std::log10(axis.low)) / (std::log10(axis.high) - std::log10(axis.low));
}
double x_of(const PlotAxis& axis, double value) {
  return kLeft + place(axis, value) * (kRight - kLeft);
}
double y_of(const PlotAxis& axis, double value) {
  return kBottom - place(axis, value) * (kBottom - kTop);
}

std::vector<double> marks_of(const PlotAxis& axis) {
  std::vector<double> marks;
  if (axis.logarithmic) {
    const auto last = static_cast<int>(std::floor(std::log10(axis.high) + 1e-9));
    for (auto power = static_cast<int>(std::ceil(std::log10(axis.low) - 1e-9)); power <= last; ++power) {
      marks.push_back(std::pow(10.0, power));
    }
    return marks;
  }
  constexpr int kParts = 5;
  for (int i = 0; i <= kParts; ++i) {
    marks.push_back(axis.low + (axis.high - axis.low) * i / kParts);
  }
  return marks;
}

std::string mark_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text, std::string_view more = {}) {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
         std::string(more) + ">" + escaped(text) + "</text>\n";
}

std::string line_between(double x1, double y1, double x2, double y2) {
  return "<path d=\"M" + pixels(x1) + " " + pixels(y1) + "L" + pixels(x2) + " " + pixels(y2) +
         "\" stroke=\"#cccccc\"/>\n";
}

std::string axes(const PlotAxis& x, const PlotAxis& y) {
  std::string svg;
  for (const double mark : marks_of(x)) {
    svg += line_between(x_of(x, mark), kTop, x_of(x, mark), kBottom);
    svg += text_at(x_of(x, mark), kBottom + 16, "middle", mark_text(mark));
  }
  for (const double mark : marks_of(y)) {
    svg += line_between(kLeft, y_of(y, mark), kRight, y_of(y, mark));
    svg += text_at(kLeft - 6, y_of(y, mark) + 4, "end", mark_text(mark));
  }
  const double middle = (kTop + kBottom) / 2;
  svg += text_at((kLeft + kRight) / 2, kBottom + 40, "middle", x.label);
  svg += text_at(16, middle, "middle", y.label, " transform=\"rotate(-90 16 " + pixels(middle) + ")\"");
  return svg;
}

std::string polyline(const PlotCurve& curve, const PlotAxis& x, const PlotAxis& y, std::string_view colour) {
  std::string svg = "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(colour) + "\" points=\"";
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    svg += (i == 0 ? "" : " ") + pixels(x_of(x, curve.points[i].first)) + "," + pixels(y_of(y, curve.points[i].second));
  }
  return svg + "\"/>\n";
}

// The lowest decade below every rate that is above 0.
double lowest_decade(std::span<const CurvePoint> curve, bool missed) {
  double lowest = 0.1;
  for (const CurvePoint& point : curve) {
    const double value = missed ? 1 - point.true_rate : point.false_rate;
    lowest = value > 0 ? std::min(lowest, value) : lowest;
  }
  return std::max(std::pow(10.0, std::floor(std::log10(lowest) + 1e-9)), kLowestRate);
}

std::string rates_csv(std::span<const CurvePoint> curve, std::string_view false_name, std::string_view other_name,
                      bool missed) {
  std::string csv = "threshold," + std::string(false_name) + "," + std::string(other_name) + "\n";
  for (const CurvePoint& point : curve) {
    csv += shortest(point.threshold) + "," + shortest(point.false_rate) + "," +
           shortest(missed ? 1 - point.true_rate : point.true_rate) + "\n";
  }
  return csv;
}

PlotCurve rates_curve(std::span<const CurvePoint> curve, bool missed) {
  PlotCurve drawn;
  for (const CurvePoint& point : curve) {
    drawn.points.emplace_back(point.false_rate, missed ? 1 - point.true_rate : point.true_rate);
  }
  return drawn;
}

}  // namespace

std::string plot_svg(std::string_view title, const PlotAxis& x, const PlotAxis& y, std::span<const PlotCurve> curves) {
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + shortest(kWidth) + " " +
                    shortest(kHeight) + "\" font-family=\"sans-serif\" font-size=\"12\">\n" +
                    "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" +
                    text_at((kLeft + kRight) / 2, kTop - 16, "middle", title) + axes(x, y);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::string_view colour = kColours.at(i % kColours.size());
    svg += polyline(curves[i], x, y, colour);
    if (!curves[i].label.empty()) {
      svg += text_at(kRight - 8, kBottom - 12 - 16 * static_cast<double>(i), "end", curves[i].label,
                     " fill=\"" + std::string(colour) + "\"");
    }
  }
  return svg + "</svg>\n";
}

std::string roc_csv(std::span<const CurvePoint> curve, const RateNames& names) {
  return rates_csv(curve, names.false_rate, names.true_rate, /*missed=*/false);
}

std::string det_csv(std::span<const CurvePoint> curve, const RateNames& names) {
  return rates_csv(curve, names.false_rate, "missed", /*missed=*/true);
}

std::string roc_svg(std::span<const CurvePoint> curve, const RateNames& names, std::string_view title) {
  const PlotCurve drawn = rates_curve(curve, /*missed=*/false);
  return plot_svg(title, {std::string(names.false_label), true, lowest_decade(curve, false), 1},
                  {std::string(names.true_label), false, 0, 1}, {&drawn, 1});
}

std::string det_svg(std::span<const CurvePoint> curve, const RateNames& names, std::string_view title) {
  const PlotCurve drawn = rates_curve(curve, /*missed=*/true);
  return plot_svg(title, {std::string(names.false_label), true, lowest_decade(curve, false), 1},
                  {std::string(names.missed_label), true, lowest_decade(curve, true), 1}, {&drawn, 1});
}

std::string recall_csv(std::span<const RecallPoint> curve) {
  std::string csv = "confidence,recall,precision\n";
  for (const RecallPoint& point : curve) {
    csv += shortest(point.confidence) + "," + shortest(point.recall) + "," + shortest(point.precision) + "\n";
  }
  return csv;
}

std::string recall_svg(std::span<const RecallPoint> curve, std::string_view title) {
  PlotCurve drawn;
  for (const RecallPoint& point : curve) {
    drawn.points.emplace_back(point.recall, point.precision);
  }
  return plot_svg(title, {"recall", false, 0, 1}, {"precision", false, 0, 1}, {&drawn, 1});
}

}  // namespace facepipe::evaluate
