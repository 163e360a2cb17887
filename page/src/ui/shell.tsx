// The frame around every view: where one can go, whether it is live, what is asked and told.
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { stream } from "../state/live.ts";
import { undoLast } from "../state/messages.ts";
import { reviewCount } from "../state/review_queue.ts";
import { linkTo, route } from "../state/route.ts";
import { session, sessionError, signInWanted } from "../state/session.ts";
import { NowView } from "../views/now.tsx";
import { PeopleView } from "../views/people.tsx";
import { PersonView } from "../views/person.tsx";
import { ReviewView } from "../views/review.tsx";
import { SettingsView } from "../views/settings.tsx";
import { SystemView } from "../views/system.tsx";
import { VisitsView } from "../views/visits.tsx";
import { Asked } from "./ask.tsx";
import { Help } from "./help.tsx";
import { Icon, type IconName } from "./icons.tsx";
import { helpWanted, useKeys } from "./keys.ts";
import { Empty, Failed } from "./parts.tsx";
import { SignIn } from "./sign_in.tsx";
import { Toasts } from "./toasts.tsx";

const places: { view: string; icon: IconName; name: string; shows: ComponentType }[] = [
  { view: "now", icon: "now", name: "Now", shows: NowView },
  { view: "review", icon: "review", name: "Review", shows: ReviewView },
  { view: "people", icon: "people", name: "People", shows: PeopleView },
  { view: "visits", icon: "visits", name: "Visits", shows: VisitsView },
  { view: "settings", icon: "settings", name: "Settings", shows: SettingsView },
  { view: "system", icon: "system", name: "System", shows: SystemView },
];

function Navigation() {
  const { view } = route.value;
  const waiting = reviewCount.value;
  return (
    <nav class="nav" aria-label="Views">
      <span class="nav-name">facepipe</span>
      {places.map((place) => (
        <a
          key={place.view}
          class="nav-link"
          href={linkTo(place.view)}
          aria-current={view === place.view || (view === "person" && place.view === "people") ? "page" : undefined}
        >
          <Icon name={place.icon} />
          <span>{place.name}</span>
          {place.view === "review" && waiting > 0 && (
            <span class="nav-badge">
              {waiting > 99 ? "99+" : waiting}
              <span class="hidden"> to look at</span>
            </span>
          )}
        </a>
      ))}
      <span class={`nav-live nav-state-${stream.value}`}>{stream.value === "live" ? "Live" : "Not live"}</span>
    </nav>
  );
}

function Current() {
  const { view } = route.value;
  if (view === "person") return <PersonView key={route.value.id} />;
  const place = places.find((one) => one.view === view);
  if (place) return <place.shows />;
  return (
    <Empty icon="warning" title="There is no such view">
      <a href={linkTo("now")}>To what is now</a>
    </Empty>
  );
}

// Moves the focus to the heading of a view that was gone to, so that a screen reader begins there.
function useFocusOnView(): void {
  const seen = useRef("");
  const { view, id } = route.value;
  useEffect(() => {
    const place = `${view}/${id}`;
    if (seen.current && seen.current !== place) {
      scrollTo({ top: 0 });
      document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    }
    seen.current = place;
    if (!document.querySelector("main h1")) document.title = "facepipe";
  }, [view, id]);
}

export function Shell() {
  useFocusOnView();
  useKeys("Everywhere", [
    { key: "u", says: "take back the last change", run: () => void undoLast() },
    {
      key: "?",
      says: "show this help",
      run: () => {
        helpWanted.value = true;
      },
    },
  ]);
  const waits = session.value === null && !sessionError.value;
  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>("main h1")?.focus();
        }}
      >
        To the content
      </a>
      <Navigation />
      <main id="content" class="main" aria-busy={waits}>
        {stream.value === "lost" && session.value && (
          <p class="banner" role="status">
            The connection is lost. Trying again…
          </p>
        )}
        {sessionError.value && <Failed error={sessionError.value} retry={() => location.reload()} />}
        {session.value && <Current />}
        {waits && <h1 class="hidden">facepipe</h1>}
      </main>
      <Toasts />
      <Asked />
      {helpWanted.value && <Help />}
      {signInWanted.value && <SignIn />}
    </>
  );
}
