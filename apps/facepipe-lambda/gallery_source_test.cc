#include "gallery_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "base/temporary_folder.h"
#include "embed/test_embedder.h"
#include "gallery/person_id.h"
#include "http/server/server.h"
#include "http/test_socket.h"
#include "model/preprocessing.h"
#include "recognize/cut_faces.h"
#include "recognize/test_cut_pack.h"

namespace facepipe::lambda_app {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

// No network: galleries of model m1 are comparable with its embeddings.
stage::RecognitionModel model() {
  stage::RecognitionModel made;
  made.manifest.model_id = "m1";
  made.manifest.embedding_size = 2;
  made.embedder = embed::testing::test_embedder(
      [](auto, const auto&) -> Result<std::vector<embed::Embedding>> { return std::vector<embed::Embedding>(); });
  return made;
}

std::string gallery_with(const std::string& person, const std::string& model_id = "m1") {
  gallery::Gallery gallery({model_id, model::known_mode("whitened").value(), 2});
  EXPECT_TRUE(gallery.add(person, std::vector<float>{1, 2}));
  return std::string(as_text(gallery::gallery_to_bytes(gallery)));
}

// A server on loopback that answers from a script.
struct GallerySourceTest : ::testing::Test {
  GallerySourceTest() {
    auto started = http::Server::start(
        {},
        [this](http::Request request, http::Responder responder) {
          const std::lock_guard lock(mutex);
          conditions.emplace_back(http::header(request.headers, "if-none-match"));
          targets.push_back(std::move(request.target));
          clock.advance(std::exchange(answer_takes, {}));
          http::Response response{599, {}, ""};
          if (!answers.empty()) {
            response = std::move(answers.front());
            answers.pop_front();
          }
          responder(std::move(response));
        },
        null_logger());
    EXPECT_TRUE(started.has_value());
    server = *std::move(started);
    config.gallery = "s3://people/gallery.fpg";
    config.region = "us-east-1";
    config.s3_endpoint = "http://127.0.0.1:" + std::to_string(server->port());
    config.credentials = aws::Credentials{"key", "secret", "", {}};
    config.gallery_refresh_s = 60;
  }
  GallerySource open() {
    auto source = GallerySource::open(config, model(), clock, logger);
    EXPECT_TRUE(source.has_value()) << source.error().message;
    return *std::move(source);
  }
  static std::string first_person(GallerySource& source) {
    const auto recognizer = source.current();
    return recognizer ? (*recognizer)->gallery().people()[0].name : recognizer.error().message;
  }
  // Of the gallery that refresh() took into use: the name of its first person; "" for none, else the error's message.
  static std::string refreshed(GallerySource& source) {
    const auto done = source.refresh();
    return !done ? done.error().message : *done ? first_person(source) : "";
  }
  // The version that was taken into use last, as the log has it.
  [[nodiscard]] std::string last_version() const {
    const std::string_view key = "\"version\":";
    const std::size_t at = log.rfind(key);
    return at == std::string::npos ? "" : log.substr(at + key.size(), log.find(",\"people\"", at) - at - key.size());
  }
  void answer(int status, const std::string& etag, std::string body) {
    const std::lock_guard lock(mutex);
    answers.push_back({status, {{"etag", etag}}, std::move(body)});
  }

  Config config;
  ManualClock clock{Clock::TimePoint{std::chrono::hours{400'000}}};
  std::mutex mutex;
  std::deque<http::Response> answers;
  std::vector<std::string> conditions;  // of each request: its if-none-match
  std::vector<std::string> targets;     // and what it asks for
  milliseconds answer_takes{0};         // the next one
  std::string log;
  Logger logger{LogLevel::kInfo, [this](std::string_view line) { log.append(line).append("\n"); }};
  std::unique_ptr<http::Server> server;
};

TEST_F(GallerySourceTest, LoadsAndLooksAgainWhenTheIntervalIsOver) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  EXPECT_EQ(first_person(source), "ada");
  EXPECT_EQ(last_version(), R"("\"1\"")");

  clock.advance(std::chrono::seconds(59));
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions.size(), 1U);  // too early: nobody was asked

  clock.advance(std::chrono::seconds(1));
  answer(304, "\"1\"", "");
  EXPECT_EQ(refreshed(source), "");

  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace");
  EXPECT_EQ(last_version(), R"("\"2\"")");
  EXPECT_EQ(conditions, (std::vector<std::string>{"", "\"1\"", "\"1\""}));
}

TEST_F(GallerySourceTest, AClockThatIsSetBackHoldsNothingUp) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(-std::chrono::hours{48});
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace") << "not in two days";
  clock.advance(std::chrono::seconds(60));
  answer(404, "", "");
  EXPECT_NE(refreshed(source), "");
  clock.advance(-std::chrono::hours{48});
  answer(404, "", "");
  EXPECT_NE(refreshed(source), "");
  EXPECT_EQ(first_person(source), "grace");
  clock.advance(kOutdatedGalleryGrace + std::chrono::seconds(1));
  EXPECT_FALSE(source.current()) << "who was removed is not named for two days";
}

// Put in the gallery's place by mistake: it is another object, whatever it is.
TEST_F(GallerySourceTest, AnObjectThatIsTooLargeCannotBeReadEither) {
  const std::string sound = gallery_with("ada");
  const http::testing::ScriptedPeer peer(2, [&](int index, http::testing::TestSocket& socket) {
    (void)socket.read_until("\r\n\r\n");
    const std::string head =
        "HTTP/1.1 200 OK\r\nETag: \"" + std::to_string(index) + "\"\r\nConnection: close\r\nContent-Length: ";
    socket.send(index == 0 ? head + std::to_string(sound.size()) + "\r\n\r\n" + sound : head + "3000000000\r\n\r\n");
  });
  config.s3_endpoint = "http://127.0.0.1:" + std::to_string(peer.port());
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  EXPECT_NE(refreshed(source), "");
  EXPECT_EQ(first_person(source), "ada");
  clock.advance(kOutdatedGalleryGrace + std::chrono::seconds(1));
  EXPECT_FALSE(source.current());
}

// A snapshot of a large gallery, with a change behind its tables.
TEST_F(GallerySourceTest, AGalleryWhoseBulkIsMappedIsUsedAsItComes) {
  const TemporaryFolder folder;
  const auto file = folder / "gallery.fpg";
  gallery::Gallery gallery({"m1", model::known_mode("whitened").value(), 2});
  ASSERT_TRUE(gallery.add("ada", std::vector<float>{1, 2}));
  ASSERT_TRUE(gallery::save_mapped_gallery(gallery, file));
  const auto snapshot = [&] { return std::string(as_text(*read_file(file, 1 << 20))); };
  answer(200, "\"1\"", snapshot());
  GallerySource source = open();
  EXPECT_EQ(first_person(source), "ada");
  EXPECT_EQ(source.refresh_limit(), milliseconds(5'500 + 2 * static_cast<int>(snapshot().size() / 25'000)));
  auto edited = gallery::load_gallery_to_edit(file, nullptr);
  ASSERT_TRUE(edited) << edited.error().message;
  ASSERT_TRUE(edited->rename(edited->people()[0].id, "grace"));
  ASSERT_TRUE(gallery::save_gallery(*edited, file, nullptr));
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", snapshot());
  EXPECT_EQ(refreshed(source), "grace");
}

TEST_F(GallerySourceTest, AFailureIsNotRepeatedBeforeTheIntervalIsOver) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  answer(403, "", "<Error><Code>AccessDenied</Code></Error>");
  const std::string refused = refreshed(source);
  EXPECT_THAT(refused, HasSubstr("FACEPIPE_GALLERY"));
  EXPECT_THAT(refused, HasSubstr("s3://people/gallery.fpg"));
  EXPECT_EQ(refreshed(source), "");
  clock.advance(2 * kOutdatedGalleryGrace);
  EXPECT_EQ(first_person(source), "ada") << "nobody said that it has changed";
}

TEST_F(GallerySourceTest, AnObjectCountsAsLoadedOnceItIsInUse) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", "no gallery");
  EXPECT_THAT(refreshed(source), HasSubstr("s3://people/gallery.fpg"));
  EXPECT_EQ(last_version(), R"("\"1\"")");
  const auto since = clock.now();

  clock.advance(GallerySource::kRetryBad - std::chrono::seconds(1));
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions.size(), 2U);
  clock.advance(std::chrono::seconds(1));
  answer(200, "\"2\"", gallery_with("grace", "another"));  // the same version, whole this time, and nobody can use it
  EXPECT_THAT(refreshed(source), HasSubstr("another"));

  clock.advance(std::chrono::duration_cast<milliseconds>(since + kOutdatedGalleryGrace - clock.now()));
  EXPECT_EQ(first_person(source), "ada");
  clock.advance(milliseconds(1));
  EXPECT_THAT(first_person(source), HasSubstr("nobody is named by the one before"));
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace");
  EXPECT_EQ(last_version(), R"("\"2\"")");
  EXPECT_EQ(conditions, (std::vector<std::string>{"", "\"1\"", "\"1\"", "\"1\""})) << "the one in use each time";
}

// Whoever waits for a whole one to be put there must not wait for the interval, which may be a day, because S3 was away
// in between.
TEST_F(GallerySourceTest, AnOutdatedOneIsLookedAtSoonThoughS3IsAwayMeanwhile) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", "no gallery");
  EXPECT_THAT(refreshed(source), HasSubstr("s3://people/gallery.fpg"));
  clock.advance(GallerySource::kRetryBad);
  answer(403, "", "<Error><Code>AccessDenied</Code></Error>");
  EXPECT_THAT(refreshed(source), HasSubstr("403"));
  clock.advance(GallerySource::kRetryBad);
  answer(200, "\"3\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace");
}

TEST_F(GallerySourceTest, AnObjectThatIsGoneNamesNobodyInTheEnd) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  answer(404, "", "<Error><Code>NoSuchKey</Code></Error>");
  EXPECT_THAT(refreshed(source), HasSubstr("NoSuchKey"));
  EXPECT_EQ(first_person(source), "ada") << "it may be on its way";
  clock.advance(kOutdatedGalleryGrace + milliseconds(1));
  EXPECT_THAT(first_person(source), HasSubstr("nobody is named by the one before"));
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace");
}

TEST_F(GallerySourceTest, AFunctionWithoutTheTimeForALookSaysSo) {
  config.gallery_refresh_s = 3'600;
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  const milliseconds enough = 2 * source.refresh_limit();
  const milliseconds too_short = enough - milliseconds(1);
  EXPECT_EQ(source.refresh(too_short).value(), false) << "it is not time to look yet";
  clock.advance(std::chrono::seconds(3'600));
  for (int i = 0; i < 2; ++i) {
    const auto refused = source.refresh(too_short);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
    EXPECT_THAT(refused.error().message, HasSubstr("10999 ms left, and a look wants more than 11000 ms"));
    EXPECT_EQ(source.refresh(too_short).value(), false) << "said already";
    clock.advance(GallerySource::kSayAgain);
  }
  EXPECT_EQ(conditions.size(), 1U);
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(source.refresh(enough + milliseconds(1)).value(), true);
  EXPECT_EQ(first_person(source), "grace");
}

TEST_F(GallerySourceTest, AnObjectThatIsPutBackIsTheOneInUse) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", "no gallery");
  EXPECT_NE(refreshed(source), "");
  clock.advance(GallerySource::kRetryBad);
  answer(304, "\"1\"", "");
  EXPECT_EQ(refreshed(source), "");
  clock.advance(2 * kOutdatedGalleryGrace);
  EXPECT_EQ(first_person(source), "ada");
}

TEST_F(GallerySourceTest, AnIntervalOfNothingNeverLooksAgain) {
  config.gallery_refresh_s = 0;
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::hours(100));
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions.size(), 1U);
}

TEST_F(GallerySourceTest, FilesAndWhatIsNoUri) {
  const TemporaryFolder folder;
  config.gallery = folder / "people.fpg";
  ASSERT_TRUE(write_file_atomically(config.gallery, to_bytes(as_bytes(gallery_with("ada")))));
  GallerySource file = open();
  EXPECT_EQ(first_person(file), "ada");
  clock.advance(std::chrono::hours(100));
  EXPECT_EQ(refreshed(file), "");
  config.gallery = "/nowhere/people.fpg";
  const auto none = GallerySource::open(config, model(), clock, logger);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("/nowhere/people.fpg"));
  EXPECT_TRUE(conditions.empty());
  config.gallery = "s3://people";
  const auto wrong = GallerySource::open(config, model(), clock, logger);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().message, HasSubstr("FACEPIPE_GALLERY: expected s3://BUCKET/KEY, got \"s3://people\""));
}

// A gallery and its companion, objects beside each other. The second network's file is none: of a companion that
// belongs to its gallery, and of no other, the log has that it cannot be loaded.
struct CompanionTest : GallerySourceTest {
  CompanionTest() {
    using recognize::testing::manifest_of;
    pack.emplace(recognize::testing::write_cut_pack(folder.path(), manifest_of("m1", "whitened"),
                                                    manifest_of("m2", "whitened")));
  }
  Result<GallerySource> try_open() {
    stage::RecognitionModel judging = model();
    judging.manifest = pack->manifest();
    judging.cut_faces = recognize::CutFaceNetwork::of(*pack);
    return GallerySource::open(config, std::move(judging), clock, logger);
  }
  GallerySource open() {
    auto source = try_open();
    EXPECT_TRUE(source.has_value()) << source.error().message;
    return *std::move(source);
  }
  // Of one person with `pictures`.
  static std::string judging_gallery(const std::string& person, int pictures = 1, const std::string& model_id = "m1") {
    gallery::Gallery gallery({model_id, model::known_mode("whitened").value(), 2});
    EXPECT_TRUE(gallery.set_strangers(0.01));
    const gallery::PersonId id = gallery::derived_person_id("", person);  // the same in both
    EXPECT_TRUE(gallery.restore(id, person, std::vector<float>{1, 0}));
    for (int i = 1; i < pictures; ++i) {
      EXPECT_TRUE(gallery.add(id, std::vector<float>{1, 0}));
    }
    return std::string(as_text(gallery::gallery_to_bytes(gallery)));
  }
  static std::string companion_of(const std::string& person, int pictures = 1) {
    return judging_gallery(person, pictures, "m2");
  }
  // What the log says when a cut face comes.
  std::string at_a_cut_face(GallerySource& source) {
    const std::size_t before = log.size();
    const auto recognizer = source.current();
    EXPECT_TRUE(recognizer);
    EXPECT_EQ(&(*recognizer)->for_cut_faces(), recognizer->get());  // by the first network in any case, here
    return log.substr(before);
  }
  // As the log has it of what was taken into use last.
  [[nodiscard]] std::string last_companion() const {
    const std::string_view key = "\"companion\":";
    const std::size_t at = log.rfind(key);
    return at == std::string::npos ? "" : log.substr(at + key.size(), log.find('}', at) - at - key.size());
  }
  const TemporaryFolder folder;
  std::optional<model::ModelPack> pack;
};
constexpr const char* kBelongs = "embedder.onnx";  // the first error after it was found to
constexpr const char* kOfOthers = "not the same people";

TEST_F(CompanionTest, IsFetchedBehindItsGalleryAndReadWhenACutFaceComes) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(200, "\"c1\"", companion_of("ada"));
  GallerySource source = open();
  EXPECT_EQ(targets, (std::vector<std::string>{"/people/gallery.fpg", "/people/gallery.fpg.cut"}));
  EXPECT_EQ(last_companion(), R"("\"c1\"")");
  EXPECT_THAT(at_a_cut_face(source), HasSubstr(kBelongs));
  EXPECT_EQ(at_a_cut_face(source), "") << "once";

  clock.advance(std::chrono::seconds(60));
  answer(304, "\"1\"", "");
  answer(304, "\"c1\"", "");
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions, (std::vector<std::string>{"", "", "\"1\"", "\"c1\""}));
}

TEST_F(CompanionTest, IsTakenUpWhenItAloneIsReplacedAndLetGoOfWhenItIsGone) {
  answer(200, "\"1\"", judging_gallery("ada", 2));
  answer(200, "\"c1\"", companion_of("ada", 1));
  GallerySource source = open();
  EXPECT_THAT(at_a_cut_face(source), HasSubstr(kOfOthers));
  EXPECT_THAT(log, Not(HasSubstr("ada"))) << "names are not logged";

  clock.advance(std::chrono::seconds(60));
  answer(304, "\"1\"", "");
  answer(200, "\"c2\"", companion_of("ada", 2));
  EXPECT_EQ(refreshed(source), "ada");
  EXPECT_EQ(last_version(), R"("\"1\"")");
  EXPECT_EQ(last_companion(), R"("\"c2\"")");
  EXPECT_THAT(at_a_cut_face(source), HasSubstr(kBelongs));

  clock.advance(std::chrono::seconds(60));
  answer(304, "\"1\"", "");
  answer(404, "", "<Error><Code>NoSuchKey</Code></Error>");
  EXPECT_EQ(refreshed(source), "ada");
  EXPECT_EQ(last_companion(), R"("none")");
  EXPECT_EQ(at_a_cut_face(source), "");

  clock.advance(std::chrono::seconds(60));
  answer(304, "\"1\"", "");
  answer(404, "", "");
  EXPECT_EQ(refreshed(source), "") << "as before";
}

TEST_F(CompanionTest, OfAReplacedGalleryIsAskedForWithoutACondition) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(200, "\"c1\"", companion_of("ada"));
  GallerySource source = open();
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", judging_gallery("grace"));
  answer(200, "\"c2\"", companion_of("grace"));
  EXPECT_EQ(refreshed(source), "grace");
  EXPECT_EQ(conditions.back(), "");
  EXPECT_THAT(at_a_cut_face(source), HasSubstr(kBelongs));
}

// 403 is what S3 answers of an object that is not there, to who may not list the bucket.
TEST_F(CompanionTest, ThatIsNotThereOrMayNotBeReadIsNone) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(403, "", "<Error><Code>AccessDenied</Code></Error>");
  GallerySource source = open();
  EXPECT_EQ(first_person(source), "ada");
  EXPECT_EQ(last_companion(), R"("refused")");
  EXPECT_EQ(at_a_cut_face(source), "");
  EXPECT_THAT(log, Not(HasSubstr("companion_not_refreshed")));

  clock.advance(std::chrono::seconds(60));
  answer(304, "\"1\"", "");
  answer(200, "\"c1\"", companion_of("ada"));
  EXPECT_EQ(refreshed(source), "ada");
  EXPECT_EQ(last_companion(), R"("\"c1\"")");
}

TEST_F(CompanionTest, ThatCannotBeAskedForIsAskedForAgainSoonAndTheOneInUseStays) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(503, "", "");
  GallerySource source = open();
  EXPECT_EQ(first_person(source), "ada");
  EXPECT_EQ(targets.size(), 2U) << "one attempt";
  EXPECT_THAT(log, HasSubstr("companion_not_refreshed"));
  EXPECT_THAT(log, HasSubstr("s3://people/gallery.fpg.cut: S3 answered 503"));

  clock.advance(GallerySource::kRetryBad);
  answer(304, "\"1\"", "");
  answer(200, "\"c1\"", companion_of("ada"));
  EXPECT_EQ(refreshed(source), "ada");

  clock.advance(std::chrono::seconds(60));
  answer(304, "\"1\"", "");
  answer(500, "", "");
  EXPECT_EQ(refreshed(source), "");
  EXPECT_THAT(at_a_cut_face(source), HasSubstr(kBelongs));
}

TEST_F(CompanionTest, HasTheTimeOfTheGallerysSecondAttempt) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(200, "\"c1\"", companion_of("ada"));
  GallerySource source = open();
  for (const auto& [took, asked] : {std::pair{3'000, 2U}, {3'100, 1U}}) {
    clock.advance(std::chrono::seconds(60));
    targets.clear();
    answer_takes = milliseconds(took);
    answer(304, "\"1\"", "");
    if (asked == 2) {
      answer(304, "\"c1\"", "");
    }
    EXPECT_EQ(refreshed(source), "");
    EXPECT_EQ(targets.size(), asked) << took;
  }
  EXPECT_THAT(log, HasSubstr("companion_not_refreshed"));
}

TEST_F(CompanionTest, ThatIsNoGalleryCostsCutFacesAlone) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(200, "\"c1\"", "no gallery");
  GallerySource source = open();
  EXPECT_EQ(first_person(source), "ada");
  EXPECT_THAT(at_a_cut_face(source), HasSubstr("s3://people/gallery.fpg.cut"));
}

TEST_F(CompanionTest, OfAGalleryWithoutARuleOrAPackWithoutASecondNetworkIsNotAskedFor) {
  answer(200, "\"1\"", gallery_with("ada"));
  GallerySource source = open();
  EXPECT_EQ(targets.size(), 1U);
  EXPECT_EQ(last_companion(), R"("none")");
  answer(200, "\"1\"", judging_gallery("ada"));
  GallerySource other = GallerySourceTest::open();
  EXPECT_EQ(targets.size(), 2U);
}

TEST_F(CompanionTest, TheLargerObjectSetsTheLimit) {
  answer(200, "\"1\"", judging_gallery("ada"));
  answer(200, "\"c1\"", std::string(25'000 * 100, '-'));
  EXPECT_EQ(open().refresh_limit(), milliseconds(5'500 + 2 * 100));
}

}  // namespace
}  // namespace facepipe::lambda_app
