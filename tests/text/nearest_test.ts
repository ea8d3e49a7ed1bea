import { assertEquals } from "@std/assert";
import { editDistance, nearest } from "../../lib/text/nearest.ts";

Deno.test("editDistance counts inserts, deletes, replacements and swaps of neighbours", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["same", "same", 0],
    ["quantty", "quantity", 1],
    ["pirce", "price", 1],
    ["ab", "ba", 1],
    ["kitten", "sitting", 3],
    ["abcdef", "badcfe", 3],
    ["ca", "abc", 3],
  ];
  for (const [a, b, distance] of cases) {
    assertEquals(editDistance(a, b, 10), distance, `${a} -> ${b}`);
    assertEquals(editDistance(b, a, 10), distance, `${b} -> ${a}`);
  }
});

Deno.test("editDistance stops at its limit with limit + 1", () => {
  for (let limit = 0; limit < 6; limit++) {
    assertEquals(editDistance("kitten", "sitting", limit), Math.min(3, limit + 1));
    assertEquals(editDistance("abcdef", "badcfe", limit), Math.min(3, limit + 1));
    assertEquals(editDistance("aaaaaa", "bbbbbb", limit), Math.min(6, limit + 1));
  }
});

Deno.test("nearest finds the name that was meant, ignoring case", () => {
  const names = ["name", "quantity", "price", "tags", "created_at", "updated_at"];
  const cases: [string, string | undefined][] = [
    ["quantty", "quantity"],
    ["Pirce", "price"],
    ["NAME", "name"],
    ["createdAt", "created_at"],
    ["updated", undefined],
    ["tag", "tags"],
    ["x", undefined],
    ["shelf", undefined],
    ["", undefined],
    ["q".repeat(65), undefined],
  ];
  for (const [typed, meant] of cases) assertEquals(nearest(typed, names), meant, typed);
});

Deno.test("nearest takes the nearer candidate wherever it stands, and the first of equals", () => {
  assertEquals(nearest("update-item", ["update-itemize", "update-items", "updat-item"]), "update-items");
  assertEquals(nearest("lost", ["list", "last"]), "list");
  assertEquals(nearest("lost", ["last", "list"]), "last");
});
