// The one table from errors of the queues to what the SQS protocols call them.
#pragma once

#include "aws/signing/verify.h"
#include "base/result.h"

namespace facepipe::serve::sqs {

struct WireError {
  int status = 400;             // HTTP
  std::string_view json_type;   // "__type" of the JSON protocol: the shape's name with its namespace
  std::string_view query_code;  // code of the query protocol, of batch entries, and of x-amzn-query-error
  bool sender_fault = true;     // "Sender", or "Receiver" for what is not the client's doing
  std::string message;          // for the client: no file names, no internals
};

[[nodiscard]] WireError wire_error(const Error& error);
// The common errors of AWS's services for requests that are not signed as they must be.
[[nodiscard]] WireError signature_error(const aws::SignatureProblem& problem);

}  // namespace facepipe::serve::sqs
