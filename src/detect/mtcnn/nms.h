// Non-maximum suppression: of boxes that overlap, the best one stays.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "detect/mtcnn/boxes.h"

namespace facepipe::detect {

// Scratch memory of the two functions below, kept between calls.
struct NmsScratch {
  std::vector<std::int32_t> order;
  AlignedBuffer<float> corners;
  AlignedBuffer<std::int32_t> suppressed;
};

// torchvision's nms: by falling score, equal scores in their order in `candidates`; a box goes when its intersection
// over union with one that stays is > `max_iou` (N9). Two boxes without area have no overlap. Replaces the content of
// `kept` by indices into `candidates`, best first. O(candidates * kept).
void suppress_by_union(std::span<const Candidate> candidates, float max_iou, NmsScratch& scratch,
                       std::vector<std::int32_t>& kept);

// facenet-pytorch's last step, nms_numpy with method 'Min': widths are inclusive (+1), the intersection is divided by
// the smaller box's area, and of equal scores the later candidate comes first (N10).
void suppress_by_smaller(std::span<const Candidate> candidates, float max_overlap, NmsScratch& scratch,
                         std::vector<std::int32_t>& kept);

}  // namespace facepipe::detect
