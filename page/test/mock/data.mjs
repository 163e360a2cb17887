// A data folder's worth of records, as the API tells them, made up and the same every time.
import { idOf, random } from "./random.mjs";

const first = [
  "Ada",
  "Björn",
  "Chidi",
  "Dana",
  "Emeka",
  "Femi",
  "Greta",
  "Hana",
  "Ivo",
  "Jun",
  "Kaito",
  "Lene",
  "Mina",
  "Noor",
  "Otto",
  "Pia",
  "Quinn",
  "Rosa",
  "Sven",
  "Tala",
];
const last = [
  "Abel",
  "Brandt",
  "Costa",
  "Duarte",
  "Ek",
  "Fischer",
  "Gomez",
  "Haddad",
  "Ito",
  "Jansen",
  "Keller",
  "Lund",
  "Moreau",
  "Novak",
  "Okafor",
  "Peters",
  "Quist",
  "Ricci",
  "Sato",
  "Tanaka",
];
const cameras = ["front door", "garden", "garage"];
const kinds = { person: 1, picture: 2, face: 3, visit: 4, unknown: 5 };

export const id = (kind, index) => idOf(kinds[kind], index);
export const indexOf = (text) => Number.parseInt(text.slice(-6), 16);

export function makePerson(index, name, at) {
  return {
    id: id("person", index),
    name,
    pictures: 1 + (index % 6),
    rejected: 0,
    last_seen: at,
    cover: id("picture", index * 10),
    image: `/api/pictures/${id("picture", index * 10)}/image`,
  };
}

export function makeFace(
  index,
  { camera, time, person = null, second = null, probability = null, unknown = null, visit = null, reasons = [] },
) {
  return {
    id: id("face", index),
    request_id: `frame-${index}`,
    index: 0,
    count: 1,
    camera,
    time,
    box: { x1: 270, y1: 220, x2: 360, y2: 330 },
    confidence: 0.99,
    quality: reasons.length ? 0.4 : 0.9,
    usable: true,
    reasons,
    person: person?.id ?? null,
    name: person?.name ?? null,
    decision: {
      person: person?.id ?? null,
      name: person?.name ?? "unknown",
      distance: 0.8,
      threshold: 1.05,
      probability,
      second_person: second?.id ?? null,
      second_name: second?.name ?? "",
      second_distance: second ? 1 : null,
      second_probability: second ? 1 - probability - 0.02 : null,
    },
    visit,
    unknown,
    mark: "none",
    marked_person: null,
    image: `/api/faces/${id("face", index)}/image`,
  };
}

export function makeVisit(
  index,
  { camera, from, to, person = null, unknown = null, face, state = "ended", probability = null },
) {
  return {
    id: id("visit", index),
    camera,
    state,
    person: person?.id ?? null,
    name: person?.name ?? null,
    unknown,
    probability,
    second_person: null,
    second_name: "",
    first_seen: from,
    last_seen: to,
    frames: 12,
    best_face: face,
    image: face ? `/api/faces/${face}/image` : null,
    reasons: [],
    corrected_by: "",
  };
}

// `who` of a face: which drawn person is on it.
export function makeData({ people = 2000, visits = 10_000, unknowns = 8, doubtful = 4, now = Date.now() } = {}) {
  const next = random(2026);
  const at = (minutes) => new Date(now - minutes * 60_000).toISOString();
  const data = {
    people: [],
    faces: [],
    visits: [],
    unknowns: [],
    cameras: people || visits ? cameras : [],
    who: new Map(),
  };
  const addFace = (who, fields) => {
    const face = makeFace(data.faces.length + 1, fields);
    data.who.set(face.id, who);
    data.faces.push(face);
    return face;
  };
  for (let index = 0; index < people; index += 1) {
    const turn = Math.floor(index / (first.length * last.length));
    const name = `${first[index % 20]} ${last[Math.floor(index / 20) % 20]}${turn ? ` ${turn + 1}` : ""}`;
    data.people.push(makePerson(index, name, index % 5 === 4 ? null : at(Math.floor(next() * 20_000))));
  }
  const some = () => data.people[Math.floor(next() ** 3 * data.people.length)];
  for (let group = 0; group < unknowns; group += 1) {
    const faces = [];
    const unknown = id("unknown", group);
    for (let index = 0; index < 3 + (group % 5); index += 1) {
      faces.push(addFace(9000 + group, { camera: cameras[group % 3], time: at(30 * group + index + 4), unknown }));
    }
    data.unknowns.push({
      id: unknown,
      faces: faces.length,
      visits: 1 + (group % 3),
      first_seen: at(30 * group + 60),
      last_seen: at(30 * group + 4),
      best_face: faces[0].id,
      image: faces[0].image,
      ignored: false,
    });
  }
  for (let index = 0; index < doubtful && data.people.length > 1; index += 1) {
    const person = data.people[index];
    addFace(index, {
      camera: cameras[index % 3],
      time: at(index * 7),
      person,
      second: data.people[index + 1],
      probability: 0.62,
      reasons: index % 2 ? ["blurred"] : [],
    });
  }
  for (let index = 0; index < visits; index += 1) {
    const known = next() > 0.2 && data.people.length > 0;
    const person = known ? some() : null;
    const stranger = known ? null : id("unknown", index % Math.max(1, unknowns));
    const ends = index * 3 + next() * 2;
    const time = at(ends);
    const camera = cameras[index % 3];
    const face =
      index < 400
        ? addFace(person ? indexOf(person.id) : 9000 + (index % 8), {
            camera,
            time,
            person,
            probability: person ? 0.98 : null,
            unknown: stranger,
            visit: id("visit", visits - index),
          })
        : null;
    data.visits.push(
      makeVisit(visits - index, {
        camera,
        from: at(ends + 1 + next() * 4),
        to: time,
        person,
        unknown: stranger,
        face: face?.id ?? null,
        state: index < 4 ? (person ? "named" : "started") : "ended",
        probability: person ? 0.98 : null,
      }),
    );
  }
  for (const group of data.unknowns) group.faces = data.faces.filter((face) => face.unknown === group.id).length;
  data.faces.sort((a, b) => b.time.localeCompare(a.time));
  return data;
}
