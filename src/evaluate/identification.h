// Open-set identification: who is enrolled, who is a stranger, and what became of the probes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluate/distances.h"
#include "evaluate/operating_point.h"

namespace facepipe::evaluate {

enum class Role {
  kEnrolled,  // in the gallery
  kKnown,     // a probe of somebody who is in it
  kStranger,  // a probe of somebody who is not
};

struct SplitOptions {
  // 0: the order of the photographs is that of their names. Any other: shuffled, each person's by the seed and the
  // person's name, so that other people change nothing.
  std::uint64_t seed = 0;
  double people_share = 1;  // of the people with several photographs, how many are enrolled; the rest are strangers
  std::vector<std::string> without;  // strangers in any case
};

// Of each enrolled person with n photographs the first n / 2 (rounded down) are enrolled, the others are probes; who
// has one is a stranger. Which people are enrolled where that is a share (rounded to the nearest number): the first by
// a digest of seed and name. `person` tells whose each photograph is, in the order of their names. kInvalidArgument for
// a share outside (0, 1] or a name of `without` that nobody has.
[[nodiscard]] Result<std::vector<Role>> split_people(std::span<const std::string> person, const SplitOptions& options);

// What the gallery says of one probe.
struct ProbeResult {
  bool stranger = false;
  bool has_face = true;
  bool nearest_right = false;  // the nearest person is the right one, whatever the threshold
  float distance = 0;          // to the nearest person; those of all probes can be compared
  bool refused = false;        // cannot be told: never named, whatever the threshold
  bool cut = false;            // counted by itself, too
  bool named = false;          // at the shipped threshold
  bool named_right = false;
};

// What became of probes at the shipped threshold.
struct NamedProbes {
  std::size_t known = 0;      // probes of enrolled people; without a face they are never named
  std::size_t strangers = 0;  // with a face: one without would make the rate look better
  std::size_t strangers_named = 0;
  std::size_t right_names = 0;
  std::size_t wrong_names = 0;  // of the known
};

struct Identification {
  NamedProbes all;
  NamedProbes cut;  // of those with ProbeResult::cut
  std::size_t known_without_face = 0;
  std::size_t strangers_without_face = 0;
  std::size_t known_refused = 0;
  std::size_t strangers_refused = 0;   // of all.strangers
  std::size_t nearest_right = 0;       // of the known: right if everybody is named
  std::vector<OperatingPoint> points;  // one a rate; false_rate: strangers named, true_rate: right names of the known
  DistanceHistogram stranger_distances;
  DistanceHistogram right_distances;  // of the known; past the end where the nearest is the wrong person
};

// `rates` of strangers that get any name (false-positive identification rate, ISO/IEC 19795-1), each in (0, 1).
// kInvalidArgument for another, or without a probe.
[[nodiscard]] Result<Identification> score_identification(std::span<const ProbeResult> probes,
                                                          std::span<const double> rates);

}  // namespace facepipe::evaluate
