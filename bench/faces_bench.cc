// A store of many faces: bytes a face, how fast they are written, and how long the first page of each question takes.
// Usage: faces_bench FOLDER [FACES]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "faces/store/sqlite_face_store.h"

namespace facepipe {
namespace {

using Timer = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kPeople = 200;
constexpr std::uint64_t kCameras = 8;
constexpr std::uint64_t kFacesOfAVisit = 10;
constexpr std::size_t kBatch = 500;
constexpr std::size_t kCropBytes = 5'000;  // a JPEG of 160 pixels
constexpr std::size_t kDimensions = 192;

double seconds_since(Timer::time_point begin) {
  return std::chrono::duration<double>(Timer::now() - begin).count();
}

class Filler {
 public:
  // Face `number`, of `step` after the one before; two of three are somebody's.
  faces::NewFace face(std::uint64_t number, Clock::TimePoint time) {
    faces::NewFace face;
    faces::FaceRecord& record = face.record;
    record.id = faces::FaceId{random_()};
    record.request_id = "f3a1c9d2-" + std::to_string(number);
    record.camera = camera(number);
    record.time = time;
    record.box = image::Box{100.25F, 80.5F, 180.75F, 190.125F};
    record.confidence = 0.998F;
    record.quality = 0.62F;
    record.visit = visit(number);
    record.decision.name = "unknown";
    record.decision.distance = 0.7123F;
    record.decision.threshold = 0.9F;
    record.decision.probability = 0.97F;
    record.decision.second_person = person(number + 1);
    record.decision.second_name = "Somebody Else";
    record.decision.second_distance = 1.203F;
    if (is_known(number)) {
      record.decision.person = person(number);
      record.decision.name = "Somebody With A Name";
    } else {
      record.unknown = faces::UnknownId{1 + visit_number(number) % 1'000};
    }
    for (float& value : vector_) {
      value = static_cast<float>(random_() % 1'000) / 1'000.0F;
    }
    face.embedding = vector_;
    faces::Crop crop;
    crop.media_type = "image/jpeg";
    crop.box = image::Box{20, 20, 140, 140};
    crop.picture.resize(kCropBytes);
    std::ranges::generate(crop.picture, [this] { return static_cast<std::byte>(random_()); });
    face.crop = std::move(crop);
    return face;
  }

  static faces::VisitRecord visit_record(std::uint64_t number, Clock::TimePoint time) {
    faces::VisitRecord record;
    record.id = visit(number);
    record.camera = camera(number);
    record.state = faces::VisitState::kEnded;
    record.first_seen = time;
    record.last_seen = time + milliseconds(9'000);
    record.frames = kFacesOfAVisit;
    if (is_known(number)) {
      record.person = person(number);
      record.name = "Somebody With A Name";
    }
    record.votes = R"({"7":[3,2.25]})";
    return record;
  }

  static faces::PersonId person(std::uint64_t number) { return faces::PersonId{1 + visit_number(number) % kPeople}; }
  static std::string camera(std::uint64_t number) {
    return "camera-" + std::to_string(visit_number(number) % kCameras);
  }
  static faces::VisitId visit(std::uint64_t number) { return faces::VisitId{1 + visit_number(number)}; }

 private:
  static std::uint64_t visit_number(std::uint64_t number) { return number / kFacesOfAVisit; }
  static bool is_known(std::uint64_t number) { return visit_number(number) % 3 != 0; }
  std::mt19937_64 random_{7};
  std::vector<float> vector_ = std::vector<float>(kDimensions);
};

// Visits are as many as faces: a visit of each second batch is a copy with another id.
void fill(faces::FaceStore& store, std::uint64_t count, Clock::TimePoint begin) {
  Filler filler;
  const auto start = Timer::now();
  for (std::uint64_t number = 0; number < count;) {
    faces::Batch batch;
    for (std::size_t i = 0; i < kBatch && number < count; ++i, ++number) {
      const Clock::TimePoint time = begin + milliseconds(static_cast<std::int64_t>(number) * 100);
      batch.faces.push_back(filler.face(number, time));
      faces::VisitRecord visit = Filler::visit_record(number, time);
      visit.id = faces::VisitId{1 + number};
      batch.visits.push_back(std::move(visit));
    }
    const auto written = store.write(batch);
    FACEPIPE_CHECK(written.has_value());
  }
  std::printf("%llu faces and visits in %.0f s\n", static_cast<unsigned long long>(count), seconds_since(start));
}

// Median and longest of some runs, in milliseconds.
void time_page(const char* name, const std::function<std::size_t()>& ask) {
  constexpr int kRuns = 20;
  std::vector<double> times;
  std::size_t records = 0;
  for (int i = 0; i < kRuns; ++i) {
    const auto begin = Timer::now();
    records = ask();
    times.push_back(seconds_since(begin) * 1e3);
  }
  std::ranges::sort(times);
  std::printf("%-24s %6zu records  median %7.2f ms  longest %7.2f ms\n", name, records, times[kRuns / 2], times.back());
}

void ask_everything(faces::FaceStore& store, std::uint64_t count, Clock::TimePoint begin) {
  const Clock::TimePoint middle = begin + milliseconds(static_cast<std::int64_t>(count) * 50);
  const auto faces_page = [&](const char* name, const faces::FaceFilter& filter) {
    time_page(name, [&] { return store.faces(filter, {})->records.size(); });
  };
  faces_page("faces", {});
  faces_page("faces camera", {.camera = Filler::camera(0)});
  faces_page("faces person", {.person = faces::PersonId{1}});
  faces_page("faces known", {.known = true});
  faces_page("faces unknown", {.known = false});
  faces_page("faces of a visit", {.visit = faces::VisitId{1 + count / 2}});
  faces_page("faces of a stranger", {.unknown = faces::UnknownId{1}});
  faces_page("faces of a request", {.request_id = "f3a1c9d2-" + std::to_string(count / 2)});
  faces_page("faces marked", {.mark = faces::Mark::kAssigned});
  faces_page("faces not marked", {.mark = faces::Mark::kNone});
  faces_page("faces from", {.from = middle});
  faces_page("faces to", {.to = middle});
  const auto visits_page = [&](const char* name, const faces::VisitFilter& filter) {
    time_page(name, [&] { return store.visits(filter, {})->records.size(); });
  };
  visits_page("visits", {});
  visits_page("visits camera", {.camera = Filler::camera(0)});
  visits_page("visits person", {.person = faces::PersonId{1}});
  visits_page("visits known", {.known = true});
  visits_page("visits of a stranger", {.unknown = faces::UnknownId{1}});
  visits_page("visits open", {.open = true});
  visits_page("visits ended", {.state = faces::VisitState::kEnded});
  visits_page("visits from", {.from = middle});
  visits_page("visits to", {.to = middle});
  time_page("cameras", [&] { return store.cameras()->size(); });
  time_page("counts", [&] { return static_cast<std::size_t>(store.counts()->faces); });
}

int run(const std::filesystem::path& folder, std::uint64_t count) {
  std::filesystem::create_directories(folder);
  const std::filesystem::path file = folder / "faces.db";
  const bool fresh = !std::filesystem::exists(file);
  faces::SqliteFaceStore::Options options;
  options.retention = {{}, {}, {}, {}, {}, {}, 0};  // everything stays
  auto opened = faces::SqliteFaceStore::open(file, options);
  FACEPIPE_CHECK(opened.has_value());
  const Clock::TimePoint begin(milliseconds(1'700'000'000'000));
  if (fresh) {
    fill(**opened, count, begin);
    std::printf("%.0f bytes a face with its visit, of them %zu crop and %zu embedding\n",
                static_cast<double>((*opened)->counts()->bytes) / static_cast<double>(count), kCropBytes,
                kDimensions * sizeof(float));
  }
  ask_everything(**opened, count, begin);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace facepipe

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: faces_bench FOLDER [FACES]\n");
    return EXIT_FAILURE;
  }
  constexpr std::uint64_t kFaces = 1'000'000;
  return facepipe::run(arguments[1], count > 2 ? std::strtoull(arguments[2], nullptr, 10) : kFaces);
}
