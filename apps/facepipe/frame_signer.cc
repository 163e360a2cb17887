#include "frame_signer.h"

#include <utility>

#include "aws/credentials/default_credentials.h"
#include "aws/credentials/location.h"
#include "aws/credentials/profiles.h"
#include "aws/signing/sigv4.h"
#include "client/function_url.h"

namespace facepipe::app {
namespace {

Result<std::string> frame_region(const AwsOption& option, const aws::Environment& environment,
                                 const std::string& url_region) {
  if (option.region.empty() && !url_region.empty()) {
    return url_region;
  }
  FACEPIPE_ASSIGN(const aws::Profiles profiles, aws::read_profiles(environment));
  FACEPIPE_ASSIGN(std::string region, aws::configured_region(environment, profiles));
  if (region.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--sign: expected the region in --region, AWS_REGION or the profile, got none"};
  }
  return region;
}

}  // namespace

Result<OwnedSigner> frame_signer(const AwsOption& option, const http::Url& url) {
  OwnedSigner owned;
  const std::string url_region = client::function_url_region(url);
  if (!option.sign && url_region.empty()) {
    return owned;
  }
  aws::Environment environment = option.environment();
  FACEPIPE_ASSIGN(std::string region, frame_region(option, environment, url_region));
  aws::CredentialsOptions credentials;
  credentials.environment = std::move(environment);
  credentials.region = region;
  owned.credentials = aws::make_default_credentials(std::move(credentials));
  FACEPIPE_TRY(owned.credentials->get());  // a program without credentials says so before the first frame
  owned.signer = std::make_unique<aws::SigV4Signer>(aws::SigningScope{std::move(region), "lambda"}, *owned.credentials,
                                                    system_clock());
  return owned;
}

}  // namespace facepipe::app
