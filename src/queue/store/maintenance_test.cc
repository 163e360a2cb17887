// Check, salvage, back-up and erasure of a stopped store; files are damaged here as disks and cut-off writes do it.
#include "queue/store/maintenance.h"

#include <gmock/gmock.h>

#include <fstream>

#include "queue/store/test_store.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::streamoff kPage = 8'192;
constexpr int kMessages = 200;

class Maintenance : public StoreFixture {
 protected:
  // Two queues: one with many messages, bodies of half a page to three.
  void fill() {
    create("q");
    create("f.fifo", fifo_attributes());
    for (int i = 0; i < kMessages; ++i) {
      send_ok("q", message(std::to_string(i) + std::string(static_cast<std::size_t>(4'000 + (i % 5) * 5'000), 'x')));
    }
    send_ok("f.fifo", message("first", "g"));
    send_ok("f.fifo", message("second", "g"));
  }
  // Overwrites `count` bytes.
  void damage(std::streamoff at, std::size_t count) {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream << std::string(count, '\x5a');
  }
  // Into a column that takes none, as damage can do it.
  void put_null(const std::string& column, const std::string& rows) {
    const auto change_schema = [](const std::string& old_text, const std::string& new_text) {
      return "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" + old_text + "', '" +
             new_text + "')";
    };
    for (const std::string& change : {change_schema(column + " NOT NULL", column), rows,
                                      change_schema(column, column + " NOT NULL")}) {  // each sees the schema anew
      ASSERT_TRUE(sqlite::Database::open(file(), "test").value()->execute(change));
    }
  }
  [[nodiscard]] std::streamoff size() const { return static_cast<std::streamoff>(std::filesystem::file_size(file())); }
  [[nodiscard]] std::string content() const {
    std::ifstream stream(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] std::filesystem::path wal() const { return file().native() + "-wal"; }
};

TEST_F(Maintenance, ASoundStore) {
  fill();
  store_.reset();
  const auto check = check_store(file());
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_THAT(check->problems, IsEmpty());
  EXPECT_EQ(check->messages, kMessages + 2);
  EXPECT_EQ(check->format_version, 2);
}

TEST_F(Maintenance, OfAStoreInUseNothingIsTouched) {
  EXPECT_EQ(check_store(file()).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(salvage_store(file(), clock_).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(backup_store(file(), folder_.path() / "copy").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(erase_messages(file(), std::nullopt, [](std::string_view) { return true; }).error().code,
            ErrorCode::kUnavailable);
  EXPECT_TRUE(std::filesystem::exists(file()));
}

TEST_F(Maintenance, OfNoFile) {
  const auto absent = folder_.path() / "absent.db";
  EXPECT_EQ(check_store(absent).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(salvage_store(absent, clock_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(erase_messages(absent, std::nullopt, [](std::string_view) { return true; }).error().code,
            ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(absent));
}

TEST_F(Maintenance, SalvageOfASoundFileKeepsEverything) {
  fill();
  const auto in_flight = receive("q", 1);
  store_.reset();
  const auto salvage = salvage_store(file(), clock_);
  ASSERT_TRUE(salvage) << salvage.error().message;
  EXPECT_EQ(salvage->recovered, kMessages + 2);
  EXPECT_EQ(salvage->lost, 0);
  EXPECT_THAT(salvage->made_queues, IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(salvage->damaged));
  reopen();
  EXPECT_TRUE(remove("q", in_flight.at(0).receipt_handle)) << "handles that clients hold stay good";
  EXPECT_EQ(statistics("q").visible, kMessages - 1);
  EXPECT_THAT(bodies(receive("f.fifo")), ElementsAre("first", "second"));
}

// A client that got no answer to its removal sends it again, whatever was done to the store meanwhile.
TEST_F(Maintenance, AHandleOfBeforeTheSalvageFitsNoMessageOfAfterwards) {
  create("q");
  send_ok("q", message("done"));
  const std::string handle = receive("q").at(0).receipt_handle;
  ASSERT_TRUE(remove("q", handle));
  store_.reset();
  ASSERT_TRUE(salvage_store(file(), clock_));
  reopen();
  send_ok("q", message("new"));
  (void)remove("q", handle);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("new"));
}

// A damaged record can hold what its table does not take.
TEST_F(Maintenance, ARowThatDoesNotFitItsTableCostsItselfAlone) {
  create("q");
  for (const char* body : {"first", "no trace header", "no attributes", "last"}) {
    send_ok("q", message(body));
  }
  store_.reset();
  put_null("trace_header TEXT", "UPDATE message SET trace_header = NULL WHERE id = 2");
  put_null("attributes BLOB", "UPDATE payload SET attributes = NULL WHERE message = 3");
  ASSERT_THAT(check_store(file())->problems, ::testing::Not(IsEmpty()));
  const auto salvage = salvage_store(file(), clock_);
  ASSERT_TRUE(salvage) << salvage.error().message;
  EXPECT_EQ(salvage->recovered, 2);
  EXPECT_EQ(salvage->lost, 2);
  EXPECT_THAT(check_store(file())->problems, IsEmpty());
  reopen();
  EXPECT_THAT(bodies(receive("q")), ElementsAre("first", "last"));
}

TEST_F(Maintenance, WhatMayBeLostIsTakenWhenItIsSentAgain) {
  create("q");
  create("f.fifo", fifo_attributes());
  const OutgoingMessage face = message("face");
  for (const bool loses : {false, true}) {
    ASSERT_TRUE(store_->send_once("q", {"frame", Seconds(300), 1}, {&face, 1}));
    const std::string sent = send_ok("f.fifo", message("once", "g"));
    store_.reset();
    if (loses) {
      put_null("trace_header TEXT", "UPDATE message SET trace_header = NULL");
    }
    const auto salvage = salvage_store(file(), clock_);
    ASSERT_TRUE(salvage) << salvage.error().message;
    EXPECT_EQ(salvage->lost, loses ? 2 : 0);
    reopen();
    EXPECT_EQ(store_->find_once("frame").value().has_value(), !loses);
    EXPECT_EQ(send_ok("f.fifo", message("once", "g")) == sent, !loses);
  }
  EXPECT_EQ(statistics("f.fifo").visible, 1);
}

TEST_F(Maintenance, DamagedPagesInTheMiddleCostOnlyWhatWasOnThem) {
  fill();
  store_.reset();
  damage(size() / 2, 3 * kPage);
  ASSERT_THAT(check_store(file())->problems, ::testing::Not(IsEmpty()));
  const auto salvage = salvage_store(file(), clock_);
  ASSERT_TRUE(salvage) << salvage.error().message;
  ASSERT_TRUE(salvage->lost);
  EXPECT_EQ(salvage->recovered + *salvage->lost, kMessages + 2) << "every message is accounted for";
  EXPECT_GT(salvage->recovered, kMessages * 8 / 10);
  EXPECT_THAT(check_store(file())->problems, IsEmpty());
  reopen();
  EXPECT_EQ(statistics("q").visible + statistics("f.fifo").visible, salvage->recovered);
  send_ok("q", message("new"));
}

TEST_F(Maintenance, EveryPageDamagedInTurnIsFoundOrHarmlessAndNeverCrashes) {
  create("q");
  for (int i = 0; i < 20; ++i) {
    send_ok("q", message(std::string(6'000, 'x')));
  }
  store_.reset();
  const std::string sound = content();
  for (std::streamoff page = 0; page * kPage < static_cast<std::streamoff>(sound.size()); ++page) {
    std::filesystem::remove(wal());
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << sound;
    damage(page * kPage, kPage);
    const auto salvage = salvage_store(file(), clock_);
    ASSERT_TRUE(salvage) << page << ": " << salvage.error().message;
    if (salvage->lost) {
      EXPECT_EQ(salvage->recovered + *salvage->lost, 20) << "page " << page;
    } else {
      EXPECT_EQ(salvage->recovered, 0) << "page " << page;
    }
    EXPECT_THAT(check_store(file())->problems, IsEmpty()) << "page " << page;
    std::filesystem::remove(salvage->damaged);
  }
}

TEST_F(Maintenance, AFileWithoutItsFirstPageIsPutAsideAndSaidToBeUnreadable) {
  fill();
  store_.reset();
  damage(0, kPage);
  EXPECT_THAT(check_store(file())->problems, SizeIs(1));
  const auto salvage = salvage_store(file(), clock_);
  ASSERT_TRUE(salvage) << salvage.error().message;
  EXPECT_EQ(salvage->recovered, 0);
  EXPECT_EQ(salvage->lost, std::nullopt);
  EXPECT_GT(std::filesystem::file_size(salvage->damaged), 1'000'000U) << "nothing is thrown away";
  reopen();
  EXPECT_TRUE(store_->list_queues("")->empty());
}

// A power cut: the log's last bytes never reached the disk, or are others.
TEST_F(Maintenance, ATornWriteAheadLogLosesOnlyItsTail) {
  fill();
  const auto copy = folder_.path() / "copy.db";
  std::filesystem::copy_file(file(), copy);
  std::filesystem::copy_file(wal(), copy.native() + "-wal");
  const auto full = std::filesystem::file_size(copy.native() + "-wal");
  ASSERT_GT(full, 100'000U);
  const auto messages_of = [&](std::uintmax_t bytes, bool garbage) {
    const auto torn = folder_.path() / "torn.db";
    std::filesystem::remove(torn.native() + "-wal");
    std::filesystem::copy_file(copy, torn, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(copy.native() + "-wal", torn.native() + "-wal");
    std::filesystem::resize_file(torn.native() + "-wal", bytes);
    if (garbage) {
      std::ofstream(torn.native() + "-wal", std::ios::binary | std::ios::app) << std::string(10'000, '\x5a');
    }
    const auto check = check_store(torn);
    EXPECT_TRUE(check) << check.error().message;
    EXPECT_THAT(check->problems, IsEmpty()) << bytes;
    return check->messages;
  };
  const std::int64_t whole = messages_of(full, false);
  EXPECT_EQ(messages_of(full, true), whole) << "garbage behind the last commit";
  std::int64_t last = whole;
  for (int cut = 1; cut <= 8; ++cut) {
    const std::int64_t messages = messages_of(full - static_cast<std::uintmax_t>(cut) * 7'777, cut % 2 == 0);
    EXPECT_LE(messages, last);
    EXPECT_GE(messages, last - 12) << "a cut of 7,777 bytes costs the commits that it touches";
    last = messages;
  }
}

TEST_F(Maintenance, ABackupIsAStoreOfItsOwn) {
  fill();
  store_.reset();
  const auto copy = folder_.path() / "copy.db";
  ASSERT_TRUE(backup_store(file(), copy));
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(copy).permissions() & fs::perms::mask, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(backup_store(file(), copy).error().code, ErrorCode::kAlreadyExists);
  const auto check = check_store(copy);
  ASSERT_TRUE(check);
  EXPECT_THAT(check->problems, IsEmpty());
  EXPECT_EQ(check->messages, kMessages + 2);
  fs::copy_file(copy, file(), fs::copy_options::overwrite_existing);  // restored
  reopen();
  EXPECT_EQ(statistics("q").visible, kMessages);
}

TEST_F(Maintenance, ErasedBytesAreGone) {
  create("q");
  create("f.fifo", fifo_attributes());
  send_ok("q", message("about SOMEBODY here"));
  send_ok("q", message("about another"));
  send_ok("q", message("SOMEBODY deleted before"));
  send_ok("f.fifo", message("SOMEBODY at the head", "g"));
  send_ok("f.fifo", message("next", "g"));
  for (const ReceivedMessage& received : receive("q")) {
    if (received.body == "SOMEBODY deleted before") {
      ASSERT_TRUE(remove("q", received.receipt_handle));
    }
  }
  store_.reset();
  ASSERT_THAT(content(), ::testing::HasSubstr("SOMEBODY"));
  const auto erased = erase_messages(
      file(), std::nullopt, [](std::string_view body) { return body.find("SOMEBODY") != std::string_view::npos; });
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(*erased, 2);
  EXPECT_THAT(content(), ::testing::Not(::testing::HasSubstr("SOMEBODY")));
  EXPECT_THAT(content(), ::testing::HasSubstr("about another"));
  EXPECT_FALSE(std::filesystem::exists(wal()));
  reopen();
  EXPECT_THAT(bodies(receive("f.fifo")), ElementsAre("next"));
}

}  // namespace
}  // namespace facepipe::queue
