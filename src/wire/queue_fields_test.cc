#include "wire/queue_fields.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "queue/message.h"
#include "queue/validation.h"

namespace facepipe::wire {
namespace {

std::string message_of(const Status& status) {
  return status ? "no error" : status.error().message;
}

bool queue_takes(const std::string& group, const std::string& trace = "") {
  queue::OutgoingMessage message;
  message.body = "x";
  message.group_id = group;
  message.trace_header = trace;
  return queue::validate_message(message).has_value();
}

TEST(Camera, NamesAreTheUsersOwn) {
  for (const char* name :
       {"", "cam-7", "front door", "T\xC3\xBCr", "50%", "\xEF\xBF\xBE", "\xE5\x89\x8D\xE9\x96\x80"}) {
    EXPECT_TRUE(check_camera(name)) << name;
  }
  EXPECT_TRUE(check_camera(std::string(256, 'a')));
  EXPECT_EQ(message_of(check_camera(std::string(257, 'a'))), "camera has 257 bytes; expected at most 256");
  EXPECT_EQ(message_of(check_camera("a\nb")), "camera: expected text without control characters");
  EXPECT_EQ(message_of(check_camera(std::string("a\0b", 3))), "camera: expected text without control characters");
  EXPECT_EQ(message_of(check_camera("a\x7F")), "camera: expected text without control characters");
  EXPECT_EQ(message_of(check_camera("T\xFCr")), "camera: expected UTF-8");
}

TEST(CameraGroup, IsTakenByEveryQueueAndTellsCamerasApart) {
  std::set<std::string> groups;
  const std::string names[] = {"cam-7",
                               "front door",
                               "front%20door",
                               "front_door",
                               "T\xC3\xBCr",
                               "T\xFCr",
                               "50%",
                               "a\nb",
                               std::string("a\0", 2),
                               std::string(128, 'a'),
                               std::string(129, 'a'),
                               std::string(130, 'a'),
                               std::string(128, ' '),
                               std::string(100'000, '\xFF')};
  for (const std::string& name : names) {
    const std::string group = camera_group(name);
    EXPECT_TRUE(queue_takes(group)) << group;
    EXPECT_FALSE(group.empty());
    groups.insert(group);
  }
  EXPECT_EQ(groups.size(), std::size(names));
  EXPECT_EQ(camera_group("cam-7"), "cam-7");
  EXPECT_EQ(camera_group("front door"), "front%20door");
  EXPECT_EQ(camera_group(std::string(128, 'a')), std::string(128, 'a'));
  EXPECT_EQ(camera_group(std::string(129, 'a')).substr(0, 7), "sha256-");
  EXPECT_EQ(camera_group(""), "");
}

TEST(GroupOrDigest, KeepsWhatAQueueTakes) {
  EXPECT_EQ(group_or_digest("g", "r"), "g");
  for (const std::string& bad : {std::string(), std::string("a b"), std::string(129, 'a'), std::string("\xC3\xBC")}) {
    const std::string group = group_or_digest(bad, "r");
    EXPECT_EQ(group.size(), 64U);
    EXPECT_TRUE(queue_takes(group));
  }
  EXPECT_NE(group_or_digest("", "r1"), group_or_digest("", "r2"));
}

TEST(TraceHeader, IsKeptIfItIsOneAndDroppedElse) {
  for (const std::string& good : {std::string("Root=1-5759e988-bd862e3fe1be46a994272793"),
                                  std::string("Self=1-2-3;Root=1-2-3;Parent=5;Sampled=1"),
                                  std::string("Root=1-2-3; Parent=4;"), "Root=" + std::string(251, 'a')}) {
    EXPECT_EQ(usable_trace_header(good), good);
    EXPECT_TRUE(queue_takes("", good));
  }
  for (const std::string& bad : {std::string("hello"), "Root=" + std::string(252, 'a'), std::string("Root=a\nb"),
                                 std::string("Root=\xC3\xBC"), std::string("=x"), std::string("Root="),
                                 std::string(";"), std::string("Root=1;\x01"), std::string(100'000, ';')}) {
    EXPECT_EQ(usable_trace_header(bad), "") << bad.substr(0, 40);
  }
}

}  // namespace
}  // namespace facepipe::wire
