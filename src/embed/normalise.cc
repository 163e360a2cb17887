// Every normalisation maps a byte to a float that depends on the byte and at most on statistics of the whole crop, so
// it is a table of 256 values. Sources: torchvision's ToTensor, facenet-pytorch's fixed_image_standardization,
// davidsandberg/facenet's prewhiten. Tested by normalise_test.cc.
#include "embed/normalise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/check.h"

namespace facepipe::embed {
namespace {

using Table = std::array<float, 256>;

template <typename Function>
Table make_table(Function value_of) {
  Table table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = value_of(static_cast<float>(byte));
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
  const auto centre = static_cast<float>(mean);
  return make_table([=](float byte) { return (byte - centre) / deviation; });
}

Table table_for(image::RgbView crop, model::Normalisation normalisation) {
  switch (normalisation) {
    case model::Normalisation::kUnit:
      return make_table([](float byte) { return byte / 255.0F; });
    case model::Normalisation::kFixed:
      return make_table([](float byte) { return (byte - 127.5F) / 128.0F; });
    case model::Normalisation::kWhiten:
      break;
  }
  return whitening_table(crop);
}

}  // namespace

void normalise(image::RgbView crop, model::Normalisation normalisation, std::span<float> planes) {
  const std::size_t plane =
      crop.empty() ? 0 : static_cast<std::size_t>(crop.width) * static_cast<std::size_t>(crop.height);
  FACEPIPE_CHECK(planes.size() == plane * 3);
  if (plane == 0) {
    return;
  }
  const Table table = table_for(crop, normalisation);
  float* red = planes.data();
  float* green = red + plane;
  float* blue = green + plane;
  for (int y = 0; y < crop.height; ++y) {
    const std::uint8_t* pixel = crop.row(y);
    for (int x = 0; x < crop.width; ++x, pixel += 3) {
      *red++ = table[pixel[0]];
      *green++ = table[pixel[1]];
      *blue++ = table[pixel[2]];
    }
  }
}

}  // namespace facepipe::embed
