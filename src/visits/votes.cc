// Tested by votes_test.cc.
#include "visits/votes.h"

#include <algorithm>
#include <utility>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "gallery/person_id.h"

namespace facepipe::visits {
namespace {

constexpr std::size_t kMaxJsonBytes = 65'536;
constexpr std::int64_t kMaxFaces = 1'000'000'000;

}  // namespace

const Candidate* Votes::find(faces::PersonId person) const {
  const auto found = std::ranges::find(candidates_, person, [](const Candidate& one) { return one.who.person; });
  return found == candidates_.end() ? nullptr : &*found;
}

void Votes::add(const Sighting& face, bool counts) {
  const auto person = counts ? face.decision.person : std::nullopt;
  recent_.push_back(person);
  if (recent_.size() > kRecent) {
    recent_.erase(recent_.begin());
  }
  if (person) {
    if (find(*person) == nullptr) {
      candidates_.push_back({{*person, face.decision.name}, 0, std::nullopt, 0});
    }
    Candidate& own = *std::ranges::find(candidates_, *person, [](const Candidate& one) { return one.who.person; });
    own.weight += std::max(vote_of(face), 1e-6F);
    own.faces += 1;
    if (face.decision.probability) {
      own.probability = std::max(own.probability.value_or(0), *face.decision.probability);
    }
    std::ranges::stable_sort(candidates_, std::greater(), &Candidate::weight);
    if (candidates_.size() > kMaxCandidates) {
      candidates_.pop_back();
    }
  }
  surely_named_ = is_surely_named(face) && person;
  decide();
}

// Called with each face: so a surely named one counts at once.
void Votes::decide() {
  const Candidate* const heaviest = first();
  if (heaviest == nullptr) {
    return;
  }
  const faces::PersonId person = heaviest->who.person;
  const auto agreeing = std::ranges::count(recent_, std::optional(person));
  const auto others = std::ranges::count_if(recent_, [&](const auto& one) { return one && one != person; });
  const bool newest = !recent_.empty() && recent_.back() == person;
  if (agreeing >= 2 || (newest && surely_named_ && others == 0)) {
    sure_ = person;
  }
}

const Candidate* Votes::first() const {
  return candidates_.empty() ? nullptr : candidates_.data();
}

const Candidate* Votes::second() const {
  return candidates_.size() < 2 ? nullptr : &candidates_[1];
}

const Candidate* Votes::sure() const {
  return sure_ ? find(*sure_) : nullptr;
}

std::optional<float> Votes::probability() const {
  const Candidate* const told = sure();
  if (told == nullptr || !told->probability) {
    return std::nullopt;
  }
  float all = 0;
  for (const Candidate& candidate : candidates_) {
    all += candidate.weight;
  }
  return *told->probability * told->weight / all;
}

std::vector<Named> Votes::people() const {
  std::vector<Named> people;
  people.reserve(candidates_.size());
  for (const Candidate& candidate : candidates_) {
    people.push_back(candidate.who);
  }
  return people;
}

void Votes::apply(const PersonChange& change) {
  const auto own = std::ranges::find(candidates_, change.person, [](const Candidate& one) { return one.who.person; });
  if (own == candidates_.end()) {
    return;
  }
  Candidate moved = *own;
  candidates_.erase(own);
  if (change.now) {
    moved.who = *change.now;
    if (const Candidate* const other = find(moved.who.person)) {
      moved.weight += other->weight;
      moved.faces += other->faces;
      moved.probability = std::max(moved.probability, other->probability);
      std::erase_if(candidates_, [&](const Candidate& one) { return one.who.person == moved.who.person; });
    }
    candidates_.push_back(std::move(moved));
    std::ranges::stable_sort(candidates_, std::greater(), &Candidate::weight);
  }
  const auto now = change.now ? std::optional(change.now->person) : std::nullopt;
  std::ranges::replace(recent_, std::optional(change.person), now);
  if (sure_ == change.person) {
    sure_ = now;
  }
}

bool name_visit(const Votes& votes, faces::VisitRecord& visit) {
  const Candidate* const told = votes.sure();
  if (told == nullptr || !visit.corrected_by.empty()) {
    return false;
  }
  const bool is_new = visit.person != told->who.person;
  visit.person = told->who.person;
  visit.name = told->who.name;
  visit.probability = votes.probability();
  visit.second_person.reset();
  visit.second_name.clear();
  for (const Candidate* const other : {votes.first(), votes.second()}) {
    if (other != nullptr && other->who.person != told->who.person && !visit.second_person) {
      visit.second_person = other->who.person;
      visit.second_name = other->who.name;
    }
  }
  visit.reasons.clear();
  if (visit.state == faces::VisitState::kStarted) {
    visit.state = faces::VisitState::kNamed;
  }
  return is_new;
}

std::string Votes::to_json() const {
  JsonWriter json;
  json.begin_object().key("candidates").begin_array();
  for (const Candidate& candidate : candidates_) {
    json.begin_object().key("person").string(gallery::to_string(candidate.who.person));
    json.key("name").string(candidate.who.name).key("weight").number(candidate.weight);
    json.key("faces").integer(candidate.faces);
    if (candidate.probability) {
      json.key("probability").number(*candidate.probability);
    }
    json.end_object();
  }
  json.end_array();
  if (sure_) {
    json.key("sure").string(gallery::to_string(*sure_));
  }
  json.end_object();
  return std::move(json).text();
}

Votes Votes::from_json(std::string_view text) {
  Votes votes;
  const auto document = JsonDocument::parse_object(text, {.max_bytes = kMaxJsonBytes});
  if (!document) {
    return votes;
  }
  const Status read = (*document)["candidates"].each_item([&votes](const JsonValue& item) -> Status {
    const auto person = gallery::parse_person_id(item["person"].as_string().value_or(""));
    const auto weight = item["weight"].as_number();
    FACEPIPE_ASSIGN(const std::int64_t faces, item["faces"].integer(0, kMaxFaces));
    if (!person || !weight || votes.candidates_.size() == kMaxCandidates) {
      return item.must_be("a candidate");
    }
    Candidate candidate{{*person, std::string(item["name"].as_string().value_or(""))},
                        static_cast<float>(*weight),
                        std::nullopt,
                        static_cast<int>(faces)};
    if (const auto probability = item["probability"].as_number()) {
      candidate.probability = static_cast<float>(*probability);
    }
    votes.candidates_.push_back(std::move(candidate));
    return {};
  });
  if (!read) {
    return {};
  }
  std::ranges::stable_sort(votes.candidates_, std::greater(), &Candidate::weight);
  votes.sure_ = gallery::parse_person_id((*document)["sure"].as_string().value_or(""));
  return votes;
}

}  // namespace facepipe::visits
