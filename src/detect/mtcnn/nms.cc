// Sources: torchvision ops/boxes.py and csrc/ops/cpu/nms_kernel.cpp for the first function, facenet-pytorch 2.6.0
// utils/detect_face.py nms_numpy for the second. With one picture a call, batched_nms separates nothing: its coordinate
// offset is zero. Tested by nms_test.cc.
#include "detect/mtcnn/nms.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>

namespace facepipe::detect {
namespace {

enum class Measure { kUnion, kSmallerInclusive };

// Candidates' corners and areas in the order of suppression, as arrays, so that the inner loop runs in vectors.
struct SortedCorners {
  float* x1;
  float* y1;
  float* x2;
  float* y2;
  float* area;
};

// By falling score; the index as second key instead of a stable sort, which would allocate.
template <typename Before>
void sort_by_score(std::span<const Candidate> candidates, Before before, NmsScratch& scratch) {
  scratch.order.resize(candidates.size());
  std::iota(scratch.order.begin(), scratch.order.end(), 0);
  std::sort(scratch.order.begin(), scratch.order.end(), [&](std::int32_t a, std::int32_t b) {
    const float score_a = candidates[static_cast<std::size_t>(a)].score;
    const float score_b = candidates[static_cast<std::size_t>(b)].score;
    return score_a != score_b ? score_a > score_b : before(a, b);
  });
}

SortedCorners gather_corners(std::span<const Candidate> candidates, float extra, NmsScratch& scratch) {
  const std::size_t count = candidates.size();
  scratch.corners.resize(count * 5);
  float* memory = scratch.corners.data();
  const SortedCorners corners = {memory, memory + count, memory + 2 * count, memory + 3 * count, memory + 4 * count};
  for (std::size_t i = 0; i < count; ++i) {
    const image::Box& box = candidates[static_cast<std::size_t>(scratch.order[i])].box;
    corners.x1[i] = box.x1;
    corners.y1[i] = box.y1;
    corners.x2[i] = box.x2;
    corners.y2[i] = box.y2;
    corners.area[i] = (box.x2 - box.x1 + extra) * (box.y2 - box.y1 + extra);
  }
  return corners;
}

template <Measure kMeasure>
void mark_overlapping(const SortedCorners& sorted, std::size_t best, std::size_t count, float limit,
                      std::int32_t* suppressed) {
  constexpr float kExtra = kMeasure == Measure::kSmallerInclusive ? 1 : 0;
  const float x1 = sorted.x1[best];
  const float y1 = sorted.y1[best];
  const float x2 = sorted.x2[best];
  const float y2 = sorted.y2[best];
  const float area = sorted.area[best];
  for (std::size_t i = best + 1; i < count; ++i) {
    const float width = std::max(0.0F, std::min(x2, sorted.x2[i]) - std::max(x1, sorted.x1[i]) + kExtra);
    const float height = std::max(0.0F, std::min(y2, sorted.y2[i]) - std::max(y1, sorted.y1[i]) + kExtra);
    const float intersection = width * height;
    const float whole =
        kMeasure == Measure::kUnion ? area + sorted.area[i] - intersection : std::min(area, sorted.area[i]);
    suppressed[i] |= intersection / whole > limit ? 1 : 0;
  }
}

template <Measure kMeasure>
void suppress(std::span<const Candidate> candidates, float limit, NmsScratch& scratch,
              std::vector<std::int32_t>& kept) {
  constexpr float kExtra = kMeasure == Measure::kSmallerInclusive ? 1 : 0;
  const SortedCorners sorted = gather_corners(candidates, kExtra, scratch);
  scratch.suppressed.resize(candidates.size());
  std::int32_t* suppressed = scratch.suppressed.data();
  std::fill_n(suppressed, candidates.size(), 0);
  kept.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (suppressed[i] == 0) {
      kept.push_back(scratch.order[i]);
      mark_overlapping<kMeasure>(sorted, i, candidates.size(), limit, suppressed);
    }
  }
}

}  // namespace

void suppress_by_union(std::span<const Candidate> candidates, float max_iou, NmsScratch& scratch,
                       std::vector<std::int32_t>& kept) {
  sort_by_score(candidates, std::less<>(), scratch);
  suppress<Measure::kUnion>(candidates, max_iou, scratch, kept);
}

void suppress_by_smaller(std::span<const Candidate> candidates, float max_overlap, NmsScratch& scratch,
                         std::vector<std::int32_t>& kept) {
  sort_by_score(candidates, std::greater<>(), scratch);
  suppress<Measure::kSmallerInclusive>(candidates, max_overlap, scratch, kept);
}

}  // namespace facepipe::detect
