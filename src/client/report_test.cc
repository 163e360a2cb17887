#include "client/report.h"

#include <gtest/gtest.h>

namespace facepipe::client {
namespace {

FrameReport answered() {
  FrameReport frame;
  frame.file = "a.jpg";
  frame.request_id = "r-0";
  frame.status = FrameStatus::kAnswered;
  frame.milliseconds = 12.5;
  frame.faces = {{0, "J\xC3\xBCrgen", "", 0.5F, image::Box{1, 2, 3, 4}}, {1, "error", "no picture", {}, {}}};
  return frame;
}

TEST(Report, JsonLineHasEveryField) {
  EXPECT_EQ(to_json_line(answered()),
            "{\"file\":\"a.jpg\",\"request_id\":\"r-0\",\"status\":\"answered\",\"milliseconds\":12.5,\"faces\":["
            "{\"index\":0,\"name\":\"J\xC3\xBCrgen\",\"distance\":0.5,\"box\":[1,2,3,4]},"
            "{\"index\":1,\"name\":\"error\",\"error\":\"no picture\"}]}");
}

TEST(Report, TableIsAlignedByWhatIsShown) {
  FrameReport refused;
  refused.file = "longer.jpg";
  refused.status = FrameStatus::kRefused;
  refused.error = "why";
  FrameReport empty;
  empty.file = "e.jpg";
  empty.status = FrameStatus::kAnswered;
  const std::vector<FrameReport> frames = {answered(), refused, empty,
                                           FrameReport{"n.jpg", "", FrameStatus::kNoAnswer, "", {}, 7}};
  EXPECT_EQ(to_table(frames),
            "frame       face  name               distance  ms\n"
            "a.jpg          0  J\xC3\xBCrgen                0.500  12\n"
            "a.jpg          1  error: no picture            12\n"
            "longer.jpg        refused: why                  0\n"
            "e.jpg             no face                       0\n"
            "n.jpg             no answer                     7\n");
}

}  // namespace
}  // namespace facepipe::client
