// facenet-pytorch 2.6.0, utils/detect_face.py detect_face and models/mtcnn.py MTCNN.detect. Differences and reproduced
// oddities are numbered in docs/numerics.md. Tested by mtcnn_test.cc and mtcnn_golden_test.cc.
#include "detect/mtcnn/mtcnn.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "base/file.h"
#include "detect/mtcnn/boxes.h"
#include "detect/mtcnn/candidate_bound.h"
#include "detect/mtcnn/crop_nets.h"
#include "detect/mtcnn/kernels/kernels.h"
#include "detect/mtcnn/nms.h"
#include "detect/mtcnn/pnet.h"
#include "detect/mtcnn/pyramid.h"
#include "detect/mtcnn/resample.h"
#include "detect/mtcnn/thread_team.h"
#include "weights/tensor_file.h"

namespace facepipe::detect {
namespace {

// Overlaps of the suppressions: within a level, across levels, after R-Net, after O-Net (detect_face.py).
constexpr float kMaxIouInLevel = 0.5F;
constexpr float kMaxIou = 0.7F;
constexpr float kMaxOverlapAtEnd = 0.7F;

// Crops a kernel call: enough to fill the dense layers' tiles, few enough to stay in a core's own cache.
constexpr int kRNetBatch = 12;
constexpr int kONetBatch = 6;

// Output rows of one level that one thread computes. Each tile computes 4 pooled rows and 2 middle rows that its
// neighbours compute too, so that small tiles cost.
struct Tile {
  std::size_t level = 0;
  int first_row = 0;
  int last_row = 0;
};
constexpr int kMinTileRows = 32;
constexpr int kTilesPerThread = 4;

// Memory of one thread within one call.
struct Slot {
  PNetScratch pnet;
  CropScratch crop;
  AlignedBuffer<float> crops;
  ActivationScratch activations;
};

// Memory of one call.
struct Workspace {
  std::vector<PyramidLevel> levels;
  std::vector<Tile> tiles;
  std::vector<std::vector<Candidate>> tile_found;
  std::vector<std::size_t> level_counts;  // of `selected`, before the suppression across levels
  std::vector<Slot> slots;
  std::vector<Candidate> candidates;
  std::vector<Candidate> selected;
  std::vector<image::Rect> rects;
  std::vector<RNet::Output> rnet_outputs;
  std::vector<ONet::Output> onet_outputs;
  std::vector<Face> faces;
  NmsScratch nms;
  std::vector<std::int32_t> kept;
  std::atomic<bool> dropped = false;  // a bound of candidate_bound.h was met
};

Error bad_option(const std::string& message) {
  return {ErrorCode::kInvalidArgument, "detector: " + message};
}

Status check_options(const DetectorOptions& options) {
  constexpr int kMinMinFace = 12;  // P-Net's field of view; smaller would mean enlarging the picture
  constexpr int kMaxThreads = 256;
  if (options.min_face_size_px < kMinMinFace || options.min_face_size_px > kMaxSide) {
    return bad_option("expected min_face_size_px from 12 to " + std::to_string(kMaxSide) + ", got " +
                      std::to_string(options.min_face_size_px));
  }
  for (const float threshold : options.thresholds) {
    if (!(threshold >= 0 && threshold <= 1)) {
      return bad_option("expected thresholds from 0 to 1, got " + std::to_string(threshold));
    }
  }
  if (!(options.factor > 0.1F && options.factor < 0.95F)) {
    return bad_option("expected factor between 0.1 and 0.95, got " + std::to_string(options.factor));
  }
  if (options.threads < 1 || options.threads > kMaxThreads) {
    return bad_option("expected threads from 1 to " + std::to_string(kMaxThreads) + ", got " +
                      std::to_string(options.threads));
  }
  return {};
}

// The option as a Python caller would have written it: 0.709F is meant as 0.709.
double as_decimal(float value) {
  return std::round(static_cast<double>(value) * 1e6) / 1e6;
}

void take_kept(std::span<const Candidate> candidates, std::span<const std::int32_t> kept,
               std::vector<Candidate>& selected) {
  for (const std::int32_t index : kept) {
    selected.push_back(candidates[static_cast<std::size_t>(index)]);
  }
}

// The pixels of each candidate; candidates outside the picture are dropped (N11).
void cut_out(image::RgbView picture, std::vector<Candidate>& candidates, std::vector<image::Rect>& rects) {
  rects.clear();
  std::size_t count = 0;
  for (const Candidate& candidate : candidates) {
    const image::Rect rect = OneBasedBox::clip(candidate.box, picture.width, picture.height).to_rect();
    if (!rect.empty()) {
      rects.push_back(rect);
      candidates[count++] = candidate;
    }
  }
  candidates.resize(count);
}

class Mtcnn final : public Detector {
 public:
  Mtcnn(const DetectorOptions& options, const kernels::Kernels& kernels, PNet pnet, RNet rnet, ONet onet)
      : options_(options),
        kernels_(kernels),
        pnet_(std::move(pnet)),
        rnet_(std::move(rnet)),
        onet_(std::move(onet)),
        team_(options.threads) {}

  [[nodiscard]] Result<Detection> detect(image::RgbView picture, const WorkLimit& limit) const override;
  [[nodiscard]] std::size_t memory(int width, int height) const override;

 private:
  [[nodiscard]] std::unique_ptr<Workspace> take_workspace() const {
    const std::lock_guard lock(idle_mutex_);
    if (idle_.empty()) {
      auto workspace = std::make_unique<Workspace>();
      workspace->slots.resize(static_cast<std::size_t>(team_.threads()));
      return workspace;
    }
    auto workspace = std::move(idle_.back());
    idle_.pop_back();
    return workspace;
  }

  void give_back(std::unique_ptr<Workspace> workspace) const {
    const std::lock_guard lock(idle_mutex_);
    idle_.push_back(std::move(workspace));
  }

  void plan_tiles(Workspace& work) const;
  void propose(image::RgbView picture, const WorkLimit& limit, Workspace& work) const;
  void suppress_proposals(const WorkLimit& limit, Workspace& work) const;
  void refine(image::RgbView picture, const WorkLimit& limit, Workspace& work) const;
  void finish(image::RgbView picture, const WorkLimit& limit, Workspace& work) const;

  // Runs a crop network over all candidates' rects.
  template <typename Net>
  void run_crop_net(const Net& net, int batch_size, image::RgbView picture, const WorkLimit& limit, Workspace& work,
                    std::vector<typename Net::Output>& outputs) const;

  const DetectorOptions options_;
  const kernels::Kernels kernels_;
  const PNet pnet_;
  const RNet rnet_;
  const ONet onet_;
  mutable ThreadTeam team_;
  mutable std::mutex idle_mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> idle_;  // as many as calls have been running at the same time
};

void Mtcnn::plan_tiles(Workspace& work) const {
  work.tiles.clear();
  std::int64_t total = 0;
  for (const PyramidLevel& level : work.levels) {
    total += std::int64_t{level.width} * PNet::output_size(level.height);
  }
  const std::int64_t per_tile =
      team_.threads() == 1 ? total
                           : std::max<std::int64_t>(1, total / (std::int64_t{team_.threads()} * kTilesPerThread));
  for (std::size_t i = 0; i < work.levels.size(); ++i) {
    const int rows = PNet::output_size(work.levels[i].height);
    const int wanted_rows = static_cast<int>(
        std::clamp<std::int64_t>(per_tile / work.levels[i].width, kMinTileRows, std::max(rows, kMinTileRows)));
    const int tile_rows = (wanted_rows + kernels::kTileRows - 1) / kernels::kTileRows * kernels::kTileRows;
    for (int row = 0; row < rows; row += tile_rows) {
      work.tiles.push_back({i, row, std::min(row + tile_rows, rows)});
    }
  }
}

// First stage: boxes of all levels, corrected and made square.
void Mtcnn::propose(image::RgbView picture, const WorkLimit& limit, Workspace& work) const {
  make_pyramid(picture.width, picture.height, options_.min_face_size_px, as_decimal(options_.factor), work.levels);
  plan_tiles(work);
  if (work.tile_found.size() < work.tiles.size()) {
    work.tile_found.resize(work.tiles.size());
  }
  team_.run(static_cast<int>(work.tiles.size()), [&](int slot, int index) {
    const Tile& tile = work.tiles[static_cast<std::size_t>(index)];
    std::vector<Candidate>& found = work.tile_found[static_cast<std::size_t>(index)];
    found.clear();
    if (pnet_.run(kernels_, picture, work.levels[tile.level], tile.first_row, tile.last_row, options_.thresholds[0],
                  limit, work.slots[static_cast<std::size_t>(slot)].pnet, found)) {
      work.dropped = true;
    }
  });
  if (!limit.reached()) {
    suppress_proposals(limit, work);
  }
}

void Mtcnn::suppress_proposals(const WorkLimit& limit, Workspace& work) const {
  work.selected.clear();
  work.level_counts.clear();
  for (std::size_t i = 0; i < work.tiles.size() && !limit.reached();) {
    const std::size_t level = work.tiles[i].level;
    work.candidates.clear();
    for (; i < work.tiles.size() && work.tiles[i].level == level; ++i) {
      work.candidates.insert(work.candidates.end(), work.tile_found[i].begin(), work.tile_found[i].end());
    }
    const bool cut = keep_best(work.candidates, kMaxLevelCandidates);
    suppress_by_union(work.candidates, kMaxIouInLevel, work.nms, work.kept);
    take_kept(work.candidates, work.kept, work.selected);
    work.level_counts.push_back(work.kept.size());
    work.dropped = work.dropped || cut;
  }
  work.dropped = keep_coarsest(work.selected, work.level_counts, kMaxWindows) || work.dropped;
  suppress_by_union(work.selected, kMaxIou, work.nms, work.kept);
  work.candidates.clear();
  take_kept(work.selected, work.kept, work.candidates);
  work.dropped = keep_largest(work.candidates, kMaxProposals) || work.dropped;
  for (Candidate& candidate : work.candidates) {
    candidate.box = square_around(apply_pnet_offsets(candidate.box, candidate.offsets));
  }
}

template <typename Net>
void Mtcnn::run_crop_net(const Net& net, int batch_size, image::RgbView picture, const WorkLimit& limit,
                         Workspace& work, std::vector<typename Net::Output>& outputs) const {
  constexpr std::ptrdiff_t kCropSize = std::ptrdiff_t{Net::kSide} * Net::kSide * 3;
  const int count = static_cast<int>(work.rects.size());
  outputs.resize(work.rects.size());
  team_.run((count + batch_size - 1) / batch_size, [&](int slot_index, int batch) {
    Slot& slot = work.slots[static_cast<std::size_t>(slot_index)];
    const int first = batch * batch_size;
    const int size = std::min(batch_size, count - first);
    slot.crops.resize(static_cast<std::size_t>(kCropSize) * static_cast<std::size_t>(batch_size));
    for (int i = 0; i < size; ++i) {
      if (limit.reached()) {
        return;
      }
      resample_crop(kernels_, picture, work.rects[static_cast<std::size_t>(first) + static_cast<std::size_t>(i)],
                    Net::kSide, slot.crop, slot.crops.data() + i * kCropSize);
    }
    net.run(kernels_, slot.crops.data(), size, slot.activations, outputs.data() + first);
  });
}

// Second stage: R-Net drops most boxes and corrects the rest.
void Mtcnn::refine(image::RgbView picture, const WorkLimit& limit, Workspace& work) const {
  cut_out(picture, work.candidates, work.rects);
  run_crop_net(rnet_, kRNetBatch, picture, limit, work, work.rnet_outputs);
  work.selected.clear();
  for (std::size_t i = 0; i < work.candidates.size(); ++i) {
    const RNet::Output& output = work.rnet_outputs[i];
    if (output.probability > options_.thresholds[1]) {
      work.selected.push_back({work.candidates[i].box, output.probability, output.offsets});
    }
  }
  suppress_by_union(work.selected, kMaxIou, work.nms, work.kept);
  work.candidates.clear();
  take_kept(work.selected, work.kept, work.candidates);
  work.dropped = keep_largest(work.candidates, kMaxRefined) || work.dropped;
  for (Candidate& candidate : work.candidates) {
    candidate.box = square_around(apply_inclusive_offsets(candidate.box, candidate.offsets));
  }
}

// Third stage: O-Net decides and finds the landmarks.
void Mtcnn::finish(image::RgbView picture, const WorkLimit& limit, Workspace& work) const {
  cut_out(picture, work.candidates, work.rects);
  run_crop_net(onet_, kONetBatch, picture, limit, work, work.onet_outputs);
  work.selected.clear();
  work.faces.clear();
  for (std::size_t i = 0; i < work.candidates.size(); ++i) {
    const ONet::Output& output = work.onet_outputs[i];
    if (output.probability > options_.thresholds[2]) {
      const image::Box box = apply_inclusive_offsets(work.candidates[i].box, output.offsets);
      work.selected.push_back({box, output.probability, output.offsets});
      work.faces.push_back({box, output.probability, landmarks_in(work.candidates[i].box, output.landmarks)});
    }
  }
  suppress_by_smaller(work.selected, kMaxOverlapAtEnd, work.nms, work.kept);
}

std::size_t Mtcnn::memory(int width, int height) const {
  // Strips of P-Net's layers: some 800 bytes for each column of the finest level, and never less than 4 MiB.
  constexpr std::size_t kFixed = std::size_t{6} << 20U;
  constexpr std::size_t kPerColumn = 2048;
  // Of each level less than twice the bound; then the lists of all levels and the networks' outputs.
  constexpr std::size_t kPerLevel = 2 * kMaxLevelCandidates * sizeof(Candidate);
  constexpr std::size_t kLists = 8 * kMaxLevelCandidates * sizeof(Candidate) +
                                 kMaxProposals * (sizeof(RNet::Output) + sizeof(image::Rect)) +
                                 kMaxRefined * (sizeof(ONet::Output) + 2 * sizeof(Face));
  std::size_t lists = kLists;
  // Windows of the levels, the finest with at most a window for each 4 pixels, each with half the one before.
  for (std::size_t windows = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) / 4; windows > 1024;
       windows /= 2) {
    lists += std::min(kPerLevel, 2 * windows * sizeof(Candidate));
  }
  return kFixed + static_cast<std::size_t>(width) * kPerColumn + lists;
}

Result<Detection> Mtcnn::detect(image::RgbView picture, const WorkLimit& limit) const {
  if (picture.empty()) {
    return Detection{};
  }
  if (picture.width > kMaxSide || picture.height > kMaxSide) {
    return Error{ErrorCode::kTooLarge, "a picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) + " px: MTCNN takes sides of at most " +
                                           std::to_string(kMaxSide) + " px"};
  }
  constexpr std::string_view kWhat = "detection";
  auto work = take_workspace();
  work->dropped = false;
  propose(picture, limit, *work);
  FACEPIPE_TRY(limit.check(kWhat));
  refine(picture, limit, *work);
  FACEPIPE_TRY(limit.check(kWhat));
  finish(picture, limit, *work);
  FACEPIPE_TRY(limit.check(kWhat));
  Detection detection;
  detection.complete = !work->dropped;
  detection.faces.reserve(work->kept.size());
  // Largest first; of equal areas the one that the suppression chose later: numpy's argsort, reversed (N12).
  for (auto index = work->kept.rbegin(); index != work->kept.rend(); ++index) {
    detection.faces.push_back(work->faces[static_cast<std::size_t>(*index)]);
  }
  sort_largest_first(detection.faces);
  if (detection.complete) {  // one that grew to its bounds is not kept
    give_back(std::move(work));
  }
  return detection;
}

}  // namespace

Result<std::unique_ptr<const Detector>> make_mtcnn(const weights::StateDict& mtcnn, const DetectorOptions& options,
                                                   KernelSet kernel_set) {
  FACEPIPE_TRY(check_options(options));
  FACEPIPE_ASSIGN(PNet pnet, PNet::load(mtcnn));
  FACEPIPE_ASSIGN(RNet rnet, RNet::load(mtcnn));
  FACEPIPE_ASSIGN(ONet onet, ONet::load(mtcnn));
  const bool reference = kernel_set == KernelSet::kReference;
  return std::unique_ptr<const Detector>(
      std::make_unique<Mtcnn>(options, reference ? kernels::reference_kernels() : kernels::highway_kernels(),
                              std::move(pnet), std::move(rnet), std::move(onet)));
}

Result<std::unique_ptr<const Detector>> load_mtcnn(const model::ModelPack& pack, const DetectorOptions& options) {
  FACEPIPE_ASSIGN(const MappedFile file, pack.map("detector"));
  FACEPIPE_ASSIGN(const auto tensors,
                  weights::read_tensor_file(file.bytes()).with_context(pack.file("detector").string()));
  return make_mtcnn(tensors.tensors, options);
}

}  // namespace facepipe::detect
