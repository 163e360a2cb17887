#include "faces/ids.h"

#include <gtest/gtest.h>

namespace facepipe::faces {
namespace {

TEST(Ids, AFaceMessageHasOneIdWheneverItComes) {
  EXPECT_EQ(to_text(face_id_of(R"({"request_id":"a"})")), to_text(face_id_of(R"({"request_id":"a"})")));
  EXPECT_NE(face_id_of(R"({"request_id":"a"})"), face_id_of(R"({"request_id":"b"})"));
  EXPECT_EQ(to_text(face_id_of("")), "e3b0c44298fc1c14");
}

TEST(Ids, TextAndBack) {
  EXPECT_EQ(parse<VisitId>(to_text(VisitId{0x1f})), VisitId{0x1f});
  EXPECT_EQ(parse<VisitId>("1f"), std::nullopt);
}

TEST(Ids, EventKeysDiffer) {
  EXPECT_NE(random_event_key(), random_event_key());
  EXPECT_EQ(random_event_key().size(), 32U);
}

}  // namespace
}  // namespace facepipe::faces
