import { assertEquals } from "@std/assert";
import { durationJson, durationMs, timestampJson } from "../../../lib/cli/flags/time.ts";

const NOW = new Date("2026-05-04T08:30:00.000Z");

const TIMES: [string, string | undefined][] = [
  ["now", "2026-05-04T08:30:00.000Z"],
  ["2026-12-24", "2026-12-24T00:00:00Z"],
  ["2026-12-24T17:00", "2026-12-24T17:00:00Z"],
  ["2026-12-24 17:00", "2026-12-24T17:00:00Z"],
  ["2026-12-24T17:00:05.123456789Z", "2026-12-24T17:00:05.123456789Z"],
  ["2026-12-24T17:00:05+02:00", "2026-12-24T17:00:05+02:00"],
  ["2026-12-24t17:00:05z", "2026-12-24T17:00:05Z"],
  ["+3d", "2026-05-07T08:30:00.000Z"],
  ["-2h", "2026-05-04T06:30:00.000Z"],
  ["+1d12h", "2026-05-05T20:30:00.000Z"],
  ["+2w", "2026-05-18T08:30:00.000Z"],
  ["2024-02-29", "2024-02-29T00:00:00Z"],
  ["2026-02-29", undefined],
  ["2026-13-01", undefined],
  ["2026-12-24T25:00", undefined],
  ["+3", undefined],
  ["+999999999999w", undefined],
  ["3d", undefined],
  ["tomorrow", undefined],
  ["", undefined],
];

for (const [text, expected] of TIMES) {
  Deno.test(`the time '${text}' is ${expected ?? "refused"}`, () => assertEquals(timestampJson(text, NOW), expected));
}

const DURATIONS: [string, number | undefined][] = [
  ["1.5s", 1500],
  ["500ms", 500],
  ["2m", 120_000],
  ["1h30m", 5_400_000],
  ["-2h", -7_200_000],
  ["0s", 0],
  ["5", undefined],
  ["s", undefined],
  ["1.s", undefined],
  ["1h 30m", undefined],
];

for (const [text, expected] of DURATIONS) {
  Deno.test(`the duration '${text}' is ${expected ?? "refused"}`, () => assertEquals(durationMs(text), expected));
}

Deno.test("durations are written as JSON without rounding errors", () => {
  assertEquals(durationJson(100), "0.1s");
  assertEquals(durationJson(1500), "1.5s");
  assertEquals(durationJson(-7_200_000), "-7200s");
});
