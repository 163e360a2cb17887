// Tested by identification_test.cc.
#include "evaluate/identification.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace facepipe::evaluate {
namespace {

std::uint64_t digest_of(std::uint64_t seed, const std::string& name) {
  Xxh64 hash;
  hash.update(as_bytes(std::to_string(seed) + "/" + name));
  return hash.digest();
}

// The next of a row of numbers (SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
// 2014), which is the same with every standard library.
std::uint64_t next_number(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t value = state;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

void shuffle(std::vector<std::size_t>& photographs, std::uint64_t state) {
  for (std::size_t i = photographs.size(); i > 1; --i) {
    std::swap(photographs[i - 1], photographs[next_number(state) % i]);
  }
}

using PhotographsOf = std::map<std::string, std::vector<std::size_t>>;

// Names of those who are enrolled.
std::vector<std::string> choose_enrolled(const PhotographsOf& people, const SplitOptions& options) {
  std::vector<std::pair<std::uint64_t, std::string>> candidates;
  for (const auto& [name, photographs] : people) {
    if (photographs.size() >= 2) {
      candidates.emplace_back(digest_of(options.seed, name), name);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  const auto count =
      static_cast<std::size_t>(std::lround(options.people_share * static_cast<double>(candidates.size())));
  std::vector<std::string> enrolled;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& name = candidates[i].second;
    if (std::find(options.without.begin(), options.without.end(), name) == options.without.end()) {
      enrolled.push_back(name);
    }
  }
  return enrolled;
}

void note_named(const ProbeResult& probe, NamedProbes& named) {
  if (probe.stranger) {
    named.strangers += probe.has_face ? 1U : 0U;
    named.strangers_named += probe.has_face && probe.named ? 1U : 0U;
    return;
  }
  ++named.known;
  named.right_names += probe.has_face && probe.named_right ? 1U : 0U;
  named.wrong_names += probe.has_face && probe.named && !probe.named_right ? 1U : 0U;
}

void note(const ProbeResult& probe, Identification& result) {
  note_named(probe, result.all);
  if (probe.cut) {
    note_named(probe, result.cut);
  }
  if (!probe.has_face) {
    ++(probe.stranger ? result.strangers_without_face : result.known_without_face);
    return;
  }
  (probe.stranger ? result.strangers_refused : result.known_refused) += probe.refused ? 1U : 0U;
  result.nearest_right += !probe.stranger && probe.nearest_right ? 1U : 0U;
}

}  // namespace

Result<std::vector<Role>> split_people(std::span<const std::string> person, const SplitOptions& options) {
  if (!(options.people_share > 0 && options.people_share <= 1)) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a share of people above 0 and at most 1, got " + std::to_string(options.people_share)};
  }
  PhotographsOf people;
  for (std::size_t i = 0; i < person.size(); ++i) {
    people[person[i]].push_back(i);
  }
  for (const std::string& name : options.without) {
    if (!people.contains(name)) {
      return Error{ErrorCode::kInvalidArgument,
                   "expected somebody of the folder to leave out, found nobody named \"" + name + "\""};
    }
  }
  std::vector<Role> roles(person.size(), Role::kStranger);
  for (const std::string& name : choose_enrolled(people, options)) {
    std::vector<std::size_t>& photographs = people[name];
    if (options.seed != 0) {
      shuffle(photographs, digest_of(options.seed, name));
    }
    for (std::size_t i = 0; i < photographs.size(); ++i) {
      roles[photographs[i]] = i < photographs.size() / 2 ? Role::kEnrolled : Role::kKnown;
    }
  }
  return roles;
}

Result<Identification> score_identification(std::span<const ProbeResult> probes, std::span<const double> rates) {
  Identification result;
  std::vector<float> strangers;
  std::vector<float> right;
  for (const ProbeResult& probe : probes) {
    note(probe, result);
    const float distance = probe.refused ? std::numeric_limits<float>::infinity() : probe.distance;
    if (!probe.stranger) {
      right.push_back(probe.has_face && probe.nearest_right ? distance : std::numeric_limits<float>::infinity());
      result.right_distances.add(right.back());
    } else if (probe.has_face) {
      strangers.push_back(distance);
      result.stranger_distances.add(distance);
    }
  }
  if (probes.empty()) {
    return Error{ErrorCode::kInvalidArgument, "expected faces to be named, found none"};
  }
  std::sort(strangers.begin(), strangers.end());
  for (const double rate : rates) {
    FACEPIPE_TRY(check_rate(rate));
    result.points.push_back(operating_point(strangers, strangers.size(), right, rate));
  }
  return result;
}

}  // namespace facepipe::evaluate
