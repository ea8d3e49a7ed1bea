/**
 * Times and durations of the contract as milliseconds, and back.
 *
 * @module
 */
import type { Duration, Timestamp } from "../schema/mod.ts";
import type { Checks } from "./checks.ts";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, between which google.protobuf.Timestamp is defined. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

export function timestamp(ms: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
}

/** Milliseconds since 1970; what is finer is cut off. */
export function checkTimestamp(checks: Checks, field: string, { seconds, nanos }: Timestamp): number {
  if (!(seconds >= FIRST_SECOND && seconds <= LAST_SECOND) || nanos < 0 || nanos > 999_999_999) {
    checks.add(field, "OUT_OF_RANGE", `${field} is not a time between the years 1 and 9999`);
    return 0;
  }
  return seconds * 1000 + Math.floor(nanos / 1_000_000);
}

const LEAST_PROGRESS_MS = 100;
const MOST_PROGRESS_MS = 3_600_000;

/** Milliseconds between 0.1 s and 1 h; undefined when absent. */
export function checkProgressInterval(checks: Checks, duration: Duration | null): number | undefined {
  if (!duration) return undefined;
  const ms = duration.seconds * 1000 + duration.nanos / 1_000_000;
  if (ms < LEAST_PROGRESS_MS || ms > MOST_PROGRESS_MS) {
    checks.add("progress_interval", "OUT_OF_RANGE", "progress_interval must be between 0.1 s and 1 h");
  }
  return ms;
}
