import { assertEquals } from "@std/assert";
import { parseTimeout, parseTimeoutMs } from "../../lib/transport/timeout.ts";

Deno.test("grpc-timeout has up to eight digits and a unit", () => {
  const cases: [value: string | null, ms: number | undefined | null][] = [
    [null, undefined],
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3000],
    ["4m", 4],
    ["5000u", 5],
    ["6000000n", 6],
    ["0S", 0],
    ["00000001S", 1000],
    ["99999999H", 99_999_999 * 3_600_000],
    // Beyond 2^31 milliseconds, where other servers fail at once.
    ["2147484S", 2_147_484_000],
    ["100000000S", null],
    ["S", null],
    ["1", null],
    ["", null],
    ["1s", null],
    ["1h", null],
    ["-1S", null],
    ["+1S", null],
    ["1.5S", null],
    [" 1S", null],
    ["1S ", null],
    ["1 S", null],
    ["1SS", null],
    ["0x1S", null],
    ["\u0661S", null],
  ];
  for (const [value, ms] of cases) assertEquals(parseTimeout(value), ms, String(value));
});

Deno.test("connect-timeout-ms has up to ten digits", () => {
  const cases: [value: string | null, ms: number | undefined | null][] = [
    [null, undefined],
    ["0", 0],
    ["250", 250],
    ["9999999999", 9_999_999_999],
    ["10000000000", null],
    ["", null],
    ["-1", null],
    ["1.5", null],
    ["1S", null],
  ];
  for (const [value, ms] of cases) assertEquals(parseTimeoutMs(value), ms, String(value));
});
