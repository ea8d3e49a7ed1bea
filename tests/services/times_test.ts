import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Checks } from "../../lib/services/checks.ts";
import { checkProgressInterval, checkTimestamp, timestamp } from "../../lib/services/times.ts";

function read(seconds: number, nanos: number): [ms: number, problems: number] {
  const checks = new Checks();
  const ms = checkTimestamp(checks, "due_at", { seconds, nanos });
  return [ms, checks.descriptions.length];
}

Deno.test("a timestamp is milliseconds; what is finer is cut off, also before 1970", () => {
  const cases: [seconds: number, nanos: number, ms: number][] = [
    [0, 0, 0],
    [0, 999_999, 0],
    [0, 1_000_000, 1],
    [1, 999_999_999, 1999],
    [-1, 0, -1000],
    [-1, 999_999_999, -1],
    [-62_135_596_800, 0, Date.parse("0001-01-01T00:00:00Z")],
    [253_402_300_799, 999_999_999, Date.parse("9999-12-31T23:59:59.999Z")],
  ];
  for (const [seconds, nanos, ms] of cases) assertEquals(read(seconds, nanos), [ms, 0], `${seconds} ${nanos}`);
});

Deno.test("a time outside of the years 1 to 9999 or with odd nanos is refused", () => {
  for (
    const [seconds, nanos] of [
      [-62_135_596_801, 999_999_999],
      [253_402_300_800, 0],
      [Number.MAX_SAFE_INTEGER, 0],
      [0, -1],
      [0, 1_000_000_000],
    ] as const
  ) assertEquals(read(seconds, nanos), [0, 1], `${seconds} ${nanos}`);
});

Deno.test("every millisecond goes into a timestamp and back", () => {
  fc.assert(fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
    const { seconds, nanos } = timestamp(ms);
    assertEquals(nanos >= 0 && nanos <= 999_999_999, true);
    assertEquals(read(seconds, nanos), [ms, 0]);
  }));
});

Deno.test("a progress interval is from 0.1 s to 1 h, or absent", () => {
  const interval = (seconds: number, nanos: number) => {
    const checks = new Checks();
    return [checkProgressInterval(checks, { seconds, nanos }), checks.descriptions.length];
  };
  assertEquals(checkProgressInterval(new Checks(), null), undefined);
  assertEquals(interval(0, 100_000_000), [100, 0]);
  assertEquals(interval(3600, 0), [3_600_000, 0]);
  for (const [seconds, nanos] of [[0, 0], [0, 99_999_999], [3600, 1], [-1, 0], [1e12, 0]] as const) {
    assertEquals(interval(seconds, nanos)[1], 1, `${seconds} ${nanos}`);
  }
});
