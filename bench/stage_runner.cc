// Runs one stage once for each line of its input and prints one JSON line with the time: the other half of compare.py,
// which takes turns between this program and the peers in its own process, so that both see the same machine.
//   peak                                -> {"gflops"}
//   bandwidth                           -> {"gbytes_s"}
//   detect THREADS WIDTH HEIGHT FILE    -> {"wall_ms", "cpu_ms", "faces"}      FILE: raw RGB bytes
//   pnet WIDTH HEIGHT FILE              -> {"wall_ms", "cpu_ms", "gflop", "executed_gflop"}   the pyramid, 1 thread
//   embed PACK MODE THREADS COUNT       -> {"wall_ms", "cpu_ms"}               COUNT crops of the mode's size;
//                                          MODE: a known one, or `own`: the pack's
// What a line needs is loaded before the clock starts and kept for the next line that asks for the same.
#include <chrono>
#include <ctime>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "detect/mtcnn/mtcnn.h"
#include "embed/embedder.h"
#include "inputs.h"
#include "machine_limits.h"
#include "model/model_pack.h"
#include "model/preprocessing.h"

namespace facepipe::bench {
namespace {

struct Times {
  double wall_ms = 0;
  double cpu_ms = 0;  // of all threads of the process
};

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

template <typename Function>
Times measure(const Function& function) {
  const double cpu = cpu_ms();
  const auto start = std::chrono::steady_clock::now();
  function();
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), cpu_ms() - cpu};
}

std::string times_json(const Times& times) {
  std::ostringstream text;
  text << "\"wall_ms\":" << times.wall_ms << ",\"cpu_ms\":" << times.cpu_ms;
  return text.str();
}

// A frame's pixels, from a file of raw RGB bytes.
class Frames {
 public:
  image::RgbView get(int width, int height, const std::string& file) {
    Bytes& bytes = files_[file];
    const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
    if (bytes.empty()) {
      bytes = need(read_file(file, std::size_t{64} << 20U));
    }
    if (width < 1 || height < 1 || bytes.size() != size) {
      std::cerr << "bench: " << file << ": expected " << size << " bytes, got " << bytes.size() << "\n";
      std::exit(1);
    }
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), width, height, std::ptrdiff_t{width} * 3};
  }

 private:
  std::map<std::string, Bytes> files_;
};

struct LoadedPack {
  model::Preprocessing own_mode;
  std::unique_ptr<const embed::Embedder> embedder;
};

class Runner {
 public:
  std::string run(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "peak") {
      return peak();
    }
    if (command == "bandwidth") {
      return bandwidth();
    }
    if (command == "detect") {
      return detect(words);
    }
    if (command == "pnet") {
      return pnet(words);
    }
    if (command == "embed") {
      return embed(words);
    }
    std::cerr << "bench: unknown command in: " << line << "\n";
    std::exit(1);
  }

 private:
  static std::string peak() {
    double flops = 0;
    const Times times = measure([&] { flops = multiply_adds(1'000'000); });
    std::ostringstream text;
    text << "{\"gflops\":" << flops / times.cpu_ms / 1e6 << "}";
    return text.str();
  }

  std::string bandwidth() {
    constexpr std::size_t kFloats = std::size_t{64} << 20U;  // 256 MB: past any cache
    memory_.resize(kFloats, 1.0F);
    volatile float sum = 0;
    const Times times = measure([&] { sum = read_memory(memory_.data(), memory_.size()); });
    std::ostringstream text;
    text << "{\"gbytes_s\":" << static_cast<double>(kFloats) * sizeof(float) / times.cpu_ms / 1e6 << "}";
    return text.str();
  }

  std::string detect(std::istringstream& words) {
    int threads = 0;
    int width = 0;
    int height = 0;
    std::string file;
    words >> threads >> width >> height >> file;
    std::unique_ptr<const detect::Detector>& detector = detectors_[threads];
    if (!detector) {
      detect::DetectorOptions options;
      options.threads = threads;
      detector = need(detect::make_mtcnn(mtcnn(), options));
    }
    const image::RgbView frame = frames_.get(width, height, file);
    std::size_t faces = 0;
    const Times times = measure([&] { faces = need(detector->detect(frame)).faces.size(); });
    return "{" + times_json(times) + ",\"faces\":" + std::to_string(faces) + "}";
  }

  std::string pnet(std::istringstream& words) {
    int width = 0;
    int height = 0;
    std::string file;
    words >> width >> height >> file;
    const image::RgbView frame = frames_.get(width, height, file);
    std::vector<detect::PyramidLevel> levels;
    detect::make_pyramid(width, height, 20, 0.709, levels);
    found_.clear();
    const Times times = measure([&] {
      for (const detect::PyramidLevel& level : levels) {
        pnet_.run(kernels_, frame, level, 0, detect::PNet::output_size(level.height), 0.6F, WorkLimit(), scratch_,
                  found_);
      }
    });
    std::ostringstream text;
    text << "{" << times_json(times) << ",\"gflop\":" << 2e-9 * pnet_multiply_adds(levels)
         << ",\"executed_gflop\":" << 2e-9 * pnet_executed_multiply_adds(levels) << "}";
    return text.str();
  }

  std::string embed(std::istringstream& words) {
    std::string pack;
    std::string mode;
    int threads = 0;
    int count = 0;
    words >> pack >> mode >> threads >> count;
    LoadedPack& loaded = packs_[pack + " " + std::to_string(threads)];
    if (!loaded.embedder) {
      const model::ModelPack opened = need(model::ModelPack::open(pack));
      loaded.own_mode = opened.manifest().preprocessing;
      loaded.embedder = need(embed::load_embedder(opened, {.threads = threads}));
    }
    const model::Preprocessing preprocessing = mode == "own" ? loaded.own_mode : need(model::known_mode(mode));
    const Bytes file = photo_file();
    const image::RgbImage photo = need(image::decode_image(file));
    const int side = preprocessing.input_px;
    const std::vector<image::RgbView> crops(static_cast<std::size_t>(count), photo.view().crop({0, 0, side, side}));
    const Times times = measure([&] { need(loaded.embedder->embed(crops, preprocessing)); });
    return "{" + times_json(times) + "}";
  }

  Frames frames_;
  std::map<int, std::unique_ptr<const detect::Detector>> detectors_;
  std::map<std::string, LoadedPack> packs_;
  detect::kernels::Kernels kernels_ = detect::kernels::highway_kernels();
  detect::PNet pnet_ = need(detect::PNet::load(mtcnn()));
  detect::PNetScratch scratch_;
  std::vector<detect::Candidate> found_;
  std::vector<float> memory_;
};

}  // namespace
}  // namespace facepipe::bench

int main() {
  facepipe::bench::Runner runner;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << runner.run(line) << std::endl;  // flushed: the other side waits for it
  }
  return 0;
}
