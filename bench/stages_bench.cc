// The stages around the networks: decoding, base64, a frame's JSON, gallery search, and the memory's speed beside them.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/base64.h"
#include "gallery/gallery.h"
#include "image/encode.h"
#include "image/resize.h"
#include "image/warp.h"
#include "inputs.h"
#include "machine_limits.h"
#include "wire/messages.h"

namespace facepipe::bench {
namespace {

// A JPEG of quality 90 of the frame size.
Bytes frame_jpeg(int width, int height) {
  const Bytes file = photo_file();
  const image::RgbImage photo = need(image::decode_image(file));
  const image::RgbImage frame = image::resize_bilinear(photo.view(), width, height);
  return need(image::encode_jpeg(frame.view(), 90, image::ChromaSampling::k420));
}

// 256 MB read once: past any cache.
void BM_MemoryRead(benchmark::State& state) {
  const std::vector<float> memory(std::size_t{64} << 20U, 1.0F);
  for (auto _ : state) {
    benchmark::DoNotOptimize(read_memory(memory.data(), memory.size()));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(memory.size() * sizeof(float)));
}
BENCHMARK(BM_MemoryRead)->Unit(benchmark::kMillisecond);

void BM_DecodeJpeg(benchmark::State& state) {
  const Bytes jpeg = frame_jpeg(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(need(image::decode_image(jpeg)));
  }
  state.counters["pixels/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(state.range(0) * state.range(1)),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(BM_DecodeJpeg)->Unit(benchmark::kMillisecond)->Args({640, 480})->Args({1280, 720})->Args({1920, 1080});

// Arguments: size of the source, size of the result. 560x480 to 512x439 is the source crop of a large face.
void BM_Resize(benchmark::State& state) {
  const image::RgbImage photo = need(image::decode_image(photo_file()));
  const auto argument = [&](std::size_t i) { return static_cast<int>(state.range(i)); };
  const image::RgbImage source = image::resize_bilinear(photo.view(), argument(0), argument(1));
  for (auto _ : state) {
    benchmark::DoNotOptimize(image::resize_bilinear(source.view(), argument(2), argument(3)));
  }
}
BENCHMARK(BM_Resize)
    ->Unit(benchmark::kMicrosecond)
    ->Args({560, 480, 512, 439})
    ->Args({300, 400, 64, 64})
    ->Args({1920, 1080, 320, 180})
    ->Args({80, 90, 160, 160})
    ->Args({700, 3, 512, 2})
    ->Args({3, 700, 2, 512});

// Argument: a face's side in pixels, that is brought upright and to 112 pixels.
void BM_Warp(benchmark::State& state) {
  constexpr int kSide = 112;
  const int side = static_cast<int>(state.range(0));
  const image::RgbImage photo = need(image::decode_image(photo_file()));
  const image::RgbImage source = image::resize_bilinear(photo.view(), side * 3 / 2, side * 3 / 2);
  const double step = static_cast<double>(side) / kSide;
  const image::Similarity to_source{
      .a = step * std::cos(0.1), .b = step * std::sin(0.1), .dx = 0.25 * side, .dy = 0.2 * side};
  for (auto _ : state) {
    benchmark::DoNotOptimize(image::warp(source.view(), to_source, kSide, kSide));
  }
}
BENCHMARK(BM_Warp)->Unit(benchmark::kMicrosecond)->Arg(90)->Arg(200)->Arg(400)->Arg(1200);

// Bytes of text.
void BM_Base64Decode(benchmark::State& state) {
  const std::string text = base64_encode(frame_jpeg(1920, 1080));
  for (auto _ : state) {
    benchmark::DoNotOptimize(need(base64_decode(text)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_Base64Decode)->Unit(benchmark::kMicrosecond);

// A client's frame of 1920x1080: JSON and its base64, bytes of text.
void BM_ParseFrame(benchmark::State& state) {
  const std::string json = wire::to_json({"request", "frame.jpg", frame_jpeg(1920, 1080)});
  for (auto _ : state) {
    benchmark::DoNotOptimize(need(wire::parse_frame(json)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(json.size()));
}
BENCHMARK(BM_ParseFrame)->Unit(benchmark::kMicrosecond);

// Argument: embeddings of 128 values, ten a person. Bytes of embeddings.
void BM_GallerySearch(benchmark::State& state) {
  constexpr int kSize = 128;
  gallery::GalleryOrigin origin;
  origin.preprocessing = need(model::known_mode("standard"));
  origin.embedding_size = kSize;
  gallery::Gallery gallery(origin);
  std::vector<float> embedding(kSize);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    for (std::size_t k = 0; k < kSize; ++k) {
      embedding[k] = static_cast<float>((static_cast<std::size_t>(i) * 31 + k * 17) % 101) / 101.0F;
    }
    if (!gallery.add("person " + std::to_string(i / 10), embedding)) {
      state.SkipWithError("an embedding was refused");
      return;
    }
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(need(gallery.search(embedding)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0) * kSize *
                          static_cast<std::int64_t>(sizeof(float)));
}
BENCHMARK(BM_GallerySearch)->Unit(benchmark::kMicrosecond)->Arg(100)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace facepipe::bench

BENCHMARK_MAIN();
