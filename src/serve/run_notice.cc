// Tested end to end by tests/e2e/test_faces.py.
#include "serve/run_notice.h"

#include "access/run_file.h"
#include "base/file.h"

namespace facepipe::serve {
namespace {

// As this machine reaches what listens on `address`.
std::string local_host(const std::string& address) {
  if (address == "0.0.0.0") {
    return "127.0.0.1";
  }
  if (address.find(':') != std::string::npos) {
    return address == "::" ? "[::1]" : "[" + address + "]";
  }
  return address;
}

}  // namespace

Status RunNotice::start() {
  const std::string scheme = ground_.options.tls ? "https://" : "http://";
  const Status written = access::write_run_file(
      ground_.options.data_dir,
      {scheme + local_host(ground_.options.address) + ":" + std::to_string(frames_.port()) + "/", storage_.run_token(),
       frames_.certificate_sha256(), whole_path(ground_.options.gallery_file)});
  written_ = written.has_value();
  if (!written_) {  // a disk that is full is to be emptied over the queues of a server that runs
    access::remove_run_file(ground_.options.data_dir);  // of another run
    ground_.logger.warning("run_file", {{"error", std::string_view(written.error().message)}});
  }
  return {};
}

void RunNotice::stop(const StopClock& /*clock*/) {
  if (std::exchange(written_, false)) {
    access::remove_run_file(ground_.options.data_dir);
  }
}

}  // namespace facepipe::serve
