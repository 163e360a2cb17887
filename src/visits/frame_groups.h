// Which groups of unknown faces a frame has shown: no group has two faces of one frame, since they are two people's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "faces/records.h"

namespace facepipe::visits {

// Of the last kMaxFrames frames. Not thread-safe.
class FrameGroups {
 public:
  static constexpr std::size_t kMaxFrames = 512;

  [[nodiscard]] std::vector<faces::UnknownId> of(std::uint64_t frame) const {
    const auto found = groups_.find(frame);
    return found == groups_.end() ? std::vector<faces::UnknownId>() : found->second;
  }
  void add(std::uint64_t frame, faces::UnknownId group) {
    const auto [entry, added] = groups_.try_emplace(frame);
    entry->second.push_back(group);
    if (added) {
      order_.push_back(frame);
    }
    if (order_.size() > kMaxFrames) {
      groups_.erase(order_.front());
      order_.pop_front();
    }
  }

 private:
  std::unordered_map<std::uint64_t, std::vector<faces::UnknownId>> groups_;
  std::deque<std::uint64_t> order_;
};

}  // namespace facepipe::visits
