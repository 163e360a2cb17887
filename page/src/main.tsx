import { render } from "preact";
import "./style/base.css";
import "./style/parts.css";
import "./style/views.css";
import { followPeople, readPeople } from "./state/directory.ts";
import { startStream } from "./state/live.ts";
import { followQueue } from "./state/review_queue.ts";
import { followAddress } from "./state/route.ts";
import { openSession } from "./state/session.ts";
import { followDrops } from "./ui/drops.ts";
import { followKeys } from "./ui/keys.ts";
import { Shell } from "./ui/shell.tsx";
import { startClock } from "./ui/time.tsx";

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) return;
  followAddress();
  followKeys();
  followDrops();
  startClock();
  render(<Shell />, root);
  await openSession();
  // Where a token is asked for, what follows waits for it.
  followPeople();
  startStream();
  followQueue();
  await readPeople();
}

void start();
