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
  EXPECT_EQ(to_table(frames, 0),
            "frame       face  name               distance  ms\n"
            "a.jpg          0  J\xC3\xBCrgen                0.500  12\n"
            "a.jpg          1  error: no picture            12\n"
            "longer.jpg        refused: why                  0\n"
            "e.jpg             no face                       0\n"
            "n.jpg             no answer                     7\n");
}

TEST(Report, TableFitsATerminalAndHoldsNoEscapeSequence) {
  FrameReport frame = answered();
  frame.file = "folder/" + std::string(200, 'x') + "/a.jpg";
  frame.faces[0].name = "\x1b[2J" + std::string(100, 'n');
  const std::string table = to_table(std::vector<FrameReport>{frame}, 70);
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  for (std::size_t begin = 0; begin < table.size(); begin = table.find('\n', begin) + 1) {
    EXPECT_LE(table.find('\n', begin) - begin, 70U) << table;
  }
  EXPECT_NE(table.find("/a.jpg "), std::string::npos) << table;
}

}  // namespace
}  // namespace facepipe::client
