// Tested by tests/e2e/test_config.py.
#include "config_file.h"

#include <array>
#include <charconv>

#include "toml_file.h"

namespace facepipe::app {
namespace {

Error invalid_config(const std::filesystem::path& file, const std::string& what) {
  return {ErrorCode::kInvalidArgument, file.string() + ": " + what};
}

// As it would stand on the command line; nothing for a table, a date or an array.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return text->get();
  }
  if (const auto* number = node.as_integer()) {
    return std::to_string(number->get());
  }
  if (const auto* truth = node.as_boolean()) {
    return truth->get() ? "true" : "false";
  }
  if (const auto* number = node.as_floating_point()) {
    // Every digit, and without an exponent, which sizes and whole numbers do not take.
    constexpr std::size_t kLongest = 400;  // of a double so written
    std::array<char, kLongest> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number->get(), std::chars_format::fixed);
    return std::string(text.data(), written.ptr);
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
  std::vector<std::string> texts;
  if (const auto* array = node.as_array()) {
    for (const toml::node& item : *array) {
      auto text = text_of(item);
      if (!text) {
        return std::nullopt;
      }
      texts.push_back(*std::move(text));
    }
    return texts;
  }
  auto text = text_of(node);
  if (!text) {
    return std::nullopt;
  }
  texts.push_back(*std::move(text));
  return texts;
}

bool is_flag(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

// What a file can set: not the options that are about one run alone.
bool is_setting(const CLI::Option& option) {
  const auto& names = option.get_lnames();
  return !names.empty() && names.front() != "help" && names.front() != "config" && names.front() != "ports-file";
}

std::string settings_of(const CLI::App& command) {
  std::string names;
  for (const CLI::Option* option : command.get_options()) {
    if (is_setting(*option)) {
      names += (names.empty() ? "" : ", ") + option->get_lnames().front();
    }
  }
  return names;
}

// CLI11 throws, and names the option itself.
Status set_option(CLI::Option& option, const std::string& key, const toml::node& node) {
  const auto values = texts_of(node);
  if (!values || is_flag(option) != node.is_boolean()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "expected " +
            std::string(is_flag(option) ? "true or false" : "a text, a number or, for several, an array of them") +
            ", got another type"};
  }
  try {
    for (const std::string& value : *values) {
      option.add_result(is_flag(option) ? option.get_flag_value(key, value) : value);
    }
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    return Error{ErrorCode::kInvalidArgument, error.what()};
  }
  return {};
}

}  // namespace

Status apply_config_file(CLI::App& command, const std::filesystem::path& file,
                         const std::set<std::string>& from_environment) {
  FACEPIPE_ASSIGN(const toml::table table, read_toml(file));
  for (const auto& [toml_key, node] : table) {
    const std::string key(toml_key.str());
    CLI::Option* option = command.get_option_no_throw("--" + key);
    if (option == nullptr || !is_setting(*option)) {
      return invalid_config(file, "line " + std::to_string(node.source().begin.line) + ": unknown key \"" + key +
                                      "\"; known are " + settings_of(command));
    }
    if (option->count() > 0 || from_environment.contains(key)) {
      continue;
    }
    if (const Status set = set_option(*option, key, node); !set) {
      return invalid_config(file, "key \"" + key + "\": " + set.error().message);
    }
  }
  return {};
}

}  // namespace facepipe::app
