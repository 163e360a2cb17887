// Tested by tests/e2e/test_faces.py.
#include "kept.h"

#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "faces/ids.h"
#include "faces/store/sqlite_face_store.h"
#include "serve/api/filters.h"
#include "serve/api/records_json.h"
#include "server_client.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kPage = 500;

std::string path_of(Kept::Kind kind) {
  return kind == Kept::Kind::kFaces ? "/api/faces" : "/api/visits";
}

// The records of a page's "items". False: enough.
Result<bool> take_items(const JsonValue& items, const Kept::Take& take) {
  bool more = true;
  FACEPIPE_TRY(items.each_item([&](const JsonValue& record) -> Status {
    if (more) {
      FACEPIPE_ASSIGN(more, take(record));
    }
    return {};
  }));
  return more;
}

class ServersKept final : public Kept {
 public:
  explicit ServersKept(ServerClient client) : client_(std::move(client)) {}

  Status list(Kind kind, const std::string& query, const Take& take) override {
    const std::string first = path_of(kind) + "?limit=" + std::to_string(kPage) + (query.empty() ? "" : "&" + query);
    std::string target = first;
    while (!target.empty()) {
      FACEPIPE_ASSIGN(const JsonDocument page, client_.json("GET", target));
      FACEPIPE_ASSIGN(const bool more, take_items(page["items"], take));
      const auto next = page["next"].as_string();
      target = more && next ? first + "&cursor=" + std::string(*next) : "";
    }
    return {};
  }
  Result<std::string> show(Kind kind, const std::string& id) override {
    return client_.call("GET", path_of(kind) + "/" + id);
  }
  Result<std::string> face_image(const std::string& id) override {
    return client_.call("GET", "/api/faces/" + id + "/image");
  }

 private:
  ServerClient client_;
};

class StoresKept final : public Kept {
 public:
  explicit StoresKept(std::unique_ptr<faces::SqliteFaceStore> store) : store_(std::move(store)) {}

  Status list(Kind kind, const std::string& query, const Take& take) override {
    if (kind == Kind::kFaces) {
      FACEPIPE_ASSIGN(const serve::Values values, serve::read_query(serve::face_filter_fields(), "?" + query));
      const faces::FaceFilter filter = serve::face_filter(values);
      return list_pages([&](const faces::PageRequest& page) { return store_->faces(filter, page); }, take);
    }
    FACEPIPE_ASSIGN(const serve::Values values, serve::read_query(serve::visit_filter_fields(), "?" + query));
    const faces::VisitFilter filter = serve::visit_filter(values);
    return list_pages([&](const faces::PageRequest& page) { return store_->visits(filter, page); }, take);
  }
  Result<std::string> show(Kind kind, const std::string& id) override {
    JsonWriter json;
    if (kind == Kind::kFaces) {
      FACEPIPE_ASSIGN(const auto face, store_->face(faces::parse<faces::FaceId>(id).value_or(faces::FaceId{})));
      serve::write(json, face, nullptr);
    } else {
      FACEPIPE_ASSIGN(const auto visit, store_->visit(faces::parse<faces::VisitId>(id).value_or(faces::VisitId{})));
      serve::write(json, visit, nullptr);
    }
    return std::move(json).text();
  }
  Result<std::string> face_image(const std::string& id) override {
    FACEPIPE_ASSIGN(const auto crop, store_->face_crop(faces::parse<faces::FaceId>(id).value_or(faces::FaceId{})));
    return std::string(as_text(crop.picture));
  }

 private:
  template <typename Ask>
  static Status list_pages(const Ask& ask, const Take& take) {
    faces::PageRequest request{.limit = kPage, .after = {}};
    bool more = true;
    while (more) {
      FACEPIPE_ASSIGN(const auto page, ask(request));
      JsonWriter json;
      json.begin_object();
      serve::write_page(json, page, serve::NameOf());
      json.end_object();
      const std::string text = std::move(json).text();
      FACEPIPE_ASSIGN(const JsonDocument document, JsonDocument::parse_object(text, {}));
      FACEPIPE_ASSIGN(more, take_items(document["items"], take));
      more = more && page.next;
      request.after = page.next.value_or("");
    }
    return {};
  }

  std::unique_ptr<faces::SqliteFaceStore> store_;
};

}  // namespace

Result<std::unique_ptr<Kept>> Kept::open(const std::filesystem::path& data, const std::optional<SealingKey>& key) {
  FACEPIPE_ASSIGN(auto client, ServerClient::find(data));
  if (client) {
    return std::unique_ptr<Kept>(std::make_unique<ServersKept>(*std::move(client)));
  }
  const std::filesystem::path file = data / faces::kFaceStoreFile;
  if (version_of(file).error == ENOENT) {
    return Error{ErrorCode::kNotFound, "nothing is kept in " + data.string() + ": there is no faces.db"};
  }
  faces::SqliteFaceStore::Options options;
  options.key = key;
  options.patience = kStorePatience;
  // How long what is kept stays is the server's to say: looking at it takes nothing away.
  options.retention = faces::keep_everything();
  FACEPIPE_ASSIGN(auto store, faces::SqliteFaceStore::open(file, options));
  return std::unique_ptr<Kept>(std::make_unique<StoresKept>(std::move(store)));
}

}  // namespace facepipe::app
