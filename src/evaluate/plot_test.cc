#include "evaluate/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::evaluate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<CurvePoint> kCurve = {{0, 0, 0.25}, {0.5, 0.001, 0.75}, {1, 1, 1}};

TEST(Plot, CurvesAsCsv) {
  EXPECT_EQ(roc_csv(kCurve, kPairRates),
            "threshold,false_accept_rate,true_accept_rate\n0,0,0.25\n0.5,0.001,0.75\n1,1,1\n");
  EXPECT_EQ(det_csv(kCurve, kProbeRates), "threshold,strangers_named,missed\n0,0,0.75\n0.5,0.001,0.25\n1,1,0\n");
  const std::vector<RecallPoint> recall = {{0.5, 0.25, 1}};
  EXPECT_EQ(recall_csv(recall), "confidence,recall,precision\n0.5,0.25,1\n");
}

// x from 1e-3 (70) to 1 (620), y from 0 (420) to 1 (40).
TEST(Plot, PointsLieWhereTheAxesSay) {
  EXPECT_THAT(roc_svg(kCurve, kPairRates, "t"), HasSubstr("points=\"70.0,325.0 70.0,135.0 620.0,40.0\""));
  const PlotCurve curve{"", {{-5, 0.5}, {0.5, 7}}};  // values outside are drawn at the edge
  EXPECT_THAT(plot_svg("t", {"x", false, 0, 1}, {"y", false, 0, 1}, {&curve, 1}),
              HasSubstr("points=\"70.0,230.0 345.0,40.0\""));
}

TEST(Plot, TextIsEscaped) {
  const PlotCurve curve{"<script>&\"'\x1b\xff", {{0, 0}}};
  const std::string svg = plot_svg("</text><a>", {"x", false, 0, 1}, {"y", false, 0, 1}, {&curve, 1});
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&amp;&quot;"));
  EXPECT_THAT(svg, HasSubstr("&lt;/text&gt;&lt;a&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_EQ(svg.find('\x1b'), std::string::npos);
  EXPECT_EQ(svg.find('\xff'), std::string::npos);
}

TEST(Plot, DrawingsOfNothingAreDrawings) {
  for (const std::string& svg : {roc_svg({}, kPairRates, "t"), det_svg({}, kProbeRates, "t"), recall_svg({}, "t")}) {
    EXPECT_TRUE(svg.starts_with("<svg ")) << svg;
    EXPECT_TRUE(svg.ends_with("</svg>\n")) << svg;
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
  }
}

}  // namespace
}  // namespace facepipe::evaluate
