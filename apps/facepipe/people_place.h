// Where the people commands change somebody who is there: by the server that has the data folder open, or on the folder
// itself, so that what is kept of people follows in both.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "faces/face_store.h"
#include "options.h"
#include "people/gallery_file.h"
#include "server_client.h"

namespace facepipe::app {

inline constexpr std::string_view kCommandLine = "command line";  // in the log of changes

// The server that has the folder open; nothing without one, and for a gallery that is neither that server's nor the
// folder's own. kUnavailable for the folder's own where the server has another.
[[nodiscard]] Result<std::optional<ServerClient>> server_of(const GalleryOption& gallery);
// What is kept in the folder, where no server has it open (another command is waited for); null for a gallery that is
// not the folder's own.
enum class OfNone { kLeave, kMake };  // where nothing is kept yet: null, or a new store
[[nodiscard]] Result<std::unique_ptr<faces::FaceStore>> open_store(const GalleryOption& gallery, OfNone none);
// kNotFound for nobody of that name, and without a gallery.
[[nodiscard]] Result<gallery::PersonId> id_of_person(const GalleryOption& gallery, const std::string& name);

[[nodiscard]] Result<people::GalleryFile> gallery_file(const GalleryOption& gallery);

// kNotFound for nobody of that name; the server's and the desk's errors.
[[nodiscard]] Status rename_person(const GalleryOption& gallery, const std::string& name, const std::string& new_name);
[[nodiscard]] Status forget_rejected(const GalleryOption& gallery, const std::string& name);
// With all that is kept of them.
[[nodiscard]] Status erase_person(const GalleryOption& gallery, const std::string& name);

// PeopleDesk::import_gallery. While a server has the folder open, the gallery alone: it is not in the log.
[[nodiscard]] Status import_gallery(const GalleryOption& gallery, gallery::Gallery imported);

}  // namespace facepipe::app
