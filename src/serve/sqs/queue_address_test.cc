#include "serve/sqs/queue_address.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::QueueErrorKind;

const QueueAddresses kLocalAddresses{"http://localhost:9324", "000000000000", "us-east-1"};

QueueErrorKind kind(const Result<std::string>& result) {
  return result ? QueueErrorKind::kNone : queue::queue_error_kind(result.error());
}

TEST(QueueAddresses, Url) {
  EXPECT_EQ(kLocalAddresses.url("q"), "http://localhost:9324/000000000000/q");
  EXPECT_EQ(*kLocalAddresses.queue_of_url("http://localhost:9324/000000000000/q"), "q");
  EXPECT_EQ(*kLocalAddresses.queue_of_url("https://other.host/some/path/000000000000/q.fifo"), "q.fifo");
  EXPECT_EQ(kind(kLocalAddresses.queue_of_url("http://localhost:9324/123456789012/q")),
            QueueErrorKind::kQueueDoesNotExist);
  for (const char* url : {"", "q", "http://", "http://host/q", "http://host/000000000000/", "/"}) {
    EXPECT_EQ(kind(kLocalAddresses.queue_of_url(url)), QueueErrorKind::kInvalidAddress) << url;
  }
}

TEST(QueueAddresses, Arn) {
  EXPECT_EQ(kLocalAddresses.arn("q"), "arn:aws:sqs:us-east-1:000000000000:q");
  EXPECT_EQ(*kLocalAddresses.queue_of_arn("arn:aws-cn:sqs:eu-west-1:000000000000:q"), "q");
  for (const char* arn : {"", "q", "arn:aws:sqs:us-east-1:000000000000:", "arn:aws:sns:us-east-1:000000000000:q",
                          "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sqs:us-east-1:000000000000:q:r"}) {
    EXPECT_EQ(kind(kLocalAddresses.queue_of_arn(arn)), QueueErrorKind::kInvalidAttributeValue) << arn;
  }
}

TEST(BaseUrl, TakesPlainHostsOnly) {
  EXPECT_EQ(base_url_of_host("sqs.local:9324"), "http://sqs.local:9324");
  EXPECT_EQ(base_url_of_host("[::1]:9324"), "http://[::1]:9324");
  for (const char* host : {"", "a/b", "a b", "a<b", "user@host", "a\r\nb"}) {
    EXPECT_EQ(base_url_of_host(host), "http://localhost") << host;
  }
  EXPECT_EQ(base_url_of_host(std::string(300, 'a')), "http://localhost");
}

}  // namespace
}  // namespace facepipe::serve::sqs
