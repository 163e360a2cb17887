// Tested by summary_test.cc.
#include "evaluate/summary.h"

#include <array>
#include <cstdio>
#include <utility>

#include "base/json_writer.h"

namespace facepipe::evaluate {
namespace {

std::string formatted(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

void Summary::text(std::string_view key, std::string_view words, std::string value) {
  figures_.push_back({std::string(key), value, std::string(words), value});
}

void Summary::count(std::string_view key, std::string_view words, std::uint64_t value) {
  figures_.push_back({std::string(key), value, std::string(words), std::to_string(value)});
}

void Summary::number(std::string_view key, std::string_view words, std::optional<double> value) {
  figures_.push_back({std::string(key), value ? Value(*value) : Value(), value ? std::string(words) : "",
                      value ? formatted("%.4g", *value) : ""});
}

void Summary::share(std::string_view key, std::string_view words, std::optional<double> value,
                    std::string_view otherwise) {
  constexpr double kPercent = 100;
  figures_.push_back({std::string(key), value ? Value(*value) : Value(), std::string(words),
                      value ? formatted("%.2f %%", *value * kPercent) : std::string(otherwise)});
}

void Summary::append(std::string_view key_prefix, std::string_view words_prefix, const Summary& other) {
  for (Figure figure : other.figures_) {
    figure.key = std::string(key_prefix) + figure.key;
    figure.words = figure.words.empty() ? "" : std::string(words_prefix) + figure.words;
    figures_.push_back(std::move(figure));
  }
}

std::string Summary::to_json() const {
  JsonWriter json;
  json.begin_object();
  for (const Figure& figure : figures_) {
    json.key(figure.key);
    if (const auto* text = std::get_if<std::string>(&figure.value)) {
      json.string(*text);
    } else if (const auto* count = std::get_if<std::uint64_t>(&figure.value)) {
      json.integer(static_cast<std::int64_t>(*count));
    } else if (const auto* number = std::get_if<double>(&figure.value)) {
      json.number(*number);
    } else {
      json.null();
    }
  }
  json.end_object();
  return std::move(json).text();
}

std::vector<std::vector<std::string>> Summary::rows() const {
  std::vector<std::vector<std::string>> rows;
  for (const Figure& figure : figures_) {
    if (!figure.words.empty()) {
      rows.push_back({figure.words, figure.shown});
    }
  }
  return rows;
}

}  // namespace facepipe::evaluate
