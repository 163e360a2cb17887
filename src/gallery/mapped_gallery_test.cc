#include "gallery/mapped_gallery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>

#include "base/file.h"
#include "base/seal.h"
#include "base/temporary_folder.h"
#include "gallery/gallery.h"
#include "gallery/mapped_layout.h"

namespace facepipe::gallery::testing {
std::function<void()> before_flush;  // NOLINT: of a mapped gallery's file
}  // namespace facepipe::gallery::testing

// In libc's place.
extern "C" int fdatasync(int descriptor) {
  if (facepipe::gallery::testing::before_flush) {
    facepipe::gallery::testing::before_flush();
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace facepipe::gallery {
namespace {

using ::testing::HasSubstr;
using Row = std::vector<float>;

constexpr int kWidth = 21;  // no multiple of a word

class MappedGalleryFile : public ::testing::Test {
 protected:
  Row draw() {
    Row row(kWidth);
    for (float& value : row) {
      value = normal_(random_);
    }
    return row;
  }

  Gallery made(std::size_t people) {
    Gallery gallery({"m1", model::known_mode("whitened").value(), kWidth});
    gallery.set_distance_threshold(0.75F);
    for (std::size_t i = 0; i < people; ++i) {
      EXPECT_TRUE(gallery.add("person " + std::to_string(i), draw()));
      if (i % 3 == 0) {
        EXPECT_TRUE(gallery.add("person " + std::to_string(i / 2), draw()));
      }
    }
    return gallery;
  }

  [[nodiscard]] Gallery loaded() const {
    auto gallery = load_gallery(file_, nullptr);
    EXPECT_TRUE(gallery) << gallery.error().message;
    return *std::move(gallery);
  }
  void save(const Gallery& gallery) const {
    const Status saved = save_gallery(gallery, file_, nullptr);
    ASSERT_TRUE(saved) << saved.error().message;
  }
  [[nodiscard]] Bytes content() const { return *read_file(file_, std::size_t{1} << 30U); }
  [[nodiscard]] bool holds(ByteView part) const {
    return as_text(content()).find(as_text(part)) != std::string_view::npos;
  }
  // Of the row's values, any two neighbours.
  [[nodiscard]] bool holds_any_of(const Row& row) const {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      if (holds(std::as_bytes(std::span(row).subspan(i, 2)))) {
        return true;
      }
    }
    return false;
  }

  // Who is who, with which rows, in order: what two galleries that are one have in common.
  static std::string facts(const Gallery& gallery) {
    const Bytes bytes = gallery_to_bytes(gallery);
    return std::string(as_text(bytes));
  }

  // Says where two galleries part, shorter than their bytes would.
  static void expect_one(const Gallery& gallery, const Gallery& expected, int round) {
    if (facts(gallery) == facts(expected)) {
      return;
    }
    ASSERT_EQ(gallery.people().size(), expected.people().size()) << round;
    ASSERT_EQ(gallery.embedding_count(), expected.embedding_count()) << round;
    for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
      ASSERT_EQ(gallery.people()[gallery.owner(row)].name, expected.people()[expected.owner(row)].name)
          << round << ", " << row;
      ASSERT_EQ(gallery.embedding(row)[0], expected.embedding(row)[0]) << round << ", " << row;
    }
    FAIL() << round << ": settings, ids or rejected pictures differ";
  }

  static void expect_found_by_name(const Gallery& gallery) {
    for (const Person& person : gallery.people()) {
      const auto id = gallery.id_of(person.name);
      EXPECT_TRUE(id && *id == person.id) << person.name;
    }
  }

  std::mt19937 random_{7};  // NOLINT: a fixed seed, so that a failure repeats
  std::normal_distribution<float> normal_;
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "gallery.fpg";
};

TEST_F(MappedGalleryFile, ReadsWhatItWrites) {
  Gallery gallery = made(100);
  ASSERT_TRUE(gallery.set_strangers(0.01));
  ASSERT_TRUE(gallery.reject(gallery.people()[7].id, draw()));
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  EXPECT_EQ(version_in(content()), kMappedVersion);
  EXPECT_EQ(std::filesystem::status(file_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const Gallery read = loaded();
  EXPECT_EQ(facts(read), facts(gallery));
  EXPECT_EQ(facts(*gallery_from_bytes(content())), facts(gallery));
  EXPECT_EQ(load_gallery_origin(file_, nullptr)->model_id, "m1");
  EXPECT_TRUE(verify_gallery(read));
  for (int i = 0; i < 20; ++i) {
    const Row probe = draw();
    const auto expected = *gallery.candidates(probe, 5, Centroids::kMeasured);
    const auto found = *read.candidates(probe, 5, Centroids::kMeasured);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_EQ(found[k].person, expected[k].person);
      EXPECT_EQ(found[k].nearest, expected[k].nearest);
      EXPECT_EQ(found[k].centroid, expected[k].centroid);
    }
  }
}

TEST_F(MappedGalleryFile, AnEmptyGalleryIsAGallery) {
  ASSERT_TRUE(save_mapped_gallery(made(0), file_));
  Gallery gallery = loaded();
  EXPECT_TRUE(gallery.people().empty());
  ASSERT_TRUE(gallery.add("ada", draw()));
  save(gallery);
  EXPECT_EQ(loaded().people()[0].name, "ada");
  EXPECT_EQ(version_in(content()), kMappedVersion);
}

TEST_F(MappedGalleryFile, AChangeAppendsWhatHasChanged) {
  ASSERT_TRUE(save_mapped_gallery(made(100), file_));
  const std::size_t before = content().size();
  Gallery gallery = loaded();
  ASSERT_TRUE(gallery.add("new", draw()));
  ASSERT_TRUE(gallery.add("person 5", draw()));
  save(gallery);
  EXPECT_EQ(facts(loaded()), facts(gallery));
  EXPECT_LT(content().size(), before + 1'000);
  EXPECT_EQ(loaded().people()[100].name, "new");
}

// Every operation, in any order and over many savings, has the outcome that it has in memory; and the file verifies.
TEST_F(MappedGalleryFile, AnyChangesSurviveSaving) {
  Gallery expected = made(40);
  ASSERT_TRUE(save_mapped_gallery(expected, file_));
  for (int round = 0; round < 120; ++round) {
    Gallery gallery = loaded();
    const int changes = 1 + static_cast<int>(random_() % 4);
    for (int i = 0; i < changes; ++i) {
      const PersonId one = gallery.people()[random_() % gallery.people().size()].id;
      const std::size_t row = random_() % gallery.embedding_count();
      const Row values = draw();
      const std::string name = "name " + std::to_string(random_() % 200);
      const auto kind = random_() % 8;
      const PersonId fresh{random_()};
      for (Gallery* each : {&gallery, &expected}) {
        switch (kind) {
          case 0:
            static_cast<void>(each->restore(fresh, name, values));
            break;
          case 1:
            static_cast<void>(each->add(one, values));
            break;
          case 2:
            static_cast<void>(each->people().size() > 10 ? each->remove(one) : Status{});
            break;
          case 3:
            static_cast<void>(each->remove_embedding(each->people()[each->owner(row)].id, row));
            break;
          case 4:
            static_cast<void>(each->rename(one, name));
            break;
          case 5:
            static_cast<void>(each->reject(one, values));
            break;
          case 6:
            static_cast<void>(each->forget_rejected(one));
            break;
          default:
            each->set_distance_threshold(values[0] * values[0]);
        }
      }
      expect_one(gallery, expected, round);
    }
    save(gallery);
    const Gallery again = loaded();
    expect_one(again, expected, round);
    const Status sound = verify_gallery(again);
    ASSERT_TRUE(sound) << round << ": " << sound.error().message;
  }
  EXPECT_EQ(version_in(content()), kMappedVersion);
  ASSERT_TRUE(save_mapped_gallery(loaded(), file_));
  EXPECT_EQ(facts(loaded()), facts(expected));
}

TEST_F(MappedGalleryFile, NothingOfARemovedPersonIsInTheFile) {
  Gallery gallery = made(50);
  const Row in_tables = draw();
  ASSERT_TRUE(gallery.add("Gone Tables", in_tables));
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  gallery = loaded();
  const Row appended = draw();
  const Row rejected = draw();
  ASSERT_TRUE(gallery.add("Gone Tables", appended));
  ASSERT_TRUE(gallery.reject(*gallery.id_of("Gone Tables"), rejected));
  const Row alone = draw();
  ASSERT_TRUE(gallery.add("Gone Appended", alone));
  save(gallery);
  gallery = loaded();
  ASSERT_TRUE(gallery.rename(*gallery.id_of("Gone Appended"), "Gone Renamed"));
  ASSERT_TRUE(gallery.rename(*gallery.id_of("person 3"), "Somebody Else"));
  save(gallery);
  EXPECT_FALSE(holds(as_bytes("Gone Appended")));
  EXPECT_TRUE(holds(as_bytes("Gone Renamed")));
  EXPECT_TRUE(holds(as_bytes("Gone Tables")));
  for (const Row* row : {&in_tables, &appended, &rejected, &alone}) {
    EXPECT_TRUE(holds_any_of(*row));
  }
  const std::uint64_t id = static_cast<std::uint64_t>(*gallery.id_of("Gone Tables"));
  const std::size_t size = content().size();
  gallery = loaded();
  ASSERT_TRUE(gallery.remove(*gallery.id_of("Gone Tables")));
  ASSERT_TRUE(gallery.remove(*gallery.id_of("Gone Renamed")));
  save(gallery);
  EXPECT_LT(content().size(), size + 500);  // not written whole
  EXPECT_FALSE(holds(as_bytes("Gone")));
  EXPECT_FALSE(holds(std::as_bytes(std::span(&id, 1))));
  for (const Row* row : {&in_tables, &appended, &rejected, &alone}) {
    EXPECT_FALSE(holds_any_of(*row));
  }
  EXPECT_EQ(facts(loaded()), facts(gallery));
  EXPECT_TRUE(verify_gallery(loaded()));
}

// The codes of a removed row, too: of two files that differ in one row alone, nothing differs once it is removed.
TEST_F(MappedGalleryFile, NothingOfARemovedEmbeddingIsLeftInItsCodes) {
  Gallery gallery = made(30);
  const auto other_file = folder_ / "other.fpg";
  const PersonId person = gallery.people()[10].id;
  ASSERT_TRUE(gallery.add(person, Row(kWidth, 0.25F)));
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  const std::size_t row = gallery.embedding_count() - 1;
  ASSERT_TRUE(gallery.remove_embedding(person, row));
  ASSERT_TRUE(gallery.add(person, draw()));
  ASSERT_TRUE(save_mapped_gallery(gallery, other_file));
  for (const auto& file : {file_, other_file}) {
    Gallery read = *load_gallery(file, nullptr);
    ASSERT_TRUE(read.remove_embedding(person, row));
    ASSERT_TRUE(save_gallery(read, file, nullptr));
  }
  const Bytes one = content();
  const Bytes two = *read_file(other_file, std::size_t{1} << 30U);
  const MappedLayout layout = decode_header(one, one.size())->layout;
  EXPECT_TRUE(std::equal(one.begin() + static_cast<std::ptrdiff_t>(layout.ids),
                         one.begin() + static_cast<std::ptrdiff_t>(layout.journal),
                         two.begin() + static_cast<std::ptrdiff_t>(layout.ids)));
}

// A writer that was killed at any byte of what it appends: the file is the gallery of before, and takes changes again.
TEST_F(MappedGalleryFile, PartOfAChangeWasNeverAccepted) {
  ASSERT_TRUE(save_mapped_gallery(made(20), file_));
  Gallery gallery = loaded();
  ASSERT_TRUE(gallery.add("first", draw()));
  save(gallery);
  const Bytes before = content();
  const std::string facts_before = facts(loaded());
  gallery = loaded();
  ASSERT_TRUE(gallery.add("second", draw()));
  ASSERT_TRUE(gallery.add("third", draw()));
  save(gallery);
  const Bytes after = content();
  for (std::size_t size = before.size(); size < after.size(); ++size) {
    ASSERT_TRUE(write_file_atomically(file_, ByteView(after).first(size)));
    ASSERT_EQ(facts(loaded()), facts_before) << size;
  }
  Gallery next = loaded();  // all but the last byte
  ASSERT_TRUE(next.add("fourth", draw()));
  save(next);
  EXPECT_EQ(facts(loaded()), facts(next));
  EXPECT_EQ(version_in(content()), kMappedVersion);
  EXPECT_FALSE(holds(as_bytes("third")));
}

// One that was killed between its change and the overwriting: the person stays removed, and the next editor overwrites.
TEST_F(MappedGalleryFile, ARemovalThatWasInterruptedIsFinishedByTheNextEditor) {
  Gallery gallery = made(20);
  ASSERT_TRUE(gallery.add("Gone", Row(kWidth, 0.125F)));
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  gallery = loaded();
  const Bytes before = content();
  ASSERT_TRUE(gallery.remove(*gallery.id_of("Gone")));
  save(gallery);
  const Bytes after = content();
  Bytes between = before;  // with the change, and the tables as they were
  between.insert(between.end(), after.begin() + static_cast<std::ptrdiff_t>(before.size()), after.end());
  ASSERT_TRUE(write_file_atomically(file_, between));
  EXPECT_TRUE(holds(as_bytes("Gone")));
  const Gallery next = loaded();
  EXPECT_FALSE(next.id_of("Gone"));
  EXPECT_TRUE(mentions(next, "Gone"));
  ASSERT_TRUE(load_gallery_to_edit(file_, nullptr));
  EXPECT_FALSE(mentions(loaded(), "Gone"));
  EXPECT_FALSE(holds(as_bytes("Gone")));
  EXPECT_FALSE(holds_any_of(Row(kWidth, 0.125F)));
  EXPECT_EQ(content().size(), after.size());
}

// Between two flushes any sectors may be on the disk, others not.
TEST_F(MappedGalleryFile, APowerFailureLeavesTheGalleryOfBeforeOrBehind) {
  constexpr std::size_t kSector = 512;
  ASSERT_TRUE(save_mapped_gallery(made(10), file_));
  for (int round = 0; round < 15; ++round) {
    Gallery gallery = loaded();
    const std::string before = facts(gallery);
    const std::string name = "new " + std::to_string(round);
    ASSERT_TRUE(gallery.add(name, draw()));
    if (round > 5) {  // who was added behind the tables, who is in them, a former name
      ASSERT_TRUE(gallery.remove(*gallery.id_of("new " + std::to_string(round - 4))));
      ASSERT_TRUE(gallery.remove_embedding(gallery.people()[0].id, gallery.rows_of(gallery.people()[0].id).back()) ||
                  gallery.remove(gallery.people()[0].id));
      ASSERT_TRUE(gallery.rename(*gallery.id_of("new " + std::to_string(round - 1)), "former " + name));
      ASSERT_TRUE(gallery.rename(*gallery.id_of("former " + name), "new " + std::to_string(round - 1)));
    }
    std::vector<Bytes> states = {content()};
    testing::before_flush = [&] { states.push_back(content()); };
    save(gallery);
    testing::before_flush = nullptr;
    ASSERT_EQ(content(), states.back());
    const std::string behind = facts(gallery);
    for (std::size_t flush = 1; flush < states.size(); ++flush) {
      for (int i = 0; i < 8; ++i) {
        Bytes torn = states[flush];
        const Bytes& older = states[flush - 1];
        for (std::size_t at = 0; at < torn.size(); at += kSector) {
          const std::size_t end = std::min(at + kSector, torn.size());
          const bool is_written = random_() % 2 == 0;
          for (std::size_t byte = at; !is_written && byte < end; ++byte) {
            torn[byte] = byte < older.size() ? older[byte] : std::byte{0};
          }
        }
        const auto read = gallery_from_bytes(torn);
        ASSERT_TRUE(read) << round << ", flush " << flush << ": " << read.error().message;
        EXPECT_TRUE(facts(*read) == behind || (flush == 1 && facts(*read) == before)) << round << ", flush " << flush;
        if (flush > 1) {  // and the next editor finishes it
          ASSERT_TRUE(write_file_atomically(file_, torn));
          ASSERT_TRUE(load_gallery_to_edit(file_, nullptr));
          EXPECT_TRUE(content() == states.back()) << round << ", flush " << flush;
        }
      }
    }
    ASSERT_TRUE(write_file_atomically(file_, states.back()));
  }
}

TEST_F(MappedGalleryFile, ANameThatIsHalfOverwrittenIsNobodysAnyMore) {
  std::string name;
  for (int i = 0; i < 125; ++i) {
    name += "\u00e9";  // two bytes
  }
  Gallery gallery = made(0);
  ASSERT_TRUE(gallery.add("a", draw()));
  for (const char* suffix : {"1", "2x", "3"}) {
    ASSERT_TRUE(gallery.add(name + suffix, draw()));
  }
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  const Bytes before = content();
  const PersonId one = *gallery.id_of(name + "2x");
  gallery = loaded();
  ASSERT_TRUE(gallery.remove(one));
  ASSERT_TRUE(gallery.rename(*gallery.id_of(name + "3"), "bob"));
  save(gallery);
  const Bytes behind = content();
  const std::size_t names = MappedGallery::tables_of(loaded())->layout().names;
  for (std::size_t written = names; written < names + 1'024; ++written) {
    Bytes torn = before;
    std::copy(behind.begin() + static_cast<std::ptrdiff_t>(before.size()), behind.end(), std::back_inserter(torn));
    std::copy(behind.begin() + static_cast<std::ptrdiff_t>(names),
              behind.begin() + static_cast<std::ptrdiff_t>(written), torn.begin() + static_cast<std::ptrdiff_t>(names));
    const auto read = gallery_from_bytes(torn);
    ASSERT_TRUE(read) << written - names << ": " << read.error().message;
    ASSERT_EQ(facts(*read), facts(gallery)) << written - names;
  }
  Bytes damaged = behind;
  damaged[names + 2] = std::byte{'x'};  // within a letter of somebody who is there
  EXPECT_FALSE(gallery_from_bytes(damaged));
}

TEST_F(MappedGalleryFile, DamageInsideTheChangesIsTold) {
  ASSERT_TRUE(save_mapped_gallery(made(20), file_));
  const std::size_t tables = content().size();
  for (const char* name : {"first", "second"}) {
    Gallery gallery = loaded();
    ASSERT_TRUE(gallery.add(name, draw()));
    save(gallery);
  }
  Bytes damaged = content();
  damaged[tables + 40] ^= std::byte{1};
  ASSERT_TRUE(write_file_atomically(file_, damaged));
  const auto gallery = load_gallery(file_, nullptr);
  ASSERT_FALSE(gallery);
  EXPECT_EQ(gallery.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(gallery.error().message, HasSubstr("damaged: the change at offset"));
}

TEST_F(MappedGalleryFile, ASecondSavingOfOneObjectLosesNothing) {
  ASSERT_TRUE(save_mapped_gallery(made(20), file_));
  Gallery gallery = loaded();
  ASSERT_TRUE(gallery.add("first", draw()));
  save(gallery);
  ASSERT_TRUE(gallery.add("second", draw()));
  save(gallery);
  EXPECT_EQ(facts(loaded()), facts(gallery));
  ASSERT_TRUE(save_gallery(gallery, folder_ / "copy.fpg", nullptr));  // somewhere else, whole
  EXPECT_EQ(facts(*load_gallery(folder_ / "copy.fpg", nullptr)), facts(gallery));
}

TEST_F(MappedGalleryFile, TablesThatTheFileStillHasAreUsedAgain) {
  ASSERT_TRUE(save_mapped_gallery(made(20), file_));
  KnownTables known;
  const Gallery first = *load_either_gallery(file_, nullptr, known);
  Gallery changed = loaded();
  ASSERT_TRUE(changed.remove(changed.people()[3].id));
  save(changed);
  const auto second = load_either_gallery(file_, nullptr, known);
  ASSERT_TRUE(second);
  EXPECT_EQ(facts(*second), facts(changed));
  EXPECT_EQ(MappedGallery::tables_of(*second), MappedGallery::tables_of(first));
  // Values that are overwritten under it are nobody's.
  EXPECT_TRUE(first.search(draw()));
  ASSERT_TRUE(save_mapped_gallery(changed, file_));
  const auto third = load_either_gallery(file_, nullptr, known);
  ASSERT_TRUE(third);
  EXPECT_NE(MappedGallery::tables_of(*third), MappedGallery::tables_of(first));
  EXPECT_EQ(facts(*third), facts(changed));
}

// Tables that are used again have the names of before, which may be others' by now.
TEST_F(MappedGalleryFile, WhoTookAnothersFormerNameIsFoundByIt) {
  Gallery gallery = made(0);
  for (const char* name : {"ann", "bob", "cat"}) {
    ASSERT_TRUE(gallery.add(name, draw()));
  }
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  KnownTables known;
  ASSERT_TRUE(load_either_gallery(file_, nullptr, known));
  const auto change = [&](const std::function<Status(Gallery&)>& make) {
    Gallery edited = *load_gallery_to_edit(file_, nullptr);
    ASSERT_TRUE(make(edited));
    save(edited);
    const Gallery read = *load_either_gallery(file_, nullptr, known);
    expect_found_by_name(edited);
    expect_found_by_name(read);
  };
  const auto rename = [&](PersonId person, std::string_view name) {
    change([&](Gallery& edited) { return edited.rename(person, name); });
  };
  const PersonId ann = *gallery.id_of("ann");
  const PersonId bob = *gallery.id_of("bob");
  rename(bob, "between");
  rename(ann, "bob");
  rename(bob, "ann");
  const PersonId cat = *gallery.id_of("cat");
  rename(cat, "kate");
  change([&](Gallery& edited) { return edited.add("cat", draw()); });
  rename(cat, "cathy");
  change([&](Gallery& edited) { return edited.remove(cat); });
}

TEST_F(MappedGalleryFile, WhatWasAddedAndRemovedBeforeItWasSavedLeavesNothing) {
  ASSERT_TRUE(save_mapped_gallery(made(20), file_));
  Gallery gallery = loaded();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(gallery.add("for a moment " + std::to_string(i), draw()));
    ASSERT_TRUE(gallery.add("stays", draw()));
  }
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(gallery.remove(*gallery.id_of("for a moment " + std::to_string(i))));
  }
  const PersonId stays = *gallery.id_of("stays");
  while (gallery.rows_of(stays).size() > 1) {
    ASSERT_TRUE(gallery.remove_embedding(stays, gallery.rows_of(stays).front()));
  }
  ASSERT_TRUE(gallery.reject(stays, draw()));
  ASSERT_TRUE(gallery.add("last", draw()));
  save(gallery);
  const auto read = load_gallery(file_, nullptr);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(facts(*read), facts(gallery));
  EXPECT_TRUE(verify_gallery(*read));
}

// What a name is overwritten by.
TEST_F(MappedGalleryFile, ANameOfHyphensIsNoDamage) {
  Gallery gallery = made(0);
  ASSERT_TRUE(gallery.add("ann", draw()));
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  gallery = loaded();
  ASSERT_TRUE(gallery.rename(*gallery.id_of("ann"), "---"));
  save(gallery);
  const Status sound = verify_gallery(loaded());
  EXPECT_TRUE(sound) << sound.error().message;
}

// A copy of before, put back: the tables are called the same, and what was overwritten since is not in the copy.
TEST_F(MappedGalleryFile, ACopyThatIsPutBackIsReadItself) {
  Gallery gallery = made(20);
  const Row row = draw();
  ASSERT_TRUE(gallery.add("ada", row));
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  std::filesystem::copy_file(file_, folder_ / "copy.fpg");
  KnownTables known;
  ASSERT_TRUE(load_either_gallery(file_, nullptr, known));
  Gallery changed = loaded();
  ASSERT_TRUE(changed.remove(*changed.id_of("ada")));
  save(changed);
  ASSERT_TRUE(load_either_gallery(file_, nullptr, known));
  std::filesystem::rename(folder_ / "copy.fpg", file_);
  const auto read = load_either_gallery(file_, nullptr, known);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(facts(*read), facts(gallery));
  const auto found = *read->search(row);
  ASSERT_TRUE(found);
  EXPECT_EQ(read->people()[found->person].name, "ada");
}

TEST_F(MappedGalleryFile, EncryptedGalleriesAreWholeFiles) {
  ASSERT_TRUE(SealingKey::make_file(folder_ / "key"));
  const SealingKey key = *SealingKey::from_file(folder_ / "key");
  ASSERT_TRUE(save_mapped_gallery(made(20), file_));
  const Gallery gallery = loaded();
  ASSERT_TRUE(save_gallery(gallery, file_, &key));
  EXPECT_TRUE(is_sealed(content()));
  EXPECT_EQ(facts(*load_gallery(file_, &key)), facts(gallery));
}

TEST_F(MappedGalleryFile, AnyByteMayBeWrong) {
  Gallery gallery = made(30);
  ASSERT_TRUE(save_mapped_gallery(gallery, file_));
  gallery = loaded();
  ASSERT_TRUE(gallery.add("first", draw()));
  ASSERT_TRUE(gallery.remove(gallery.people()[2].id));
  save(gallery);
  const Bytes good = content();
  std::size_t noticed = 0;
  for (int round = 0; round < 3'000; ++round) {
    Bytes damaged = good;
    for (int i = 0; i < 3; ++i) {
      damaged[random_() % damaged.size()] = static_cast<std::byte>(random_() & 0xFFU);
    }
    const auto read = gallery_from_bytes(damaged);
    if (!read || !verify_gallery(*read)) {
      ++noticed;
    }
    if (read) {
      EXPECT_TRUE(read->search(draw()));
    }
  }
  EXPECT_GT(noticed, 500U);  // most of so small a file is space between tables
  for (std::size_t size = 0; size < good.size(); size += 97) {
    const auto cut = gallery_from_bytes(ByteView(good).first(size));
    EXPECT_TRUE(cut || !cut.error().message.empty());
  }
}

}  // namespace
}  // namespace facepipe::gallery
