// Tested by tests/e2e/test_people_kept.py.
#include "people_place.h"

#include <memory>

#include "base/file.h"
#include "base/json_writer.h"
#include "faces/store/sqlite_face_store.h"
#include "gallery/gallery.h"
#include "gallery/names.h"
#include "gallery/person_id.h"
#include "people/people_desk.h"

namespace facepipe::app {
namespace {

// The folder's own gallery: that of another file is nobody's but the command's.
bool is_folders_own(const GalleryOption& gallery) {
  return gallery.file.empty() || whole_path(gallery.file) == whole_path(gallery.data / gallery::kGalleryFile);
}

// `by_server` where one has the folder open, else `here`.
template <typename ByServer, typename Here>
Status change(const GalleryOption& option, const std::string& name, const ByServer& by_server, const Here& here) {
  FACEPIPE_ASSIGN(auto server, server_of(option));
  if (server) {
    FACEPIPE_ASSIGN(const gallery::PersonId person, id_of_person(option, name));
    return by_server(*server, "/api/people/" + gallery::to_string(person));
  }
  FACEPIPE_ASSIGN(const auto store, open_store(option, OfNone::kLeave));
  FACEPIPE_ASSIGN(auto file, gallery_file(option));
  people::PeopleDesk desk({.gallery = std::move(file), .store = store.get()});
  FACEPIPE_TRY(desk.reconcile());  // first: it may be what gave them this name
  FACEPIPE_ASSIGN(const gallery::PersonId person, id_of_person(option, name));
  return here(desk, person);
}

}  // namespace

Result<std::optional<ServerClient>> server_of(const GalleryOption& gallery) {
  if (!is_folders_own(gallery)) {
    return ServerClient::find(gallery.data, gallery.path());
  }
  FACEPIPE_ASSIGN(auto server, ServerClient::find(gallery.data));
  if (server && server->gallery() != whole_path(gallery.path())) {
    return Error{ErrorCode::kUnavailable, "the server that has " + gallery.data.string() + " open has the people of " +
                                              server->gallery().string() + ": --gallery names them"};
  }
  return server;
}

Result<people::GalleryFile> gallery_file(const GalleryOption& option) {
  FACEPIPE_ASSIGN(auto key, option.key.load());
  return people::GalleryFile(option.path(), std::move(key));
}

Result<gallery::PersonId> id_of_person(const GalleryOption& option, const std::string& name) {
  FACEPIPE_ASSIGN(const gallery::Gallery gallery, option.load());
  return gallery.id_of(name);
}

Result<std::unique_ptr<faces::FaceStore>> open_store(const GalleryOption& option, OfNone none) {
  const std::filesystem::path file = option.data / faces::kFaceStoreFile;
  std::error_code ignored;
  if (!is_folders_own(option) || (none == OfNone::kLeave && !std::filesystem::exists(file, ignored))) {
    return std::unique_ptr<faces::FaceStore>();
  }
  FACEPIPE_TRY(make_private_folder(option.data));
  faces::SqliteFaceStore::Options options;
  FACEPIPE_ASSIGN(options.key, option.key.load());
  options.patience = kStorePatience;
  // How long things are kept is the server's to say.
  options.retention = faces::keep_everything();
  FACEPIPE_ASSIGN(auto store, faces::SqliteFaceStore::open(file, options));
  return std::unique_ptr<faces::FaceStore>(std::move(store));
}

Status rename_person(const GalleryOption& gallery, const std::string& name, const std::string& new_name) {
  FACEPIPE_TRY(gallery::check_new_name(new_name));  // before it is JSON, which has no bytes that are no UTF-8
  return change(
      gallery, name,
      [&](ServerClient& server, const std::string& path) -> Status {
        FACEPIPE_TRY(server.call("PATCH", path, "{\"name\":" + json_quote(new_name) + "}"));
        return {};
      },
      [&](people::PeopleDesk& desk, gallery::PersonId person) -> Status {
        FACEPIPE_TRY(desk.rename(person, new_name, kCommandLine));
        return {};
      });
}

Status forget_rejected(const GalleryOption& gallery, const std::string& name) {
  return change(
      gallery, name,
      [](ServerClient& server, const std::string& path) -> Status {
        FACEPIPE_TRY(server.call("POST", path + "/forget-rejected"));
        return {};
      },
      [](people::PeopleDesk& desk, gallery::PersonId person) -> Status {
        FACEPIPE_TRY(desk.forget_rejected(person, kCommandLine));
        return {};
      });
}

Status import_gallery(const GalleryOption& option, gallery::Gallery imported) {
  FACEPIPE_ASSIGN(const auto server, server_of(option));
  std::unique_ptr<faces::FaceStore> store;
  if (!server) {
    FACEPIPE_ASSIGN(store, open_store(option, OfNone::kLeave));
  }
  FACEPIPE_ASSIGN(auto file, gallery_file(option));
  // Not reconciled before: the gallery that a change of before was for may be the one that somebody took away.
  people::PeopleDesk desk({.gallery = std::move(file), .store = store.get()});
  FACEPIPE_TRY(desk.import_gallery(std::move(imported), kCommandLine));
  return {};
}

Status erase_person(const GalleryOption& gallery, const std::string& name) {
  return change(
      gallery, name,
      [](ServerClient& server, const std::string& path) -> Status {
        FACEPIPE_TRY(server.call("POST", path + "/erase"));
        return {};
      },
      [](people::PeopleDesk& desk, gallery::PersonId person) -> Status {
        FACEPIPE_TRY(desk.erase(person, kCommandLine));
        return {};
      });
}

}  // namespace facepipe::app
