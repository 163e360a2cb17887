// A server with the page and the API's shapes over made-up records: for volume, and for what a real one does seldom.
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { id, indexOf, makeData, makePerson, makeVisit } from "./data.mjs";
import { drawnFace, drawnFrame, frameBoxes, frameSize } from "./faces.mjs";
import { makeOperation, operate } from "./operation.mjs";

// The header that the server sends: a test of the real one compares.
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const types = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  html: "text/html; charset=utf-8",
};

// Listens on loopback. `assets`: a folder that build.mjs has filled. `token`: sign-in is wanted.
export async function startMock({ assets, token = null, role = "manage", port = 0, ...volume }) {
  const data = makeData(volume);
  const mock = {
    data,
    sent: [],
    streams: new Set(),
    session: 0,
    requests: [],
    changes: [],
    operation: makeOperation(),
    refuse: () => null, // what a test has answered to "METHOD /path?query" in place of what is true: [status, body]
  };
  const holds = [];
  // Holds the answer to the next request of this kind back, as it is when it is asked for: `asked` once it is, `answer()` lets
  // it go, `gone` once it went.
  mock.hold = (pattern) => {
    const [[asked, tellAsked], [held, answer], [gone, tellGone]] = [0, 1, 2].map(() => {
      let resolve;
      const promise = new Promise((done) => {
        resolve = done;
      });
      return [promise, resolve];
    });
    holds.push({ pattern, asked: tellAsked, held, gone: tellGone });
    return { asked, answer, gone };
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => send(response, 500, { error: String(error) }));
  });

  async function send(response, status, body, headers = {}) {
    const text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const { hold } = response;
    hold?.asked();
    await hold?.held;
    if (response.writableEnded) return;
    response.on("finish", () => hold?.gone());
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
    response.end(text);
  }
  mock.emit = (type, fields = {}) => {
    const event = { id: mock.sent.length + 1, type, fields };
    mock.sent.push(event);
    for (const stream of mock.streams) stream.write(textOf(event));
  };
  const textOf = (event) => `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.fields)}\n\n`;
  mock.expire = () => {
    mock.session += 1;
    for (const stream of mock.streams) stream.end();
  };
  mock.visit = (fields = {}) => {
    const time = new Date().toISOString();
    const visit = makeVisit(100_000 + mock.sent.length, {
      camera: "front door",
      from: time,
      to: time,
      state: "started",
      face: data.faces[0]?.id ?? null,
      ...fields,
    });
    data.visits.unshift(visit);
    mock.emit("visit.started", { data: { visit: { id: visit.id } } });
    return visit;
  };

  const page = (items, query) => {
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
  };
  // Does `apply`, notes how to undo it, tells of it.
  function change(type, apply, back, more = {}) {
    apply();
    const entry = {
      id: mock.changes.length + 1,
      time: new Date().toISOString(),
      who: "page",
      action: type,
      person: null,
      name: "",
      faces: 1,
      pictures: 0,
      undoable: true,
      undone_by: null,
    };
    mock.changes.push({ entry, back });
    mock.emit(type);
    return { change: entry.id, undoable: true, ...more };
  }
  function whom(body) {
    const known = data.people.find((person) => person.id === body.person || person.name === body.name);
    if (known) return { person: known, fresh: false };
    const person = makePerson(data.people.length + 5000, body.name, new Date().toISOString());
    return { person: { ...person, pictures: 1 }, fresh: true };
  }
  function assign(list, thing, body) {
    const { person, fresh } = whom(body);
    const before = { ...thing };
    const isGroup = list === data.unknowns;
    const at = list.indexOf(thing);
    const tell = () => list === data.visits && mock.emit("visit.corrected", { data: { visit: thing.id } });
    return change(
      fresh ? "person.added" : "face.assigned",
      () => {
        if (fresh) data.people.push(person);
        if (isGroup) list.splice(at, 1);
        else Object.assign(thing, { person: person.id, name: person.name, mark: "assigned", corrected_by: "page" });
        tell();
      },
      () => {
        if (fresh) data.people.splice(data.people.indexOf(person), 1);
        if (isGroup) list.splice(at, 0, before);
        else Object.assign(thing, before);
        tell();
      },
      { person: person.id, name: person.name, is_new: fresh },
    );
  }
  const marking = (_list, thing, fields, type) => {
    const before = { ...thing };
    return change(
      type,
      () => Object.assign(thing, fields),
      () => Object.assign(thing, before),
    );
  };

  const lists = { faces: data.faces, visits: data.visits, unknowns: data.unknowns, people: data.people };
  const matches = (query, names) => (item) =>
    names.every((name) => {
      const wanted = query.get(name);
      if (wanted === null) return true;
      if (name === "known") return (item.person !== null) === (wanted === "true");
      if (name === "open") return (item.state !== "ended") === (wanted === "true");
      return item[name] === wanted;
    });

  async function handle(request, response) {
    const url = new URL(request.url, "http://mock");
    const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
    mock.requests.push(`${request.method} ${url.pathname}`);
    const asked = `${request.method} ${url.pathname}${url.search}`;
    const hold = holds.findIndex((one) => one.pattern.test(asked));
    if (hold >= 0) [response.hold] = holds.splice(hold, 1);
    if (parts[0] !== "api" && parts[0] !== "metrics") return sendAsset(request, response, url.pathname);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const refused = mock.refuse(asked);
    if (refused) return send(response, ...refused);
    const text = Buffer.concat(chunks).toString();
    const isJson = request.headers["content-type"]?.startsWith("application/json");
    const body = isJson && text ? JSON.parse(text) : {};
    const signedIn = token === null || (request.headers.cookie ?? "").includes(`facepipe_session=${mock.session}`);
    if (parts[1] === "session") return session(request, response, body, signedIn);
    if (!signedIn) return send(response, 401, { error: "expected a token" });
    if (parts[0] === "metrics")
      return send(response, 200, `facepipe_frames_accepted_total ${mock.requests.length}\n`, {
        "content-type": "text/plain",
      });
    const operated = operate(mock, request.method, parts.slice(1), body);
    if (operated) return send(response, ...operated);
    if (request.method === "GET") return question(response, url, parts.slice(1), request);
    return changes(response, parts.slice(1), request.method, body, text);
  }

  function session(request, response, body, signedIn) {
    const who = (role) => ({ sign_in_needed: token !== null, role, name: role ? "page" : "" });
    if (request.method === "GET") return send(response, 200, who(signedIn ? role : null));
    if (request.method === "DELETE") return send(response, 204, "");
    if (body.token !== token) return send(response, 401, { error: "no such token" });
    return send(response, 200, who("manage"), {
      "set-cookie": `facepipe_session=${mock.session}; HttpOnly; SameSite=Strict`,
    });
  }

  function question(response, url, [kind, one, what], request) {
    const query = url.searchParams;
    const svg = (drawn) =>
      send(response, 200, drawn, { "content-type": "image/svg+xml", "cache-control": "private, max-age=1000" });
    if (kind === "events") return subscribe(request, response);
    if (what === "image" && kind === "faces") return svg(drawnFace(data.who.get(one) ?? 1, indexOf(one)));
    if (what === "image" && kind === "pictures")
      return svg(drawnFace(Math.floor(indexOf(one) / 10), indexOf(one) % 10));
    if (what === "image" && kind === "frames") return send(response, 404, { error: "frames are not kept" });
    if (kind === "cameras" && what === "frame")
      return svg(drawnFrame(inFrame(one).map((face) => data.who.get(face.id) ?? 1)));
    if (kind === "cameras" && one) return camera(response, one);
    if (kind === "cameras")
      return send(response, 200, {
        items: data.cameras.map((name) => ({ name, frame: `/api/cameras/${encodeURIComponent(name)}/frame` })),
      });
    if (kind === "people" && what === "pictures") {
      const items = Array.from({ length: 4 }, (_, index) => {
        const picture = id("picture", indexOf(one) * 10 + index);
        return {
          id: picture,
          person: one,
          kept: true,
          time: "2026-01-01T00:00:00Z",
          source: `${index}.jpg`,
          face: null,
          quality: 0.5 + index / 10,
          reasons: [],
          image: `/api/pictures/${picture}/image`,
          likeness: 0.4 + index / 10,
          doubt: index === 0 && indexOf(one) % 3 === 0 ? "resembles" : null,
          other: index === 0 && indexOf(one) % 3 === 0 ? id("person", indexOf(one) + 1) : null,
          other_name: index === 0 && indexOf(one) % 3 === 0 ? (data.people[indexOf(one) + 1]?.name ?? "") : "",
        };
      });
      return send(response, 200, { items, next: null });
    }
    if (kind === "people" && !one) {
      const found = page(data.people, query);
      const health = (person) => ({ ...person, doubtful: indexOf(person.id) % 3 === 0 ? 1 : 0 });
      const items = query.get("health") === "true" ? found.items.map(health) : found.items;
      return send(response, 200, { ...found, items, threshold: 1.05 });
    }
    if (lists[kind] && one) {
      const found = lists[kind].find((item) => item.id === one);
      return found ? send(response, 200, found) : send(response, 404, { error: "there is no such thing" });
    }
    if (kind === "faces")
      return send(
        response,
        200,
        page(data.faces.filter(matches(query, ["camera", "person", "known", "mark", "visit", "unknown"])), query),
      );
    if (kind === "visits")
      return send(
        response,
        200,
        page(data.visits.filter(matches(query, ["camera", "person", "known", "unknown", "open"])), query),
      );
    if (kind === "unknowns")
      return send(
        response,
        200,
        page(
          data.unknowns.filter((unknown) => !unknown.ignored),
          query,
        ),
      );
    if (kind === "changes") return send(response, 200, page(mock.changes.map((one) => one.entry).reverse(), query));
    return send(response, 404, { error: "no such path" });
  }

  // The newest face of the camera, and the newest one of somebody else.
  function inFrame(name) {
    const faces = data.faces.filter((face) => face.camera === name);
    const other = faces.find((face) => data.who.get(face.id) !== data.who.get(faces[0].id));
    return [faces[0], other].filter(Boolean);
  }

  function camera(response, name) {
    const shown = inFrame(name);
    const newest = shown[0];
    if (!newest) return send(response, 200, { name, frame: `/api/cameras/${name}/frame`, last: null });
    return send(response, 200, {
      name,
      frame: `/api/cameras/${encodeURIComponent(name)}/frame`,
      last: {
        request_id: newest.request_id,
        time: newest.time,
        ...frameSize,
        image: `/api/cameras/${encodeURIComponent(name)}/frame?time=${encodeURIComponent(newest.time)}`,
        complete: true,
        faces: shown.map((face, index) => ({ ...face, box: frameBoxes[index] })),
      },
    });
  }

  function subscribe(request, response) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const seen = request.headers["last-event-id"];
    response.write(": hello\n\n");
    if (seen !== undefined) for (const event of mock.sent.slice(Number(seen))) response.write(textOf(event));
    mock.streams.add(response);
    response.on("close", () => mock.streams.delete(response));
  }

  function changes(response, [kind, one, what], method, body, text) {
    if (kind === "undo") {
      const found = mock.changes[body.change - 1];
      if (!found || found.entry.undone_by) return send(response, 422, { error: "it was taken back already" });
      found.back();
      found.entry.undone_by = mock.changes.length + 1;
      return send(
        response,
        200,
        change(
          "change.undone",
          () => {},
          () => {},
        ),
      );
    }
    if (kind === "search") {
      const nearest = data.people
        .slice(0, 3)
        .map((person) => ({ person: person.id, name: person.name, distance: 1.1 }));
      const face = {
        box: { x1: 30, y1: 20, x2: 120, y2: 130 },
        confidence: 0.99,
        quality: { score: 0.9, usable: true, reasons: [] },
        person: null,
        name: null,
        distance: 1.1,
        probability: null,
        nearest,
      };
      return send(response, 200, { width: 160, height: 160, threshold: 1.05, incomplete: false, faces: [face] });
    }
    if (kind === "people" && (!one || what === "pictures")) {
      const name = /name="name"\r\n\r\n([^\r]*)/.exec(text)?.[1] ?? "";
      if (!one && data.people.some((person) => person.name === name))
        return send(response, 409, { error: "there is somebody of that name already" });
      const { person, fresh } = whom(one ? { person: one } : { name });
      const done = change(
        "person.added",
        () => fresh && data.people.push(person),
        () => fresh && data.people.splice(data.people.indexOf(person), 1),
      );
      return send(response, 201, { ...done, person: person.id, name: person.name, is_new: fresh, pictures: [] });
    }
    const list = lists[kind];
    const thing = list?.find((item) => item.id === one);
    if (!thing) return send(response, 404, { error: "there is no such thing" });
    if (what === "enrol")
      return send(response, 201, {
        ...change(
          "picture.added",
          () => {},
          () => {},
        ),
        person: body.person,
        name: "",
        is_new: false,
        pictures: [],
      });
    if (what === "assign") return send(response, 200, assign(list, thing, body));
    if (what === "ignore")
      return send(
        response,
        200,
        marking(
          list,
          thing,
          kind === "unknowns" ? { ignored: true } : { mark: "ignored", person: null },
          "unknown.changed",
        ),
      );
    if (what === "reject")
      return send(response, 200, marking(list, thing, { mark: "rejected", person: null, name: null }, "face.rejected"));
    if (what === "not-a-face")
      return send(response, 200, marking(list, thing, { mark: "not-a-face", person: null }, "face.changed"));
    const without = (after) => {
      const at = list.indexOf(thing);
      return change(
        after,
        () => list.splice(at, 1),
        () => list.splice(at, 0, thing),
      );
    };
    if (kind === "people" && what === "merge") return send(response, 200, without("person.merged"));
    if (kind === "people" && what === "erase") {
      list.splice(list.indexOf(thing), 1);
      return send(response, 200, { records: 7 });
    }
    if (kind === "people" && method === "DELETE") return send(response, 200, without("person.removed"));
    if (kind === "people" && method === "PATCH")
      return send(response, 200, marking(list, thing, { name: body.name }, "person.renamed"));
    return send(response, 404, { error: "no such path" });
  }

  const files = new Map(readdirSync(assets).map((name) => [name, readFileSync(join(assets, name))]));
  function sendAsset(request, response, path) {
    const name = path === "/" ? "index.html" : path.replace("/assets/", "");
    if (!files.has(name)) return send(response, 404, "none", { "content-type": "text/plain" });
    const brotli = (request.headers["accept-encoding"] ?? "").includes("br");
    return send(response, 200, files.get(brotli ? `${name}.br` : name), {
      "content-type": types[name.split(".").at(-1)],
      ...(brotli ? { "content-encoding": "br" } : {}),
      ...(name === "index.html"
        ? { "content-security-policy": policy }
        : { "cache-control": "public, max-age=31536000, immutable" }),
    });
  }

  // As if it were not there, until what this gives is called. It keeps its port, which somebody else may take meanwhile.
  mock.leave = () => {
    const refuse = (socket) => socket.destroy();
    server.on("connection", refuse);
    server.closeAllConnections();
    return () => server.off("connection", refuse);
  };

  server.unref();
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  mock.url = `http://127.0.0.1:${server.address().port}/`;
  mock.stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return mock;
}
