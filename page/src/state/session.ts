// Who is signed in, and what they may do.
import { computed, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { onSignInNeeded, signedIn } from "../api/client.ts";
import type { Session } from "../api/types.ts";

export const session = signal<Session | null>(null);
export const signInWanted = signal(false);
// Why there is no session: the server does not answer.
export const sessionError = signal("");
export const mayManage = computed(() => session.value?.role === "manage");

export async function openSession(): Promise<void> {
  onSignInNeeded(() => {
    signInWanted.value = true;
  });
  try {
    const found = await calls.session();
    sessionError.value = "";
    if (found.role === "read" || found.role === "manage") session.value = found;
    else signInWanted.value = true;
  } catch (error) {
    sessionError.value = error instanceof Error ? error.message : String(error);
  }
}

// False: a token that may only send frames. Throws ApiError: 401 for a wrong token.
export async function signIn(token: string): Promise<boolean> {
  const found = await calls.signIn(token);
  if (found.role === "frames") {
    await calls.signOut();
    return false;
  }
  session.value = found;
  signInWanted.value = false;
  signedIn();
  return true;
}

export async function signOut(): Promise<void> {
  await calls.signOut();
  location.reload();
}
