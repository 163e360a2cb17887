// Every normalisation maps a byte to a float that depends on the byte, its channel and at most on statistics of the
// whole crop, so it is a table of 256 values a channel. Sources: torchvision's ToTensor, facenet-pytorch's
// fixed_image_standardization, davidsandberg/facenet's prewhiten. Tested by normalise_test.cc.
#include "embed/normalise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/check.h"

namespace facepipe::embed {
namespace {

using Table = std::array<float, 256>;

Table make_table(float mean, float deviation) {
  Table table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = (static_cast<float>(byte) - mean) / deviation;
  }
  return table;
}

Table whitening_table(image::RgbView crop) {
  // Exact sums: at most 2^31 bytes of at most 255^2 stay far below 2^63.
  std::int64_t sum = 0;
  std::int64_t sum_of_squares = 0;
  for (int y = 0; y < crop.height; ++y) {
    const std::uint8_t* row = crop.row(y);
    for (const std::uint8_t byte : std::span(row, static_cast<std::size_t>(crop.width) * 3)) {
      sum += byte;
      sum_of_squares += std::int64_t{byte} * byte;
    }
  }
  const double count = 3.0 * crop.width * crop.height;
  const double mean = static_cast<double>(sum) / count;
  const double variance = std::max(0.0, static_cast<double>(sum_of_squares) / count - mean * mean);
  const auto deviation = static_cast<float>(std::max(std::sqrt(variance), 1.0 / std::sqrt(count)));
  return make_table(static_cast<float>(mean), deviation);
}

// Of the network's channels, in its order.
std::array<Table, 3> tables_for(image::RgbView crop, const model::Normalisation& normalisation) {
  if (normalisation.whiten) {
    const Table table = whitening_table(crop);
    return {table, table, table};
  }
  std::array<Table, 3> tables{};
  for (std::size_t channel = 0; channel < tables.size(); ++channel) {
    tables[channel] = make_table(normalisation.mean[channel], normalisation.deviation[channel]);
  }
  return tables;
}

}  // namespace

void normalise(image::RgbView crop, const model::Preprocessing& preprocessing, std::span<float> planes) {
  const std::size_t plane =
      crop.empty() ? 0 : static_cast<std::size_t>(crop.width) * static_cast<std::size_t>(crop.height);
  FACEPIPE_CHECK(planes.size() == plane * 3);
  if (plane == 0) {
    return;
  }
  const std::array<Table, 3> tables = tables_for(crop, preprocessing.normalisation);
  const std::size_t first = preprocessing.colour_order == model::ColourOrder::kBgr ? 2 : 0;
  const std::size_t third = 2 - first;
  float* a = planes.data();
  float* b = a + plane;
  float* c = b + plane;
  for (int y = 0; y < crop.height; ++y) {
    const std::uint8_t* pixel = crop.row(y);
    for (int x = 0; x < crop.width; ++x, pixel += 3) {
      *a++ = tables[0][pixel[first]];
      *b++ = tables[1][pixel[1]];
      *c++ = tables[2][pixel[third]];
    }
  }
}

}  // namespace facepipe::embed
