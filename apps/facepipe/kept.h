// What a data folder keeps of faces and visits, whether a server has it open or not: the API's questions and answers.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/json_reader.h"
#include "base/result.h"
#include "base/seal.h"

namespace facepipe::app {

class Kept {
 public:
  enum class Kind { kFaces, kVisits };

  virtual ~Kept() = default;
  // Asks the server that runs on the folder, else opens faces.db there. kNotFound: nothing is kept there.
  [[nodiscard]] static Result<std::unique_ptr<Kept>> open(const std::filesystem::path& data,
                                                          const std::optional<SealingKey>& key);

  // Calls `take` for each record of the list, in its order, until it fails or gives false. `query` as in the API:
  // "camera=door&known=true".
  using Take = std::function<Result<bool>(const JsonValue& record)>;
  [[nodiscard]] virtual Status list(Kind kind, const std::string& query, const Take& take) = 0;
  // One record, JSON. kNotFound.
  [[nodiscard]] virtual Result<std::string> show(Kind kind, const std::string& id) = 0;
  // A face's picture, encoded.
  [[nodiscard]] virtual Result<std::string> face_image(const std::string& id) = 0;
};

}  // namespace facepipe::app
