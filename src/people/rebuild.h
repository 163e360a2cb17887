// A gallery made anew by another network, from the pictures that are kept. What PeopleDesk::rebuild takes and gives.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace facepipe::people {

struct RebuildOptions {
  bool force = false;                                                 // also where something is lost by it
  bool trial = false;                                                 // nothing is changed
  std::function<void(std::size_t done, std::size_t total)> progress;  // of pictures and faces; may be empty
};

// Somebody of whom not everything can be made anew, since no picture of it is kept (or none that can be read).
struct RebuildLoss {
  std::string name;
  std::size_t embeddings = 0;  // that are lost
  std::size_t of = 0;          // all of theirs: as many as are lost: they would be known no more
  std::size_t rejected = 0;    // pictures that are not theirs, of which the same is true
};

struct Rebuilt {
  bool made = false;  // false: a trial, or something would be lost and that was not forced
  std::size_t people = 0;
  std::size_t embeddings = 0;
  std::vector<RebuildLoss> losses;  // in the order of enrolment
  std::size_t faces = 0;            // kept faces that have an embedding of the new network
  std::size_t faces_without = 0;    // kept faces whose crop could not be embedded
};

}  // namespace facepipe::people
