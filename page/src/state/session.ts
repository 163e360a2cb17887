// Who is signed in, and what they may do.
import { computed, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { ApiError, onSignInNeeded, signedIn } from "../api/client.ts";
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
    session.value = await calls.session();
    sessionError.value = "";
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      signInWanted.value = true;
    } else {
      sessionError.value = error instanceof Error ? error.message : String(error);
    }
  }
}

// Throws ApiError: 401 for a wrong token.
export async function signIn(token: string): Promise<void> {
  session.value = await calls.signIn(token);
  signInWanted.value = false;
  signedIn();
}

export async function signOut(): Promise<void> {
  await calls.signOut();
  location.reload();
}
