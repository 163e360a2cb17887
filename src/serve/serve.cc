// The services of `facepipe serve`, in order. Tested end to end by tests/e2e.
#include "serve/serve.h"

#include "serve/frame_port.h"
#include "serve/ground.h"
#include "serve/run_notice.h"
#include "serve/service.h"
#include "serve/sqs_port.h"

namespace facepipe::serve {
namespace {

class RunningServer final : public PipelineServer {
 public:
  RunningServer(const ServeOptions& options, Logger& logger)
      : options_(options),
        memory_(options_.max_work_memory, "--max-work-memory"),
        ground_{options_, memory_, metrics_, logger},
        storage_(add<Storage>()),
        models_(add<Models>()),
        ports_(add<Ports>()),
        // Before recognition, so that clients can take the last answers; after it no answer comes any more.
        sqs_(add<SqsPort>(storage_, ports_)),
        outputs_(add<Outputs>(storage_)),
        recognition_(add<Recognition>(storage_, models_)),
        people_(add<PeopleRoom>(storage_, models_, recognition_)),
        // A frame is taken when everything is there that its faces need.
        frames_(add<FramePort>(Rooms{storage_, models_, outputs_, recognition_, people_}, ports_)) {
    add<RunNotice>(storage_, frames_);
    add_memory_gauge("facepipe_work_memory_bytes", "Memory that work under way holds.", &WorkMemory::used);
    add_memory_gauge("facepipe_work_memory_limit_bytes", "--max-work-memory.", &WorkMemory::total);
  }
  ~RunningServer() override { stop(std::chrono::milliseconds{0}); }

  [[nodiscard]] Status run() { return services_.start(); }
  [[nodiscard]] std::uint16_t port() const override { return frames_.port(); }
  [[nodiscard]] std::uint16_t sqs_port() const override { return sqs_.port(); }
  void stop(std::chrono::milliseconds grace) override { services_.stop(grace); }

 private:
  template <typename Kind, typename... Parts>
  Kind& add(Parts&&... parts) {
    return services_.add(std::make_unique<Kind>(ground_, std::forward<Parts>(parts)...));
  }

  void add_memory_gauge(std::string_view name, std::string_view help, std::size_t (WorkMemory::*read)() const) {
    metrics_.registry.gauge_of(name, help, [this, read] { return static_cast<std::int64_t>((memory_.*read)()); });
  }

  const ServeOptions options_;
  Metrics metrics_;
  WorkMemory memory_;
  const Ground ground_;
  ServiceList services_;  // in the order of what follows; they use what is above
  Storage& storage_;
  Models& models_;
  Ports& ports_;
  SqsPort& sqs_;
  Outputs& outputs_;
  Recognition& recognition_;
  PeopleRoom& people_;
  FramePort& frames_;
};

}  // namespace

Result<std::unique_ptr<PipelineServer>> PipelineServer::start(const ServeOptions& options, Logger& logger) {
  auto server = std::make_unique<RunningServer>(options, logger);
  FACEPIPE_TRY(server->run());
  return std::unique_ptr<PipelineServer>(std::move(server));
}

}  // namespace facepipe::serve
