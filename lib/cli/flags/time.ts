/**
 * Points in time and durations, as people type them.
 *
 * @module
 */

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|[smhdw])/g;

/**
 * Reads `1.5s`, `500ms`, `2m`, `1h30m`, `3d`, `2w`.
 *
 * @returns Milliseconds, or undefined when it is none of these.
 */
export function durationMs(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = text.replace(/^[+-]/, "");
  if (!DURATION.test(unsigned)) return undefined;
  let total = 0;
  for (const [, amount, unit] of unsigned.matchAll(PART)) total += Number(amount) * UNITS_MS[unit!]!;
  return sign * total;
}

/** Milliseconds in the JSON form of google.protobuf.Duration: seconds with an `s`. */
export function durationJson(ms: number): string {
  return `${Number((ms / 1000).toFixed(6))}s`;
}

/**
 * Reads `now`, `+3d`, `-2h`, `2026-12-24` (midnight in UTC), `2026-12-24T08:30` (UTC) and RFC 3339.
 *
 * @param now What relative times count from.
 * @returns RFC 3339, or undefined when it is none of these or no such day.
 */
export function timestampJson(text: string, now: Date): string | undefined {
  if (text.toLowerCase() === "now") return now.toISOString();
  if (/^[+-]/.test(text)) {
    const offset = durationMs(text);
    const at = new Date(now.getTime() + (offset ?? NaN));
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
  }
  const match = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!match) return undefined;
  const [, day, minutes = "00:00", seconds = ":00", fraction = "", zone = "Z"] = match;
  const whole = new Date(`${day}T${minutes}${seconds}Z`);
  // Date takes the 31st of June for the 1st of July.
  if (Number.isNaN(whole.getTime()) || whole.toISOString().slice(0, 10) !== day) return undefined;
  return `${day}T${minutes}${seconds}${fraction}${zone.toUpperCase()}`;
}
