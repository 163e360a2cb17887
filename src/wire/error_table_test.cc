#include "wire/error_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace facepipe::wire {
namespace {

constexpr ErrorCode kAll[] = {ErrorCode::kInvalidArgument, ErrorCode::kInvalidData, ErrorCode::kUnsupported,
                              ErrorCode::kTooLarge,        ErrorCode::kNotFound,    ErrorCode::kAlreadyExists,
                              ErrorCode::kMismatch,        ErrorCode::kUnavailable, ErrorCode::kExhausted,
                              ErrorCode::kTimeout,         ErrorCode::kPermission,  ErrorCode::kInternal};

TEST(ErrorTable, BadInputIsTheCallersAndIsAnswered) {
  for (const ErrorCode code :
       {ErrorCode::kInvalidArgument, ErrorCode::kInvalidData, ErrorCode::kUnsupported, ErrorCode::kTooLarge}) {
    EXPECT_EQ(map_error(code).http_status, 400) << to_string(code);
    EXPECT_EQ(map_error(code).fate, MessageFate::kAnswerError) << to_string(code);
  }
}

TEST(ErrorTable, PassingTroubleIsRetried) {
  for (const ErrorCode code : {ErrorCode::kMismatch, ErrorCode::kUnavailable, ErrorCode::kExhausted,
                               ErrorCode::kTimeout, ErrorCode::kPermission, ErrorCode::kInternal}) {
    EXPECT_GE(map_error(code).http_status, 500) << to_string(code);
    EXPECT_EQ(map_error(code).fate, MessageFate::kRetry) << to_string(code);
  }
}

TEST(ErrorTable, EveryCodeHasATypeOfItsOwn) {
  std::set<std::string> types;
  for (const ErrorCode code : kAll) {
    const std::string type(map_error(code).error_type);
    EXPECT_EQ(type.rfind("Facepipe.", 0), 0U) << type;
    EXPECT_TRUE(types.insert(type).second) << type;
  }
  EXPECT_EQ(types.size(), std::size(kAll));
}

TEST(ErrorTable, ABodyOfNoKindThatIsTakenIs415) {
  for (const ErrorCode code : kAll) {
    EXPECT_EQ(body_error_status(code), code == ErrorCode::kUnsupported ? 415 : map_error(code).http_status);
  }
}

TEST(ErrorTable, StatusesOfNamedThings) {
  EXPECT_EQ(map_error(ErrorCode::kNotFound).http_status, 404);
  EXPECT_EQ(map_error(ErrorCode::kAlreadyExists).http_status, 409);
  EXPECT_EQ(map_error(ErrorCode::kUnavailable).http_status, 503);
  EXPECT_EQ(map_error(ErrorCode::kTimeout).http_status, 504);
}

}  // namespace
}  // namespace facepipe::wire
