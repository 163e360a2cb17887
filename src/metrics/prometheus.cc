// Tested by prometheus_test.cc.
#include "metrics/prometheus.h"

#include <array>
#include <charconv>
#include <cmath>

namespace facepipe::metrics {
namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out.append("\\n");
      continue;
    }
    if (c == '\\' || (c == '"' && quotes)) {
      out.push_back('\\');
    }
    out.push_back(c);
  }
}

// The shortest decimal that reads back as the same number.
std::string shortest(double value) {
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

// `le` is a histogram's bound, empty for none.
void append_sample(std::string& out, std::string_view name, const Labels& labels, std::string_view le,
                   std::string_view value) {
  out.append(name);
  char separator = '{';
  const auto label = [&](std::string_view label_name, std::string_view label_value) {
    out.push_back(separator);
    out.append(label_name).append("=\"");
    append_escaped(out, label_value, true);
    out.push_back('"');
    separator = ',';
  };
  for (const auto& [label_name, label_value] : labels) {
    label(label_name, label_value);
  }
  if (!le.empty()) {
    label("le", le);
  }
  out.append(separator == ',' ? "} " : " ").append(value).append("\n");
}

void append_histogram(std::string& out, const std::string& name, const Registry::Measure& measure) {
  const Histogram::Snapshot snapshot = measure.histogram->snapshot();
  for (std::size_t i = 0; i < snapshot.at_most.size(); ++i) {
    append_sample(out, name + "_bucket", measure.labels, shortest(measure.histogram->bounds()[i]),
                  std::to_string(snapshot.at_most[i]));
  }
  append_sample(out, name + "_bucket", measure.labels, "+Inf", std::to_string(snapshot.count));
  append_sample(out, name + "_sum", measure.labels, {}, shortest(snapshot.sum));
  append_sample(out, name + "_count", measure.labels, {}, std::to_string(snapshot.count));
}

void append_family(std::string& out, const Registry::Family& family) {
  using Kind = Registry::Kind;
  out.append("# HELP ").append(family.name).append(" ");
  append_escaped(out, family.help, false);
  out.append("\n# TYPE ").append(family.name).append(" ");
  out.append(family.kind == Kind::kCounter ? "counter" : family.kind == Kind::kGauge ? "gauge" : "histogram");
  out.append("\n");
  for (const Registry::Measure& measure : family.measures) {
    if (family.kind == Kind::kHistogram) {
      append_histogram(out, family.name, measure);
      continue;
    }
    const std::int64_t value = measure.read                    ? measure.read()
                               : family.kind == Kind::kCounter ? measure.counter.value()
                                                               : measure.gauge.value();
    append_sample(out, family.name, measure.labels, {}, std::to_string(value));
  }
}

}  // namespace

std::string to_prometheus(const Registry& registry) {
  std::string text;
  registry.each_family([&text](const Registry::Family& family) { append_family(text, family); });
  return text;
}

}  // namespace facepipe::metrics
