// The figures of an evaluation: for programs one flat JSON object, for people rows of a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace facepipe::evaluate {

class Summary {
 public:
  // `key` is for JSON, `words` for people; an empty text of words keeps the row out of the table.
  void text(std::string_view key, std::string_view words, std::string value);
  void count(std::string_view key, std::string_view words, std::uint64_t value);
  // Absent: null, and no row.
  void number(std::string_view key, std::string_view words, std::optional<double> value);
  // 0..1; people see per cent. Absent: null, and `otherwise` for people.
  void share(std::string_view key, std::string_view words, std::optional<double> value,
             std::string_view otherwise = {});
  // The figures of another, with these before their keys and words.
  void append(std::string_view key_prefix, std::string_view words_prefix, const Summary& other);

  // {"key":value,...}, in the order of the calls, without a newline.
  [[nodiscard]] std::string to_json() const;
  // Words and value: columns kLeft, kNumber of base/table.h.
  [[nodiscard]] std::vector<std::vector<std::string>> rows() const;

 private:
  using Value = std::variant<std::monostate, std::string, std::uint64_t, double>;
  struct Figure {
    std::string key;
    Value value;
    std::string words;
    std::string shown;
  };
  std::vector<Figure> figures_;
};

}  // namespace facepipe::evaluate
