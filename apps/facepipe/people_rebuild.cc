// Tested by tests/e2e/test_people_rebuild.py.
#include "people_rebuild.h"

#include <optional>

#include "embed/embedder.h"
#include "people/people_desk.h"
#include "people_place.h"
#include "progress.h"
#include "recognize/cut_faces.h"
#include "recognize/naming.h"
#include "recognize/recognizer.h"

namespace facepipe::app {
namespace {

std::string number(std::size_t value) {
  return std::to_string(value);
}

std::string describe(const people::RebuildLoss& loss) {
  std::string text;
  if (loss.embeddings == loss.of) {
    text = "known no more: no picture is kept of any of the " + number(loss.of) + " embeddings";
  } else if (loss.embeddings > 0) {
    text = "no picture is kept of " + number(loss.embeddings) + " of " + number(loss.of) + " embeddings";
  }
  if (loss.rejected > 0) {
    text += (text.empty() ? "" : "; ") + number(loss.rejected) + " rejected pictures are lost";
  }
  return loss.name + ": " + text;
}

int tell(const people::Rebuilt& rebuilt, const RebuildSettings& settings, const std::string& pack) {
  for (const people::RebuildLoss& loss : rebuilt.losses) {
    complain(describe(loss));
  }
  const std::string made = number(rebuilt.people) + " people, " + number(rebuilt.embeddings) + " embeddings by " + pack;
  if (rebuilt.made) {
    print_line(made + "; " + number(rebuilt.faces) + " kept faces" +
               (rebuilt.faces_without > 0 ? ", " + number(rebuilt.faces_without) + " without an embedding" : ""));
    return kExitSuccess;
  }
  print_line("nothing was changed; it would be " + made);
  if (!rebuilt.losses.empty() && !settings.force) {
    complain("people or pictures would be lost: --force goes on without them");
    return kExitFailure;
  }
  return kExitSuccess;
}

}  // namespace

Result<int> rebuild_people(const RebuildSettings& settings) {
  FACEPIPE_ASSIGN(const auto server, server_of(settings.gallery));
  if (server) {
    return Error{ErrorCode::kUnavailable,
                 "a server has " + settings.gallery.data.string() + " open: stop it, and start it with the other pack"};
  }
  FACEPIPE_ASSIGN(const auto store, open_store(settings.gallery, OfNone::kLeave));
  if (!store) {
    return Error{ErrorCode::kNotFound, "no picture is kept beside " + settings.gallery.path().string() +
                                           ": a gallery is made anew from the pictures in its data folder's faces.db"};
  }
  FACEPIPE_ASSIGN(const model::ModelPack pack, model::ModelPack::open(settings.pack.folder()));
  FACEPIPE_ASSIGN(auto embedder, embed::load_embedder(pack));
  FACEPIPE_ASSIGN(const model::Preprocessing mode, choose_mode(settings.mode, pack.manifest()));
  FACEPIPE_ASSIGN(const auto by, recognize::FaceRecognizer::create(std::move(embedder), pack.manifest(),
                                                                   recognize::new_gallery(pack.manifest(), mode)));
  people::CurrentRecognizer cut_faces;
  if (const auto network = recognize::CutFaceNetwork::of(pack)) {
    cut_faces = [network] { return network->without_people(); };
  }
  FACEPIPE_ASSIGN(auto file, gallery_file(settings.gallery));
  people::PeopleDesk desk({.gallery = std::move(file),
                           .manifest = pack.manifest(),
                           .strangers = settings.strangers.share,
                           .cut_faces = cut_faces,
                           .store = store.get()});
  FACEPIPE_TRY(desk.reconcile());
  std::optional<ProgressBar> bar;
  people::RebuildOptions options{.force = settings.force, .trial = settings.trial, .progress = {}};
  options.progress = [&](std::size_t done, std::size_t total) {
    if (!bar) {
      bar.emplace("pictures", total);
    }
    bar->set(done);
  };
  const auto rebuilt = desk.rebuild(by, options, kCommandLine);
  bar.reset();
  return rebuilt ? Result<int>(tell(*rebuilt, settings, pack.manifest().name)) : rebuilt.error();
}

}  // namespace facepipe::app
