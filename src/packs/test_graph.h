// For tests: what a graph computes, by the runtime.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "embed/graph_session.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs::testing {

// Values in [-1, 1), the same for the same seed.
inline std::vector<float> random_values(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(static_cast<double>(random()) / 2147483648.0 - 1.0);
  }
  return values;
}

// The output of `graph`, whose input has the name of embed/graph_session.h, for pictures [N,3,side,side].
inline std::vector<float> run_graph(const OnnxGraph& graph, std::span<const float> pictures, std::int64_t side) {
  const auto session = embed::GraphSession::open(write_onnx(graph));
  if (!session) {
    ADD_FAILURE() << session.error().message;
    return {};
  }
  const std::vector<std::string> outputs{graph.output};
  const auto made = session->run(pictures, side, outputs);
  if (!made) {
    ADD_FAILURE() << made.error().message;
    return {};
  }
  return made->front().values;
}

// Of two lists of one size.
inline double distance_of(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  }
  return largest;
}

inline std::vector<std::string> operators_of(const OnnxGraph& graph) {
  std::vector<std::string> names;
  for (const OnnxNode& node : graph.nodes) {
    names.push_back(node.op_type);
  }
  return names;
}

}  // namespace facepipe::packs::testing
