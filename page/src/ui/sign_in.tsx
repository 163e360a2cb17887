import { useSignal } from "@preact/signals";
import { ApiError, describe } from "../api/client.ts";
import { signIn } from "../state/session.ts";
import { Dialog } from "./dialog.tsx";

export function SignIn() {
  const token = useSignal("");
  const error = useSignal("");
  const busy = useSignal(false);

  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    busy.value = true;
    try {
      if (!(await signIn(token.value.trim()))) error.value = "This token may only send frames.";
    } catch (problem) {
      const refused = problem instanceof ApiError && problem.status === 401;
      error.value = refused ? "This token is not valid here." : describe(problem);
    } finally {
      busy.value = false;
    }
  }

  return (
    <Dialog title="Sign in" onClose={() => {}} lasting>
      <form onSubmit={(event) => void enter(event)}>
        <label class="field">
          <span>Token</span>
          <input
            type="password"
            autoComplete="current-password"
            required
            value={token.value}
            aria-invalid={error.value !== ""}
            aria-describedby="sign-in-help"
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
        </label>
        <p class="quiet" id="sign-in-help">
          {error.value ? (
            <strong class="bad" role="alert">
              {error.value}
            </strong>
          ) : (
            <>
              <code>facepipe token new --role manage</code> on the server's machine makes one.
            </>
          )}
        </p>
        <footer class="dialog-foot">
          <button type="submit" class="button button-main" disabled={busy.value || !token.value.trim()}>
            Sign in
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
