// A folder that holds a folder of pictures a person.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace facepipe::people {

struct EnrolFailure {
  std::string file;
  std::string reason;
  bool cannot_be_told = false;  // of a face whose quality is refused: the picture is as good a picture as any
};

struct EnrolSummary {
  std::size_t added = 0;
  std::vector<EnrolFailure> flagged;  // pictures that were taken with the flaws that are named
  std::vector<EnrolFailure> failed;   // pictures that gave no embedding, in order; the others were added
  std::vector<EnrolFailure> skipped;  // what a folder holds and is no picture, and people's folders without a picture
};

// A folder of folders: each one's name is a person's, its files are pictures ("ada/1.jpg"). In the order of names;
// hidden entries are left out; what is no picture (image/picture_file.h) and a folder without any are noted as
// skipped; a picture beside the folders and a folder inside them as failed. `take` gets each picture, labelled as its
// place in the folder, until it fails. kNotFound or kPermission for a folder that cannot be listed.
using TakePicture =
    std::function<Status(const std::string& person, const std::string& label, const std::filesystem::path& file)>;
[[nodiscard]] Status walk_people_folder(const std::filesystem::path& folder, EnrolSummary& summary,
                                        const TakePicture& take);

}  // namespace facepipe::people
