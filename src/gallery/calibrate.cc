// Tested by calibrate_test.cc.
#include "gallery/calibrate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "gallery/index/distance.h"

namespace facepipe::gallery {
namespace {

Error invalid_request(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

bool is_distance(float value) {
  return std::isfinite(value) && value >= 0;
}

double share_within(std::span<const float> distances, float threshold) {
  const auto within = std::count_if(distances.begin(), distances.end(), [&](float d) { return d <= threshold; });
  return static_cast<double>(within) / static_cast<double>(distances.size());
}

// The largest distance below `limit`, or 0.
float largest_below(std::span<const float> distances, float limit) {
  float largest = 0;
  for (const float distance : distances) {
    if (distance < limit) {
      largest = std::max(largest, distance);
    }
  }
  return largest;
}

Status check_embeddings(std::span<const std::vector<float>> embeddings, std::span<const std::size_t> person) {
  if (embeddings.size() != person.size()) {
    return invalid_request("expected a person for each of " + std::to_string(embeddings.size()) +
                           " embeddings, found " + std::to_string(person.size()));
  }
  if (embeddings.size() > kMaxCalibrationEmbeddings) {
    return Error{ErrorCode::kTooLarge, std::to_string(embeddings.size()) + " embeddings; the limit is " +
                                           std::to_string(kMaxCalibrationEmbeddings)};
  }
  for (const auto& embedding : embeddings) {
    if (embedding.empty() || embedding.size() != embeddings.front().size()) {
      return invalid_request("expected embeddings of one size, found " + std::to_string(embeddings.front().size()) +
                             " and " + std::to_string(embedding.size()) + " values");
    }
  }
  return {};
}

}  // namespace

Result<Calibration> calibrate_threshold(std::vector<float> impostor_distances, std::span<const float> genuine_distances,
                                        double far) {
  if (!(far > 0 && far < 1)) {
    return invalid_request("the false-accept rate lies between 0 and 1; asked for " + std::to_string(far));
  }
  const std::size_t impostors = impostor_distances.size();
  // The small addend makes 1000 pairs at 0.001 one allowed pair although 0.001 is a little less as a double.
  auto allowed = static_cast<std::size_t>(far * static_cast<double>(impostors) + 1e-9);
  if (allowed < 1 || genuine_distances.empty()) {
    return invalid_request("a false-accept rate of " + std::to_string(far) + " needs " +
                           std::to_string(static_cast<std::uint64_t>(std::min(std::ceil(1 / far - 1e-9), 1e18))) +
                           " impostor pairs and a genuine pair; found " + std::to_string(impostors) + " and " +
                           std::to_string(genuine_distances.size()));
  }
  if (!std::all_of(impostor_distances.begin(), impostor_distances.end(), is_distance) ||
      !std::all_of(genuine_distances.begin(), genuine_distances.end(), is_distance)) {
    return invalid_request("a distance is a finite number of at least 0");
  }
  allowed = std::min(allowed, impostors - 1);  // far < 1: at least one is rejected
  const auto rejected = impostor_distances.begin() + static_cast<std::ptrdiff_t>(allowed);
  std::nth_element(impostor_distances.begin(), rejected, impostor_distances.end());
  const float upper = *rejected;
  if (upper <= 0) {
    return invalid_request("no threshold rejects " + std::to_string(impostors - allowed) +
                           " impostor pairs: too many have distance 0");
  }
  const float lower = largest_below(impostor_distances, upper);
  Calibration calibration;
  calibration.distance_threshold = lower + (upper - lower) / 2;
  if (calibration.distance_threshold >= upper) {  // neighbours among floats: halfway rounded up
    calibration.distance_threshold = lower;
  }
  calibration.false_accept_rate = share_within(impostor_distances, calibration.distance_threshold);
  calibration.true_accept_rate = share_within(genuine_distances, calibration.distance_threshold);
  calibration.impostor_pairs = impostors;
  calibration.genuine_pairs = genuine_distances.size();
  return calibration;
}

Result<Calibration> calibrate_threshold(std::span<const std::vector<float>> embeddings,
                                        std::span<const std::size_t> person, double far) {
  FACEPIPE_TRY(check_embeddings(embeddings, person));
  std::vector<float> impostor;
  std::vector<float> genuine;
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const float distance = std::sqrt(squared_distance(embeddings[i], embeddings[j]));
      (person[i] == person[j] ? genuine : impostor).push_back(distance);
    }
  }
  return calibrate_threshold(std::move(impostor), genuine, far);
}

}  // namespace facepipe::gallery
