/**
 * The figures of the bench: what is computed from what was measured.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { Load, Sample } from "../../bench/bench.ts";
import { parseH2load } from "../../bench/h2load.ts";
import { summarize, table } from "../../bench/report.ts";
import { median, percentile } from "../../bench/statistics.ts";

Deno.test("the median of an even number of values lies between the two in the middle", () => {
  assertEquals(median([9, 1, 4]), 4);
  assertEquals(median([4, 1, 10, 2]), 3);
});

Deno.test("the 99th percentile is the value that 99 of 100 do not exceed", () => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  assertEquals(percentile(values, 0.99), 198);
  assertEquals(percentile([7], 0.99), 7);
  assertEquals(percentile([], 0.99), NaN);
});

const PRINTED = (succeeded: number) => `
finished in 500.00ms, 8.00 req/s, 1.00KB/s
requests: 4 total, 4 started, 4 done, ${succeeded} succeeded, ${4 - succeeded} failed, 0 errored, 0 timeout
status codes: 4 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 1.02KB (1044) total, 57B (57) headers (space savings 96.01%), 388B (388) data
`;
const LOG = ["1000\t200\t900", "1001\t200\t1500", "1002\t200\t1100", "1003\t200\t30000", ""].join("\n");

Deno.test("an output of h2load is read with the times of its log", () => {
  assertEquals(parseH2load(PRINTED(4), LOG), { calls: 4, seconds: 0.5, p50Ms: 1.1, p99Ms: 30, bytes: 388 });
});

Deno.test("a load that did not succeed as a whole gives no figures", () => {
  assertThrows(() => parseH2load(PRINTED(3), LOG), Error, "3 of 4 requests succeeded, 1 failed");
  assertThrows(() => parseH2load("", LOG), Error, "not an output of h2load");
});

Deno.test("a row has medians, extremes and the ratio to the first lane", () => {
  const load: Load = { name: "GetItem", generator: "h2load", command: () => "", run: () => Promise.resolve([]) };
  const sample = (value: number): Sample => [{ name: "calls", unit: "/s", value }];
  const rows = summarize([
    { load, lane: "one", samples: [sample(1000), sample(3000), sample(2000)], othersPercent: [0, 0, 0], failures: [] },
    { load, lane: "two", samples: [sample(500)], othersPercent: [0], failures: ["gone"] },
    { load, lane: "three", samples: [], othersPercent: [], failures: ["gone"] },
  ]);
  assertEquals(rows.length, 1);
  assertEquals(rows[0]!.lanes, {
    one: { median: 2000, min: 1000, max: 3000 },
    two: { median: 500, min: 500, max: 500, ratio: 0.25 },
  });
  assertEquals(table(rows, ["one", "two", "three"]).split("\n")[2]!.split("|").map((cell) => cell.trim()), [
    ...["", "GetItem", "h2load", "calls, /s", "2,000 (1,000–3,000)", "500", "0.25×", "failed", "", ""],
  ]);
});
