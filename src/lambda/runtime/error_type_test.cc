#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lambda/runtime/runtime_client.h"

namespace facepipe::lambda {
namespace {

constexpr ErrorCode kAllCodes[] = {ErrorCode::kInvalidArgument, ErrorCode::kInvalidData, ErrorCode::kUnsupported,
                                   ErrorCode::kTooLarge,        ErrorCode::kNotFound,    ErrorCode::kAlreadyExists,
                                   ErrorCode::kMismatch,        ErrorCode::kUnavailable, ErrorCode::kExhausted,
                                   ErrorCode::kTimeout,         ErrorCode::kPermission,  ErrorCode::kInternal};

TEST(ErrorType, EveryCodeHasATypeOfItsOwn) {
  std::set<std::string> types;
  for (const ErrorCode code : kAllCodes) {
    const std::string type(error_type(code));
    EXPECT_EQ(type.rfind("Facepipe.", 0), 0U) << type;
    EXPECT_TRUE(types.insert(type).second) << type;
  }
  EXPECT_EQ(types.size(), std::size(kAllCodes));
  EXPECT_EQ(error_type(ErrorCode::kInvalidData), "Facepipe.InvalidData");
}

}  // namespace
}  // namespace facepipe::lambda
