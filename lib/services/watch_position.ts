import type { Call } from "../rpc/mod.ts";
import type { Duration } from "../schema/mod.ts";
import type { Store } from "../store/mod.ts";
import type { Checks } from "./checks.ts";
import { checkProgressInterval } from "./times.ts";

/**
 * Tells in the response headers, as `steward-revision`, from where to resume should the stream break before its first
 * message. Read before the watch begins, so that nothing lies between.
 */
export function announcePosition(
  call: Call,
  store: Store,
  from: { since: number | undefined; snapshot: boolean },
): void {
  // A snapshot that breaks has to begin anew.
  if (!from.snapshot) call.headers.add("steward-revision", String(from.since ?? store.status().revision));
}

/** From where a watch starts, in the fields that every watch request has. */
export function checkWatchPosition(
  checks: Checks,
  { since_revision, snapshot, progress_interval }: {
    readonly since_revision: number | null;
    readonly snapshot: boolean;
    readonly progress_interval: Duration | null;
  },
) {
  if (since_revision !== null && since_revision < 0) {
    checks.add("since_revision", "OUT_OF_RANGE", `since_revision must not be negative, not ${since_revision}`);
  }
  if (snapshot && since_revision) {
    checks.add("snapshot", "CONFLICT", "snapshot and since_revision exclude each other");
  }
  const progressMs = checkProgressInterval(checks, progress_interval);
  return { since: snapshot ? undefined : since_revision ?? undefined, snapshot, progressMs };
}
