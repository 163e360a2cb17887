// The services of `facepipe serve`, in order. Tested end to end by tests/e2e.
#include "serve/serve.h"

#include "serve/keeper_desk.h"
#include "serve/kept_counts.h"
#include "serve/service.h"
#include "serve/services.h"

namespace facepipe::serve {
namespace {

class RunningServer final : public PipelineServer {
 public:
  RunningServer(const ServeOptions& options, Logger& logger)
      : options_(options),
        memory_(options_.max_work_memory, "--max-work-memory"),
        storage_(services_.add(std::make_unique<Storage>(options_, logger))),
        models_(services_.add(std::make_unique<Models>(options_, logger))),
        ports_(services_.add(std::make_unique<Ports>(options_, logger))),
        // Before recognition, so that clients can take the last answers; after it no answer comes any more.
        sqs_(services_.add(std::make_unique<SqsPort>(options_, storage_, ports_, logger))) {
    const auto& outputs = services_.add(std::make_unique<Outputs>(options_, storage_, metrics_.registry, logger));
    recognition_ =
        &services_.add(std::make_unique<Recognition>(options_, storage_, models_, memory_, metrics_, logger));
    auto& people = services_.add(
        std::make_unique<PeopleRoom>(options_, storage_, models_, memory_, logger, [this] { return visit_desk(); }));
    // Last: a frame is taken when everything is there that its faces need.
    frames_ = &services_.add(std::make_unique<FramePort>(options_, storage_, models_, outputs, *recognition_, people,
                                                         ports_, memory_, metrics_, logger));
    services_.add(std::make_unique<RunNotice>(options_, storage_, *frames_, logger));
  }
  ~RunningServer() override { stop(std::chrono::milliseconds{0}); }

  [[nodiscard]] Status run() {
    if (options_.recognize_threads > 0) {
      metrics_.registry.counter_of("facepipe_gallery_load_failures_total",
                                   "Times that a changed gallery could not be loaded.",
                                   [this] { return models_.gallery()->failures(); });
      metrics_.registry.gauge_of("facepipe_gallery_people", "People of the gallery in use.",
                                 [this] { return models_.gallery()->people(); });
      metrics_.registry.gauge_of("facepipe_gallery_threshold_millionths",
                                 "Distance up to which a face is named, in millionths; -1: always the nearest person.",
                                 [this] { return models_.gallery()->threshold_millionths(); });
    }
    if (options_.recognize_threads > 0 && options_.keep) {
      add_visit_metrics();
    }
    const auto add_gauge = [this](std::string_view name, std::string_view help,
                                  std::size_t (WorkMemory::*read)() const) {
      metrics_.registry.gauge_of(name, help, [this, read] { return static_cast<std::int64_t>((memory_.*read)()); });
    };
    add_gauge("facepipe_work_memory_bytes", "Memory that work under way holds.", &WorkMemory::used);
    add_gauge("facepipe_work_memory_limit_bytes", "--max-work-memory.", &WorkMemory::total);
    FACEPIPE_TRY(services_.start());
    if (storage_.faces() != nullptr) {
      kept_.emplace(*storage_.faces(), metrics_.registry);
    }
    return {};
  }
  [[nodiscard]] std::uint16_t port() const override { return frames_->port(); }
  [[nodiscard]] std::uint16_t sqs_port() const override { return sqs_.port(); }
  void stop(std::chrono::milliseconds grace) override { services_.stop(grace); }

 private:
  void add_visit_metrics() {
    const auto told = [this](auto add, std::string_view name, std::string_view help, auto read) {
      (metrics_.registry.*add)(name, help, [this, read] {
        const visits::VisitKeeper* const keeper = recognition_->keeper();
        return keeper == nullptr ? std::int64_t{0} : read(keeper->counters());
      });
    };
    constexpr auto kCounter = &metrics::Registry::counter_of;
    constexpr auto kGauge = &metrics::Registry::gauge_of;
    using Counters = visits::KeeperCounters;
    told(kCounter, "facepipe_faces_kept_total", "Faces kept.", [](const Counters& all) { return all.faces.value(); });
    told(kCounter, "facepipe_frames_late_total", "Frames older than another of their camera that came before.",
         [](const Counters& all) { return all.late_frames.value(); });
    told(kCounter, "facepipe_visits_started_total", "Visits that began.",
         [](const Counters& all) { return all.started.value(); });
    told(kCounter, "facepipe_visits_named_total", "Times that a visit got a name.",
         [](const Counters& all) { return all.named.value(); });
    told(kCounter, "facepipe_visits_ended_total", "Visits that are over.",
         [](const Counters& all) { return all.ended.value(); });
    told(kGauge, "facepipe_visits_open", "Visits under way.", [](const Counters& all) { return all.open.load(); });
    told(kGauge, "facepipe_unknown_groups", "Groups of unknown faces.",
         [](const Counters& all) { return all.groups.load(); });
  }

  // Null where nobody follows the cameras.
  people::VisitDesk* visit_desk() {
    if (recognition_->keeper() == nullptr) {
      return nullptr;
    }
    return &visit_desk_.emplace(*recognition_->keeper());
  }

  const ServeOptions options_;
  Metrics metrics_;
  WorkMemory memory_;
  std::optional<KeeperDesk> visit_desk_;
  ServiceList services_;  // the services, which use what is above
  Storage& storage_;
  Models& models_;
  Ports& ports_;
  SqsPort& sqs_;
  Recognition* recognition_ = nullptr;
  FramePort* frames_ = nullptr;
  std::optional<KeptCounts> kept_;
};

}  // namespace

Result<std::unique_ptr<PipelineServer>> PipelineServer::start(const ServeOptions& options, Logger& logger) {
  auto server = std::make_unique<RunningServer>(options, logger);
  FACEPIPE_TRY(server->run());
  return std::unique_ptr<PipelineServer>(std::move(server));
}

}  // namespace facepipe::serve
