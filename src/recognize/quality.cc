// Tested by quality_test.cc.
#include "recognize/quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ranges>

#include "base/text.h"
#include "image/resize.h"

namespace facepipe::recognize {
namespace {

// At `useless` nothing can be told, at `doubtful` a flaw begins, and as far again on the other side of it the quality
// is full. useless > doubtful: large values are bad.
struct Limits {
  double useless = 0;
  double doubtful = 0;
};

// Measured on development photographs, whole and made worse step by step (docs/accuracy.md).
constexpr Limits kConfidence{0.9, 0.95};
constexpr Limits kShorterSidePx{21, 32};
constexpr Limits kSharpness{0.007, 0.02};  // variance of the Laplacian of the face at kSide, in its own variance
constexpr Limits kDarkness{9, 25};         // mean level
constexpr Limits kBrightness{250, 220};
constexpr Limits kContrast{3.5, 9};     // standard deviation of the levels
constexpr Limits kOutside{0.85, 0.15};  // share of the box with its surroundings
constexpr Limits kTurn{0.8, 0.45};      // the nose beside the middle of eyes and mouth, in distances between the eyes

constexpr int kSide = 64;
constexpr float kDeeplyOutside = 0.4F;
constexpr double kSurroundings = 0.2;  // of the box's side, each way: what a source crop keeps (probe.h)

double quality_of(double value, const Limits& limits) {
  return std::clamp(0.5 * (value - limits.useless) / (limits.doubtful - limits.useless), 0.0, 1.0);
}

class Findings {
 public:
  explicit Findings(Quality so_far = {}) : result_(std::move(so_far)) {}
  void look(Flaw flaw, double value, const Limits& limits) {
    const double quality = std::isfinite(value) ? quality_of(value, limits) : 0;
    if (quality < 0.5) {
      result_.flaws.push_back(flaw);
    }
    result_.score = std::min(result_.score, static_cast<float>(quality));
    result_.usable = result_.score > 0;
  }
  [[nodiscard]] Quality take() && { return std::move(result_); }

 private:
  Quality result_;
};

struct Light {
  double mean = 0;
  double deviation = 0;
  double sharpness = 0;
};

// ITU-R BT.601, as Pillow's "L".
float luma(const std::uint8_t* pixel) {
  return 0.299F * static_cast<float>(pixel[0]) + 0.587F * static_cast<float>(pixel[1]) +
         0.114F * static_cast<float>(pixel[2]);
}

using Levels = std::array<float, std::size_t{kSide} * kSide>;

double variance_of_laplacian(const Levels& levels) {
  double sum = 0;
  double squares = 0;
  constexpr auto kRow = static_cast<std::size_t>(kSide);
  for (std::size_t y = 1; y + 1 < kRow; ++y) {
    for (std::size_t x = 1; x + 1 < kRow; ++x) {
      const std::size_t at = y * kRow + x;
      const double value =
          double{4 * levels[at] - levels[at - 1] - levels[at + 1] - levels[at - kRow] - levels[at + kRow]};
      sum += value;
      squares += value * value;
    }
  }
  constexpr double kCount = double{kSide - 2} * (kSide - 2);
  return squares / kCount - sum / kCount * (sum / kCount);
}

Light light_of(image::RgbView face) {
  const image::RgbImage small = image::resize_bilinear(face, kSide, kSide);
  Levels levels{};
  double sum = 0;
  double squares = 0;
  for (int y = 0; y < kSide; ++y) {
    const std::uint8_t* row = small.view().row(y);
    for (int x = 0; x < kSide; ++x) {
      const float level = luma(row + std::ptrdiff_t{3} * x);
      levels.at(static_cast<std::size_t>(y) * kSide + static_cast<std::size_t>(x)) = level;
      sum += double{level};
      squares += double{level} * double{level};
    }
  }
  const auto count = static_cast<double>(levels.size());
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean)), variance_of_laplacian(levels)};
}

// The pixels of the box that are there; all of them for a ready crop, empty if none are.
image::RgbView face_pixels(const Probe& probe) {
  const image::RgbView picture = probe.pixels.view();
  if (!probe.box || !has_pixels(*probe.box, picture)) {
    return probe.box ? image::RgbView{} : picture;
  }
  const auto within = [](float value, int limit) {
    return static_cast<int>(std::clamp(std::round(double{value}), 0.0, static_cast<double>(limit)));
  };
  const int left = std::min(within(probe.box->x1, picture.width), picture.width - 1);
  const int top = std::min(within(probe.box->y1, picture.height), picture.height - 1);
  return picture.crop({left, top, std::max(within(probe.box->x2, picture.width), left + 1),
                       std::max(within(probe.box->y2, picture.height), top + 1)});
}

// Of the box with its surroundings.
double share_outside(const image::Box& box, image::RgbView picture) {
  const double room_x = kSurroundings * double{box.width()};
  const double room_y = kSurroundings * double{box.height()};
  const auto inside = [](double low, double high, int limit) {
    return std::max(0.0, std::min(high, static_cast<double>(limit)) - std::max(low, 0.0)) / (high - low);
  };
  return 1 - inside(double{box.x1} - room_x, double{box.x2} + room_x, picture.width) *
                 inside(double{box.y1} - room_y, double{box.y2} + room_y, picture.height);
}

double turn_of(const image::Landmarks& points) {
  const auto& [left_eye, right_eye, nose, left_mouth, right_mouth] = points;
  const double eye_x = double{right_eye.x} - double{left_eye.x};
  const double eye_y = double{right_eye.y} - double{left_eye.y};
  const double squared = eye_x * eye_x + eye_y * eye_y;
  const auto middle = [](float a, float b, float c, float d) {
    return (double{a} + double{b} + double{c} + double{d}) / 4;
  };
  const double off_x = double{nose.x} - middle(left_eye.x, right_eye.x, left_mouth.x, right_mouth.x);
  const double off_y = double{nose.y} - middle(left_eye.y, right_eye.y, left_mouth.y, right_mouth.y);
  return std::abs(off_x * eye_x + off_y * eye_y) / squared;  // eyes at one place: not a number, or infinite
}

}  // namespace

std::string_view to_string(Flaw flaw) {
  switch (flaw) {
    case Flaw::kUncertain:
      return "likely not a face";
    case Flaw::kSmall:
      return "too small";
    case Flaw::kBlurred:
      return "blurred";
    case Flaw::kDark:
      return "too dark";
    case Flaw::kBright:
      return "too bright";
    case Flaw::kFlat:
      return "no contrast";
    case Flaw::kCut:
      return "cut by the edge";
    case Flaw::kTurned:
      return "turned away";
    case Flaw::kWeak:
      return "weak embedding";
  }
  return "";
}

std::optional<Flaw> parse_flaw(std::string_view words) {
  for (int each = 0; each <= static_cast<int>(Flaw::kWeak); ++each) {
    if (to_string(static_cast<Flaw>(each)) == words) {
      return static_cast<Flaw>(each);
    }
  }
  return std::nullopt;
}

bool is_cut(const Quality& quality) {
  return std::ranges::find(quality.flaws, Flaw::kCut) != quality.flaws.end();
}

bool is_deeply_cut(const Quality& quality) {
  return quality.outside > kDeeplyOutside;
}

std::string describe(const Quality& quality) {
  return joined(std::views::transform(quality.flaws, [](Flaw flaw) { return to_string(flaw); }), ", ");
}

bool may_be_enrolled(const Quality& quality) {
  return quality.usable && std::ranges::find(quality.flaws, Flaw::kWeak) == quality.flaws.end();
}

Quality assess(const Probe& probe, const FaceFacts& facts) {
  Findings findings;
  if (facts.confidence) {
    findings.look(Flaw::kUncertain, double{*facts.confidence}, kConfidence);
  }
  if (probe.box) {
    const float side = facts.shorter_side_px.value_or(std::min(probe.box->width(), probe.box->height()));
    findings.look(Flaw::kSmall, double{side}, kShorterSidePx);
  }
  const image::RgbView face = face_pixels(probe);
  const Light light = face.empty() ? Light{} : light_of(face);
  const double variance = std::max(light.deviation * light.deviation, 1.0);  // an even area is not sharp
  findings.look(Flaw::kBlurred, light.sharpness / variance, kSharpness);
  findings.look(Flaw::kDark, light.mean, kDarkness);
  findings.look(Flaw::kBright, light.mean, kBrightness);
  findings.look(Flaw::kFlat, light.deviation, kContrast);
  const double outside = probe.box ? share_outside(*probe.box, probe.pixels.view()) : 0;
  if (probe.box) {
    findings.look(Flaw::kCut, outside, kOutside);
  }
  if (probe.landmarks) {
    findings.look(Flaw::kTurned, turn_of(*probe.landmarks), kTurn);
  }
  Quality quality = std::move(findings).take();
  quality.outside = static_cast<float>(outside);
  return quality;
}

void add_norm(std::optional<float> norm, const std::optional<model::NormLimits>& limits, Quality& quality) {
  if (norm && limits) {
    Findings findings(std::move(quality));
    findings.look(Flaw::kWeak, double{*norm}, {double{limits->useless}, double{limits->weak}});
    quality = std::move(findings).take();
  }
}

}  // namespace facepipe::recognize
