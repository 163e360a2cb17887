// For tests: a gallery with people in it, enrolled as everywhere else.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_folder.h"
#include "embed/alignment.h"
#include "people/people_desk.h"

namespace facepipe::people {

// Names, each with encoded pictures; of several faces in one the largest counts.
using PicturesOfPeople = std::vector<std::pair<std::string, std::vector<Bytes>>>;

// `begun` with them, whatever the quality of their faces. A picture that is refused fails the test.
inline gallery::Gallery enrolled(gallery::Gallery begun, const PicturesOfPeople& people,
                                 const model::Manifest& manifest, const detect::Detector& detector,
                                 std::shared_ptr<const embed::Embedder> embedder,
                                 const image::DecodeOptions& decode = {},
                                 const embed::AlignmentKinds& alignments = embed::alignment_kinds()) {
  const TemporaryFolder folder;
  const GalleryFile file(folder / "gallery.fpg");
  EXPECT_TRUE(file.save(gallery::KnownPeople(std::move(begun))));
  PeopleDesk desk({.gallery = file,
                   .manifest = manifest,
                   .detector = &detector,
                   .recognizer = [&]() -> Result<std::shared_ptr<const recognize::FaceRecognizer>> {
                     FACEPIPE_ASSIGN(gallery::Gallery now, file.load());
                     FACEPIPE_ASSIGN(auto made,
                                     recognize::FaceRecognizer::create(embedder, manifest, std::move(now), alignments));
                     return std::make_shared<const recognize::FaceRecognizer>(std::move(made));
                   },
                   .decode = decode});
  for (const auto& [name, encoded] : people) {
    std::vector<PictureToAdd> pictures;
    for (const Bytes& picture : encoded) {
      pictures.push_back({name + " " + std::to_string(pictures.size()), picture});
    }
    const auto added = desk.add_pictures(name, pictures, {.take_largest = true, .force = true}, "test");
    EXPECT_TRUE(added) << added.error().message;
    for (const PictureOutcome& outcome : added ? added->pictures : std::vector<PictureOutcome>()) {
      EXPECT_EQ(outcome.refusal, Refusal::kNone) << outcome.label << ": " << outcome.message;
    }
  }
  return file.load().value();
}

}  // namespace facepipe::people
