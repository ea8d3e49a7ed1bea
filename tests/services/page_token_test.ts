import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodePageToken, encodePageToken, PageTokenError } from "../../lib/services/page_token.ts";

const list = { method: "ListTasks", filter: "status != DONE", orderBy: "due_at" };
const anything = (_: unknown): _ is unknown => true;
const isNumber = (value: unknown): value is number => typeof value === "number";

function refusal(token: string, parameters = list): PageTokenError {
  return assertThrows(() => decodePageToken(token, parameters, anything), PageTokenError);
}

Deno.test("a token gives back its cursor, whatever JSON that is, and is safe in URLs", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (cursor) => {
    const plain = JSON.parse(JSON.stringify(cursor));
    const token = encodePageToken(plain, list);
    assertMatch(token, /^[A-Za-z0-9_-]+$/);
    assertEquals(decodePageToken(token, list, anything), plain);
  }));
});

Deno.test("a token fits the longest title in any characters", () => {
  for (const title of ["\u0001".repeat(200), "🔩".repeat(200)]) {
    const cursor = [title, null, 4, "0d6ce1d1-0000-4000-8000-000000000000"];
    assertEquals(decodePageToken(encodePageToken(cursor, list), list, anything), cursor);
  }
  assertThrows(() => encodePageToken("x".repeat(4000), list), RangeError, "a cursor of 4002 bytes is too large");
});

Deno.test("the order in which parameters are named does not matter, their names and values do", () => {
  const token = encodePageToken(7, list);
  const { method, filter, orderBy } = list;
  assertEquals(decodePageToken(token, { orderBy, filter, method }, isNumber), 7);
  for (
    const other of [
      { ...list, filter: "" },
      { ...list, method: "ListMovements" },
      { method, filter },
      { ...list, name: "" },
      { method, filter: orderBy, orderBy: filter },
      {},
    ]
  ) {
    const error = assertThrows(() => decodePageToken(token, other, isNumber), PageTokenError);
    assertEquals(error.reason, "other_list");
    assert(error.message.includes("belongs to another list"));
    assertNotEquals(encodePageToken(7, other), token);
  }
});

Deno.test("any change of one character is refused as malformed", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \u00e9";
  // Three cursors, so that the last character carries 2, 4 and 6 bits.
  for (const cursor of [1, 12, 123]) {
    const token = encodePageToken(cursor, list);
    for (let i = 0; i < token.length; i++) {
      for (const c of alphabet) {
        if (c === token[i]) continue;
        assertEquals(refusal(token.slice(0, i) + c + token.slice(i + 1)).reason, "malformed", `${c} at ${i}`);
      }
    }
  }
});

Deno.test("cut, lengthened, joined and made-up tokens are refused as malformed", () => {
  const token = encodePageToken(["x", 1], list);
  for (let i = 0; i < token.length; i++) {
    assertEquals(refusal(token.slice(0, i)).reason, "malformed");
    assertEquals(refusal(token.slice(i + 1)).reason, "malformed");
  }
  for (const made of [token + "A", token + "=", token + token, " " + token, "A".repeat(4097), "AQ", "\u{1F529}"]) {
    const error = refusal(made);
    assertEquals(error.reason, "malformed");
    assert(error.message.includes("malformed"));
  }
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.base64String()), (made) => {
    assertEquals(refusal(made).reason, "malformed");
  }));
});

Deno.test("a cursor of another shape is refused as malformed", () => {
  const token = encodePageToken("seven", list);
  assertEquals(
    assertThrows(() => decodePageToken(token, list, isNumber), PageTokenError).reason,
    "malformed",
  );
});
