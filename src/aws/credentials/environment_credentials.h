// Credentials that environment variables give, or lead to.
#pragma once

#include "aws/credentials/profiles.h"
#include "aws/credentials/source.h"

namespace facepipe::aws {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, with the expiry of AWS_CREDENTIAL_EXPIRATION where that
// is set. kInvalidArgument naming the half that is missing, or an expiry that is no time.
[[nodiscard]] Result<Lookup> environment_credentials(const SourceContext& context);

// The role of AWS_ROLE_ARN, by the token in the file AWS_WEB_IDENTITY_TOKEN_FILE (read anew each time: it is replaced
// while a pod runs), under the name AWS_ROLE_SESSION_NAME. Without the file's variable: nothing. kInvalidArgument for
// the file without a role; other errors are of STS. `profiles` say where STS is.
[[nodiscard]] Result<Lookup> web_identity_credentials(const SourceContext& context, const Profiles& profiles);

}  // namespace facepipe::aws
