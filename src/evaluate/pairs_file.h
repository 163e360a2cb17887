// Lists of labelled pairs of pictures: Labeled Faces in the Wild's pairs.txt, and CSV.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace facepipe::evaluate {

struct LabelledPair {
  std::string first;  // paths inside the folder of pictures: never absolute, never with ".."
  std::string second;
  bool same = false;     // the same person
  std::size_t fold = 0;  // < PairList::folds
};

struct PairList {
  std::vector<LabelledPair> pairs;  // in the order of the file
  std::size_t folds = 1;
};

// Two formats, told apart by the first line:
// - LFW (vis-www.cs.umass.edu/lfw, "README: pairs.txt"): "FOLDS<tab>N", or "N" for one fold; then for each fold N lines
//   "NAME<tab>A<tab>B" of the same person and N lines "NAME<tab>A<tab>NAME<tab>B" of different people. A picture is
//   NAME/NAME_%04d.jpg.
// - CSV: two paths and whether it is the same person: yes/no, true/false, 1/0, in any case; a first row
//   whose third cell is none of these is a header. Such a file has no folds: the pairs of each kind are dealt out to
//   `csv_folds` (1..1000) of them in turn.
// `context` is the file's name. kInvalidData names the line, what was expected there and what was found; kTooLarge past
// a million pairs.
[[nodiscard]] Result<PairList> parse_pairs(std::string_view text, std::string_view context, std::size_t csv_folds);

}  // namespace facepipe::evaluate
