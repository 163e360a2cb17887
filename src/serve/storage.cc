// Tested end to end by tests/e2e.
#include "serve/storage.h"

#include <filesystem>

#include "access/run_file.h"
#include "base/file.h"
#include "base/temporary_file.h"
#include "faces/store/sqlite_face_store.h"
#include "gallery/known_people.h"
#include "queue/store/queue_store.h"
#include "serve/door/front_door.h"

namespace facepipe::serve {
namespace {

// Amazon's advice for a queue that feeds a function: a poison message is given up after 5 tries.
constexpr int kMaxReceiveCount = 5;
// Amazon's longest, and its advice: longer than the source's, since the age counts from the first sending.
constexpr std::chrono::hours kDeadLetterRetention{14 * 24};
constexpr std::string_view kVisibilityTag = "facepipe:visibility";

// Makes the queue, or keeps the one that an earlier run made, whatever the user set on it since.
Status ensure_queue(queue::QueueStore& store, const std::string& name, const queue::QueueAttributes& attributes) {
  const Status made = store.create_queue(name, attributes);
  return made || made.error().code == ErrorCode::kAlreadyExists ? Status{} : made;
}

Status set_retention(queue::QueueStore& store, const std::string& name, std::optional<std::chrono::seconds> retention) {
  if (!retention) {
    return {};
  }
  FACEPIPE_ASSIGN(queue::QueueAttributes attributes, store.attributes(name));
  attributes.retention = *retention;
  return store.set_attributes(name, attributes);
}

// As told; else kAnswerVisibility once, in place of the 30 s that the queue was made with: the tag says that this was
// done, so that what a user sets afterwards stays, 30 s too.
Status set_answer_visibility(queue::QueueStore& store, std::optional<std::chrono::seconds> told) {
  const std::string name(kAnswerQueue);
  FACEPIPE_ASSIGN(queue::QueueAttributes attributes, store.attributes(name));
  FACEPIPE_ASSIGN(const queue::QueueTags tags, store.tags(name));
  const bool done = tags.contains(std::string(kVisibilityTag));
  const bool as_made = attributes.visibility_timeout == queue::QueueAttributes{}.visibility_timeout;
  const auto wanted = told.value_or(!done && as_made ? kAnswerVisibility : attributes.visibility_timeout);
  if (wanted != attributes.visibility_timeout) {
    attributes.visibility_timeout = wanted;
    FACEPIPE_TRY(store.set_attributes(name, attributes));
  }
  return done ? Status{} : store.change_tags(name, {{std::string(kVisibilityTag), "set"}}, {});
}

Status ensure_queues(queue::QueueStore& store, const ServeOptions& options) {
  const std::string dead = std::string(kRequestQueue) + "-dead";
  queue::QueueAttributes dead_letters;
  dead_letters.retention = kDeadLetterRetention;
  FACEPIPE_TRY(ensure_queue(store, dead, dead_letters));
  FACEPIPE_TRY(set_retention(store, dead, options.retain_dead_letters));
  queue::QueueAttributes requests;
  requests.dead_letter_queue = dead;
  requests.max_receive_count = kMaxReceiveCount;
  FACEPIPE_TRY(ensure_queue(store, std::string(kRequestQueue), requests));
  FACEPIPE_TRY(ensure_queue(store, std::string(kAnswerQueue), {}));
  FACEPIPE_TRY(set_answer_visibility(store, options.answer_visibility));
  return set_retention(store, std::string(kAnswerQueue), options.retain_answers);
}

}  // namespace

Status Storage::start() {
  FACEPIPE_TRY(make_private_folder(ground_.options.data_dir).with_context("data folder"));
  const std::filesystem::path access_file = ground_.options.data_dir / access::kAccessFileName;
  // What writers that were killed left.
  remove_dead_temporaries(access_file);
  remove_dead_temporaries(ground_.options.gallery_file);
  remove_dead_temporaries(gallery::companion_file(ground_.options.gallery_file));
  FACEPIPE_ASSIGN(access_, access::LiveAccess::open(access_file, ground_.options.sqs_key, ground_.logger));
  run_token_ = access::new_token();
  access_->add_run_token(run_token_);
  FACEPIPE_TRY(check_exposure({.address = ground_.options.address, .insecure = ground_.options.insecure}, *access_,
                              ground_.logger));
  FACEPIPE_TRY(open_store());
  access::remove_run_file(ground_.options.data_dir);  // a killed one's: who has the store is alone here
  FACEPIPE_TRY(open_faces());
  return ensure_queues(*store_, ground_.options);
}

Status Storage::open_store() {
  queue::QueueStore::Options store;
  store.key = ground_.options.key;
  store.on_put_aside = [this](const std::string& queue, const std::string& message_id, const std::string& reason) {
    ground_.logger.warning("message_put_aside", {{"queue", std::string_view(queue)},
                                                 {"message_id", std::string_view(message_id)},
                                                 {"reason", std::string_view(reason)}});
  };
  FACEPIPE_ASSIGN(store_, queue::QueueStore::open(ground_.options.data_dir / queue::kQueueFile, store));
  return {};
}

Status Storage::open_faces() {
  if (!ground_.options.keep) {
    return {};
  }
  faces::SqliteFaceStore::Options store;
  store.key = ground_.options.key;
  store.retention = *ground_.options.keep;
  store.changeable_retention = ground_.options.keep_changeable;
  FACEPIPE_ASSIGN(faces_, faces::SqliteFaceStore::open(ground_.options.data_dir / faces::kFaceStoreFile, store));
  counts_.emplace(*faces_, ground_.metrics.registry);
  return {};
}

}  // namespace facepipe::serve
