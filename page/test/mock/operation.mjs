// The server as a whole, made up: settings, outputs, system. `mock.operation` holds what a test may change.
const hour = 3600;

export function makeOperation() {
  return {
    settings: {
      strangers: 0.001,
      min_quality: 0,
      threshold: 1.05,
      retention: {
        known: 168 * hour,
        unknown: 48 * hour,
        frames: 0,
        visits: 720 * hour,
        events: 168 * hour,
        changes: 8760 * hour,
        bytes: 10_737_418_240,
      },
      changeable: ["strangers", "min_quality", "known", "unknown", "frames", "visits", "events", "bytes"],
      mode: "aligned-112",
      model_id: "drawn",
      fixed: { keep: "faces", "keep-changes": "31536000s" },
    },
    outputs: ["webhook https://doorbell.example #0a1b2c3d"],
    dead: [
      {
        event: 3,
        key: "00112233445566778899aabbccddeeff",
        type: "visit.named",
        time: "2026-01-01T00:00:00Z",
        output: "webhook https://doorbell.example #0a1b2c3d",
        attempts: 20,
        error: "connection refused",
      },
    ],
    letters: ["the network failed: out of memory", "unreadable: damaged"].map((reason, index) => ({
      id: `letter-${index}`,
      sent: "2026-01-01T00:00:00Z",
      received: 5,
      reason,
      request_id: `frame-${index}`,
      camera: "garden",
      queue: "face-requests",
    })),
    receiver: { status: 204, delivered: true, error: null }, // of tests
  };
}

function system({ operation, data }) {
  const rate = { window_seconds: 60, count: 120, per_second: 2, p50_seconds: 0.118, p99_seconds: 0.42 };
  return {
    version: "0.1.0",
    started: "2026-01-01T00:00:00Z",
    uptime_seconds: 1,
    ready: true,
    people: data.people.length,
    subscribers: 1,
    frames: rate,
    answers: { ...rate, p50_seconds: 0.3, p99_seconds: 1.26 },
    queues: [
      { name: "face-requests", visible: 3, in_flight: 1, delayed: 0, oldest_seconds: 2 },
      { name: "face-answers", visible: 0, in_flight: 0, delayed: 0, oldest_seconds: null },
      { name: "face-requests-dead", visible: 2, in_flight: 0, delayed: 0, oldest_seconds: 900 },
    ],
    dead_letters: operation.letters.length,
    kept: {
      faces: 400,
      crops: 400,
      visits: data.visits.length,
      unknowns: 8,
      pictures: 10,
      frames: 0,
      events: 5,
      bytes: 123_456_789,
    },
    checks: [
      { name: "queues", ok: true, message: "" },
      { name: "space", ok: false, message: "2 GB left" },
    ],
  };
}

// Unknown faces get a name where more strangers may; poor ones lose theirs to a quality.
function preview({ operation, data }, change) {
  const faces = data.faces.slice(0, 500);
  const named = (face, settings) =>
    (face.person !== null || settings.strangers > 0.01) && face.quality >= settings.min_quality;
  const name = (face, settings) => (named(face, settings) ? (face.name ?? data.people[0]?.name) : null);
  const then = { ...operation.settings, ...change };
  const changed = faces
    .map((face) => ({
      face: face.id,
      image: face.image,
      before: name(face, operation.settings),
      after: name(face, then),
    }))
    .filter((face) => face.before !== face.after);
  const count = (settings) => faces.filter((face) => named(face, settings)).length;
  const zero = { faces: 0, records: 0, unknowns: 0, frames: 0, visits: 0, events: 0, changes: 0, bytes: 0 };
  const shorter = Object.entries(change.retention ?? {}).filter(
    ([kind, value]) =>
      (value ?? Number.POSITIVE_INFINITY) < (operation.settings.retention[kind] ?? Number.POSITIVE_INFINITY),
  );
  return {
    naming:
      "strangers" in change || "min_quality" in change
        ? {
            faces: faces.length,
            named_before: count(operation.settings),
            named_after: count(then),
            complete: true,
            changed,
          }
        : null,
    retention: change.retention ? (shorter.length > 0 ? { ...zero, faces: 123, bytes: 4_500_000 } : zero) : null,
  };
}

// [status, body] of a request that is for this part, else nothing.
export function operate(mock, method, [kind, one], body) {
  const { operation } = mock;
  switch (`${method} ${[kind, one].filter(Boolean).join("/")}`) {
    case "GET settings":
      return [200, operation.settings];
    case "PUT settings": {
      const { retention, ...rest } = body;
      operation.settings = {
        ...operation.settings,
        ...rest,
        retention: { ...operation.settings.retention, ...retention },
      };
      mock.emit("settings.changed");
      return [200, operation.settings];
    }
    case "POST settings/preview":
      return [200, preview(mock, body)];
    case "GET outputs":
      return [200, { outputs: operation.outputs, dead: operation.dead, next: null }];
    case "POST outputs/retry": {
      const before = operation.dead.length;
      operation.dead = operation.dead.filter((delivery) => delivery.output !== body.output);
      return [200, { deliveries: before - operation.dead.length }];
    }
    case "POST outputs/test":
      return [200, { id: "00112233445566778899aabbccddeeff", seconds: 0.012, ...operation.receiver }];
    case "GET system":
      return [200, system(mock)];
    case "GET system/dead-letters":
      return [200, { items: operation.letters, next: null }];
    case "POST system/redrive":
      return [200, { messages: operation.letters.splice(0).length }];
    default:
      return null;
  }
}
