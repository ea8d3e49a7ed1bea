import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RpcError } from "../../lib/rpc/mod.ts";
import {
  characters,
  checkAttributes,
  checkEnum,
  checkMask,
  checkName,
  checkPageSize,
  checkParsed,
  checkPrice,
  checkQuantity,
  checkRequestId,
  Checks,
  checkTags,
  checkText,
  shortened,
} from "../../lib/services/checks.ts";

/** The descriptions of what a check finds wrong. */
function found(check: (checks: Checks) => unknown): readonly string[] {
  const checks = new Checks();
  check(checks);
  return checks.descriptions;
}

Deno.test("a price becomes exact millionths", () => {
  const cases: [price: number, micros: number][] = [
    [0, 0],
    [-0, 0],
    [0.000001, 1],
    [0.000009, 9],
    [0.00001, 10],
    [0.1, 100_000],
    [0.1 + 0.2 - 0.30000000000000004 + 0.3, 300_000],
    [1.005, 1_005_000],
    [9.99, 9_990_000],
    [1234567.891234, 1_234_567_891_234],
    [8589934591.999999, 8_589_934_591_999_999],
    [9007199254, 9_007_199_254_000_000],
  ];
  for (const [price, micros] of cases) {
    const checks = new Checks();
    assertEquals([checkPrice(checks, "price", price), checks.descriptions], [micros, []], `${price}`);
    assertEquals(micros / 1_000_000, Math.abs(price), "and back");
  }
});

Deno.test("a price that cannot be kept is refused, saying why", () => {
  const cases: [price: number, problem: string][] = [
    [NaN, "price must be a finite number, not NaN"],
    [Infinity, "price must be a finite number, not Infinity"],
    [-Infinity, "price must be a finite number, not -Infinity"],
    [-0.000001, "price must not be negative, not -0.000001"],
    [-Number.MIN_VALUE, "price must not be negative, not -5e-324"],
    [9007199254.000002, "price must be at most 9007199254, not 9007199254.000002"],
    [1e21, "price must be at most 9007199254, not 1e+21"],
    [1e-7, "price has more than 6 decimals: 1e-7"],
    [Number.MIN_VALUE, "price has more than 6 decimals: 5e-324"],
    [0.0000015, "price has more than 6 decimals: 0.0000015"],
    [0.1 + 0.2, "price has more than 6 decimals: 0.30000000000000004"],
  ];
  for (const [price, problem] of cases) {
    const checks = new Checks();
    assertEquals(checkPrice(checks, "price", price), 0);
    assertEquals(checks.descriptions, [problem]);
  }
});

Deno.test("every price that a double can tell apart goes through millionths and back", () => {
  const micros = (price: number) => checkPrice(new Checks(), "price", price);
  // Above 2^33 doubles are more than a millionth apart: there the double comes back, whatever millionths it stands for.
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 33 * 1_000_000 }), (n) => assertEquals(micros(n / 1_000_000), n)),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 2 ** 33 * 1_000_000, max: 9_007_199_254_000_000 }), (n) => {
      assertEquals(micros(n / 1_000_000) / 1_000_000, n / 1_000_000);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("characters are code points", () => {
  for (
    const [text, count] of [["", 0], ["abc", 3], ["é", 1], ["e\u0301", 2], ["🔩", 1], ["a🔩b", 3], ["漢字", 2]] as const
  ) assertEquals(characters(text), count, text);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assertEquals(characters(text), [...text].length)));
});

Deno.test("a text is measured in characters and has no control characters", () => {
  const problems = (text: string, options: { least?: number; most: number; lines?: boolean }) =>
    found((checks) => checkText(checks, "f", text, options));
  assertEquals(problems("", { most: 5 }), []);
  assertEquals(problems("", { least: 1, most: 5 }), ["f is required"]);
  assertEquals(problems("🔩🔩🔩🔩🔩", { most: 5 }), []);
  assertEquals(problems("123456", { most: 5 }), ["f has 6 characters, at most 5 are allowed"]);
  const control = "f must not contain control characters";
  for (const code of [0, 9, 10, 13, 0x1b, 0x1f, 0x7f, 0x80, 0x9f]) {
    assertEquals(problems(`a${String.fromCharCode(code)}`, { most: 5 }), [control], `${code}`);
    const withLines = [9, 10, 13].includes(code) ? [] : [control];
    assertEquals(problems(`a${String.fromCharCode(code)}`, { most: 5, lines: true }), withLines, `${code}`);
  }
  for (const fine of [" ", "~", "\u00a0", "\u2028", "\ud7ff"]) assertEquals(problems(fine, { most: 5 }), []);
  assertEquals(problems("\n123456", { most: 5 }), ["f has 7 characters, at most 5 are allowed", control]);
});

Deno.test("a name has no spaces around it", () => {
  const problem = ["f must not begin or end with a space"];
  for (const name of [" a", "a ", "\u00a0a", "a\u3000", " "]) {
    assertEquals(found((checks) => checkName(checks, "f", name)), problem, JSON.stringify(name));
  }
  assertEquals(found((checks) => checkName(checks, "f", "a b")), []);
  assertEquals(found((checks) => checkName(checks, "f", "")), ["f is required"]);
});

Deno.test("quantities have a least value", () => {
  assertEquals(found((checks) => checkQuantity(checks, "f", 0)), []);
  assertEquals(found((checks) => checkQuantity(checks, "f", -1)), ["f must be at least 0, not -1"]);
  assertEquals(found((checks) => checkQuantity(checks, "f", 0, 1)), ["f must be at least 1, not 0"]);
});

Deno.test("tags and attributes are looked at up to their limit, not beyond", () => {
  const many = Array.from({ length: 100_000 }, () => "");
  assertEquals(found((checks) => checkTags(checks, "tags", many)).length, 51 + 49);
  const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`${n}`, "\u0000"]));
  assertEquals(found((checks) => checkAttributes(checks, "attributes", entries)).length, 51);
});

Deno.test("a request id is optional and short", () => {
  assertEquals(found((checks) => checkRequestId(checks, "")), []);
  assertEquals(found((checks) => checkRequestId(checks, "x".repeat(101))).length, 1);
});

Deno.test("a page has 100 entries by default, at most 1000, never less than none", () => {
  for (const [size, entries] of [[0, 100], [1, 1], [1000, 1000], [1001, 1000]] as const) {
    const checks = new Checks();
    assertEquals([checkPageSize(checks, size), checks.descriptions], [entries, []]);
  }
  assertEquals(found((checks) => checkPageSize(checks, -1)), ["page_size must not be negative, not -1"]);
});

Deno.test("an enum has only its own values", () => {
  const values = { ZERO: 0, TWO: 2 };
  assertEquals(found((checks) => checkEnum(checks, "f", 2, values)), []);
  assertEquals(found((checks) => checkEnum(checks, "f", 1, values)), ["f has no value 1"]);
});

Deno.test("what a parser throws becomes a wrong field", () => {
  assertEquals(found((checks) => checkParsed(checks, "f", "BAD", () => JSON.parse("x")))[0]?.startsWith("f: "), true);
  assertEquals(checkParsed(new Checks(), "f", "BAD", () => 5), 5);
});

Deno.test("a mask names known fields, * all of them, and none of it means there is no mask", () => {
  const known = ["a", "b"];
  const mask = (...paths: string[]) => {
    const checks = new Checks();
    const named = checkMask(checks, { paths }, known);
    return [named && [...named], checks.descriptions];
  };
  assertEquals(checkMask(new Checks(), null, known), undefined);
  assertEquals(mask(), [undefined, []]);
  assertEquals(mask("b"), [["b"], []]);
  assertEquals(mask("a", "a"), [["a"], []]);
  assertEquals(mask("*"), [["a", "b"], []]);
  assertEquals(mask("*", "a")[1], ["update_mask has '*' among other paths"]);
  assertEquals(mask("a", "x")[1], ["update_mask names 'x', which is none of a, b"]);
  assertEquals((mask(...Array.from({ length: 1000 }, (_, n) => `x${n}`))[1] as string[]).length, 20);
});

Deno.test("a shortened text keeps whole characters", () => {
  assertEquals(shortened("abc", 3), "abc");
  assertEquals(shortened("abcd", 3), "abc...");
  assertEquals(shortened("🔩🔩🔩", 3), "🔩🔩🔩");
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 20 }), (text, most) => {
    const points = [...text];
    assertEquals(shortened(text, most), points.length <= most ? text : points.slice(0, most).join("") + "...");
  }));
});

Deno.test("all that is wrong is thrown at once, and nothing when all is well", () => {
  const checks = new Checks();
  checks.done();
  checks.add("a", "ONE", "a is wrong");
  checks.add("b.c[0]", "TWO", "b is wrong");
  const error = assertThrows(() => checks.done(), RpcError, "a is wrong (and 1 more)");
  assertEquals(error.details.find(({ type }) => type === "google.rpc.BadRequest")!.value, {
    field_violations: [
      { field: "a", reason: "ONE", description: "a is wrong" },
      { field: "b.c[0]", reason: "TWO", description: "b is wrong" },
    ],
  });
});
