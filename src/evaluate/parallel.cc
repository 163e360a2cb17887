// Tested by pair_scan_test.cc.
#include "evaluate/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace facepipe::evaluate {

void for_each_index(std::size_t count, std::size_t threads,
                    const std::function<void(std::size_t index, std::size_t worker)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&](std::size_t worker) {
    for (std::size_t i = next++; i < count; i = next++) {
      work(i, worker);
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t worker = 1; worker < std::min(threads, count); ++worker) {
    others.emplace_back(run, worker);
  }
  run(0);
}

}  // namespace facepipe::evaluate
