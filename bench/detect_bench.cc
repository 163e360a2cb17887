// The detector's speed: whole calls at three frame sizes, and each stage. Photographs from .cache/photos and weights
// from .cache/models. The counter FLOP/s counts two for each multiply-add that the networks as written need, whether
// or not this implementation computes it; BM_FmaPeak says what the CPU can do at most.
#include <benchmark/benchmark.h>

#include <vector>

#include "detect/mtcnn/crop_nets.h"
#include "detect/mtcnn/mtcnn.h"
#include "detect/mtcnn/pnet.h"
#include "detect/mtcnn/resample.h"
#include "image/resize.h"
#include "inputs.h"
#include "machine_limits.h"

namespace facepipe::bench {
namespace {

image::RgbImage make_frame(int width, int height) {
  const Bytes file = photo_file();
  const image::RgbImage photo = need(image::decode_image(file));
  return image::resize_bilinear(photo.view(), width, height);
}

void BM_FmaPeak(benchmark::State& state) {
  constexpr int kRounds = 100'000;
  double flops = 0;
  for (auto _ : state) {
    flops += multiply_adds(kRounds);
  }
  state.counters["FLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsRate);
}
BENCHMARK(BM_FmaPeak)->Unit(benchmark::kMillisecond);

// Arguments: width, height, threads.
void BM_Detect(benchmark::State& state) {
  const image::RgbImage frame = make_frame(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  detect::DetectorOptions options;
  options.threads = static_cast<int>(state.range(2));
  const auto detector = need(detect::make_mtcnn(mtcnn(), options));
  std::size_t faces = 0;
  for (auto _ : state) {
    faces = need(detector->detect(frame.view())).faces.size();
  }
  state.counters["faces"] = static_cast<double>(faces);
}
BENCHMARK(BM_Detect)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Args({640, 480, 1})
    ->Args({1280, 720, 1})
    ->Args({1920, 1080, 1})
    ->Args({640, 480, 2})
    ->Args({1280, 720, 2})
    ->Args({1920, 1080, 2});

// P-Net over the whole pyramid, resampling and candidates included.
void BM_PNetPyramid(benchmark::State& state) {
  const image::RgbImage frame = make_frame(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const detect::kernels::Kernels kernels = detect::kernels::highway_kernels();
  const detect::PNet pnet = need(detect::PNet::load(mtcnn()));
  std::vector<detect::PyramidLevel> levels;
  detect::make_pyramid(frame.width(), frame.height(), 20, 0.709, levels);
  detect::PNetScratch scratch;
  std::vector<detect::Candidate> found;
  for (auto _ : state) {
    found.clear();
    for (const detect::PyramidLevel& level : levels) {
      pnet.run(kernels, frame.view(), level, 0, detect::PNet::output_size(level.height), 0.6F, WorkLimit(), scratch,
               found);
    }
    benchmark::DoNotOptimize(found.data());
  }
  state.counters["candidates"] = static_cast<double>(found.size());
  state.counters["FLOP/s"] = benchmark::Counter(
      2 * pnet_multiply_adds(levels) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_PNetPyramid)->Unit(benchmark::kMillisecond)->Args({640, 480})->Args({1280, 720})->Args({1920, 1080});

// The pyramid's resampling alone.
void BM_Pyramid(benchmark::State& state) {
  const image::RgbImage frame = make_frame(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const detect::kernels::Kernels kernels = detect::kernels::highway_kernels();
  std::vector<detect::PyramidLevel> levels;
  detect::make_pyramid(frame.width(), frame.height(), 20, 0.709, levels);
  detect::PyramidScratch scratch;
  for (auto _ : state) {
    for (const detect::PyramidLevel& level : levels) {
      const int half_stride = detect::kernels::padded_columns(level.width / 2 + 1);
      AlignedBuffer<float> row(static_cast<std::size_t>(half_stride) * 6);
      for (int y = 0; y < level.height; ++y) {
        detect::make_level_row(kernels, frame.view(), level, y, half_stride, scratch, row.data());
      }
      benchmark::DoNotOptimize(row.data());
    }
  }
}
BENCHMARK(BM_Pyramid)->Unit(benchmark::kMillisecond)->Args({640, 480})->Args({1280, 720})->Args({1920, 1080});

// `Net` over a batch of crops; argument: crops.
template <typename Net>
void run_crop_net(benchmark::State& state, double multiply_adds) {
  const int count = static_cast<int>(state.range(0));
  const detect::kernels::Kernels kernels = detect::kernels::highway_kernels();
  const Net net = need(Net::load(mtcnn()));
  AlignedBuffer<float> crops(static_cast<std::size_t>(count) * Net::kSide * Net::kSide * 3);
  for (std::size_t i = 0; i < crops.size(); ++i) {
    crops.data()[i] = static_cast<float>(i % 251) / 125.0F - 1.0F;
  }
  detect::ActivationScratch scratch;
  std::vector<typename Net::Output> outputs(static_cast<std::size_t>(count));
  for (auto _ : state) {
    net.run(kernels, crops.data(), count, scratch, outputs.data());
    benchmark::DoNotOptimize(outputs.data());
  }
  state.counters["FLOP/s"] = benchmark::Counter(2 * multiply_adds * static_cast<double>(state.iterations() * count),
                                                benchmark::Counter::kIsRate);
}
constexpr double kRNetMultiplyAdds = 22 * 22 * 27 * 28 + 9 * 9 * 252 * 48 + 3 * 3 * 192 * 64 + 576 * 128 + 128 * 6;
constexpr double kONetMultiplyAdds =
    46 * 46 * 27 * 32 + 21 * 21 * 288 * 64 + 8 * 8 * 576 * 64 + 3 * 3 * 256 * 128 + 1152 * 256 + 256 * 16;
void BM_RNet(benchmark::State& state) {
  run_crop_net<detect::RNet>(state, kRNetMultiplyAdds);
}
BENCHMARK(BM_RNet)->Unit(benchmark::kMicrosecond)->Arg(1)->Arg(12);

void BM_ONet(benchmark::State& state) {
  run_crop_net<detect::ONet>(state, kONetMultiplyAdds);
}
BENCHMARK(BM_ONet)->Unit(benchmark::kMicrosecond)->Arg(1)->Arg(6);

// One crop of 80x80 pixels for R-Net.
void BM_Crop(benchmark::State& state) {
  const image::RgbImage frame = make_frame(640, 480);
  const detect::kernels::Kernels kernels = detect::kernels::highway_kernels();
  detect::CropScratch scratch;
  AlignedBuffer<float> crop(24 * 24 * 3);
  for (auto _ : state) {
    detect::resample_crop(kernels, frame.view(), {100, 100, 180, 180}, 24, scratch, crop.data());
    benchmark::DoNotOptimize(crop.data());
  }
}
BENCHMARK(BM_Crop)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facepipe::bench

BENCHMARK_MAIN();
