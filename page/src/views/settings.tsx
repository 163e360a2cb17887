// How sure a name has to be, for how long what is kept, and where events go.
import * as calls from "../api/calls.ts";
import { tellError } from "../state/messages.ts";
import { useResource } from "../state/resource.ts";
import { session, signOut } from "../state/session.ts";
import { Failed, Skeleton, Title } from "../ui/parts.tsx";
import { Kept } from "./settings_kept.tsx";
import { Naming } from "./settings_naming.tsx";
import { Outputs } from "./settings_outputs.tsx";

export function SettingsView() {
  const settings = useResource(calls.settings, [], ["settings.", "change."]);
  const shown = settings.value.value;
  return (
    <>
      <Title text="Settings">
        {session.value?.sign_in_needed && (
          <button type="button" class="button" onClick={() => void signOut().catch(tellError)}>
            Sign out
          </button>
        )}
      </Title>
      {settings.error.value && !shown && <Failed error={settings.error.value} retry={settings.reload} />}
      {!shown && !settings.error.value && <Skeleton count={4} shape="row" />}
      {shown && <Naming settings={shown} onSaved={settings.reload} />}
      {shown && <Kept settings={shown} onSaved={settings.reload} />}
      <Outputs />
    </>
  );
}
