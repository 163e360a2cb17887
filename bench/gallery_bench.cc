// A large gallery: how long it takes to write, load, search and change, and how much it takes.
//
//   gallery_bench FILE [people] [values] [pictures]
//
// People are drawn: their pictures lie around a point of the unit sphere, points in a subspace of some 60 directions
// that matter, as networks' embeddings do. A stranger is far from all, which is the hard case of a search that leaves
// out what is surely farther. FILE is overwritten and stays.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "gallery/gallery.h"

namespace {

using namespace facepipe;
using Row = std::vector<float>;

double processor_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

double wall_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void measure(const char* what, const std::function<void()>& work) {
  const double wall = wall_ms();
  const double processor = processor_ms();
  work();
  std::printf("%-28s %9.2f ms processor, %9.2f ms wall\n", what, processor_ms() - processor, wall_ms() - wall);
}

double resident_mb(const char* field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) {
      return std::strtod(line.c_str() + std::string(field).size() + 1, nullptr) / 1024;
    }
  }
  return 0;
}

void need(const Status& status) {
  if (!status) {
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    std::exit(1);
  }
}

class People {
 public:
  explicit People(std::size_t width) : width_(width) {
    std::normal_distribution<float> normal;
    directions_.resize(kDirections * width);
    for (float& value : directions_) {
      value = normal(random_);
    }
  }

  Row somebody() {
    std::normal_distribution<float> normal;
    Row row(width_);
    for (std::size_t i = 0; i < kDirections; ++i) {
      const float share = normal(random_);
      for (std::size_t k = 0; k < width_; ++k) {
        row[k] += share * directions_[i * width_ + k];
      }
    }
    return unit(std::move(row));
  }

  // At a distance of about `spread`.
  Row picture_of(Row person, float spread) {
    const Row other = somebody();
    std::transform(person.begin(), person.end(), other.begin(), person.begin(),
                   [spread](float a, float b) { return a + spread * b; });
    return unit(std::move(person));
  }

 private:
  static constexpr std::size_t kDirections = 60;

  static Row unit(Row row) {
    float sum = 0;
    for (const float value : row) {
      sum += value * value;
    }
    std::transform(row.begin(), row.end(), row.begin(), [sum](float value) { return value / std::sqrt(sum); });
    return row;
  }

  std::size_t width_;
  std::mt19937 random_{1};  // NOLINT: the same people at each run
  Row directions_;
};

void search(const char* what, const gallery::Gallery& gallery, const std::function<Row()>& probe) {
  std::vector<double> times;
  for (int i = 0; i < 41; ++i) {
    const Row row = probe();
    const double began = processor_ms();
    need(gallery.candidates(row, 16, gallery::Centroids::kMeasured) ? Status{} : Status{Error{}});
    times.push_back(processor_ms() - began);
  }
  std::ranges::sort(times);
  std::printf("search, %-20s %9.2f ms processor p50, %.2f p90\n", what, times[20], times[36]);
}

void make(const std::filesystem::path& file, std::size_t count, std::size_t pictures, int width) {
  People people(static_cast<std::size_t>(width));
  gallery::Gallery gallery({"m", model::known_mode("standard").value(), width});
  gallery.reserve(count, count * pictures);
  for (std::size_t i = 0; i < count; ++i) {
    const Row person = people.somebody();
    const gallery::PersonId id{i + 1};
    need(gallery.restore(id, "Person Number " + std::to_string(i), people.picture_of(person, 0.5F)));
    for (std::size_t k = 1; k < pictures; ++k) {
      need(gallery.add(id, people.picture_of(person, 0.5F)));
    }
  }
  measure("write", [&] { need(gallery::save_mapped_gallery(gallery, file)); });
}

void change(const char* what, const std::filesystem::path& file, gallery::KnownTables& known,
            const std::function<Status(gallery::Gallery&)>& edit) {
  measure((std::string(what) + ": load, change, save").c_str(), [&] {
    auto gallery = gallery::load_gallery_to_edit(file, nullptr);
    need(gallery ? edit(*gallery) : Status(gallery.error()));
    need(gallery::save_gallery(*gallery, file, nullptr));
  });
  measure((std::string(what) + ": followed by a server").c_str(), [&] {
    const auto again = gallery::load_either_gallery(file, nullptr, known);
    need(again ? Status{} : Status(again.error()));
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path file = argc > 1 ? argv[1] : "gallery_bench.fpg";
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1'000'000;
  const int width = argc > 3 ? std::atoi(argv[3]) : 192;
  const std::size_t pictures = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 1;
  if (!std::filesystem::exists(file)) {
    make(file, count, pictures, width);
    return 0;  // what writing took is not what serving takes: run it again
  }
  std::printf("file %.0f MB\n", static_cast<double>(std::filesystem::file_size(file)) / 1e6);
  People strangers(static_cast<std::size_t>(width));
  std::optional<gallery::Gallery> gallery;
  gallery::KnownTables known;
  measure("load", [&] {
    auto loaded = gallery::load_either_gallery(file, nullptr, known);
    need(loaded ? Status{} : Status(loaded.error()));
    gallery = *std::move(loaded);
  });
  std::printf("%zu people, %zu embeddings\n", gallery->people().size(), gallery->embedding_count());
  std::printf("memory of its own after loading  %.0f MB (mapped beside: %.0f)\n", resident_mb("RssAnon:"),
              resident_mb("RssFile:"));
  measure("first search", [&] { need(gallery->search(strangers.somebody()) ? Status{} : Status{Error{}}); });
  for (std::size_t i = 0; i < 5'000; ++i) {
    static_cast<void>(strangers.somebody());  // away from the people, who were drawn from the same numbers
  }
  std::mt19937 random(3);  // NOLINT: the same probes at each run
  search("stranger", *gallery, [&] { return strangers.somebody(); });
  search("known", *gallery, [&] {
    const auto row = gallery->embedding(random() % gallery->embedding_count());
    return strangers.picture_of(Row(row.begin(), row.end()), 0.7F);
  });
  std::printf("memory of its own after searches %.0f MB (mapped beside: %.0f)\n", resident_mb("RssAnon:"),
              resident_mb("RssFile:"));
  change("add", file, known, [&](gallery::Gallery& g) { return g.add("Somebody New", strangers.somebody()); });
  change("remove", file, known, [&](gallery::Gallery& g) { return g.remove(*g.id_of("Somebody New")); });
  const std::string name = gallery->people()[gallery->people().size() / 2].name;
  change("remove of old", file, known, [&](gallery::Gallery& g) { return g.remove(*g.id_of(name)); });
  measure("verify", [&] { need(gallery::verify_gallery(*gallery::load_gallery(file, nullptr))); });
}
