import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Field, type FieldTable, FilterError, parseFilter } from "../../lib/filter/mod.ts";
import { itemFields, movementFields, taskFields } from "../../lib/services/filter_fields.ts";

const manual = await Deno.readTextFile(new URL("../../docs/filters.md", import.meta.url));

/** The rows of the manual's table with this heading, each as its cells. */
function rowsOf(...heading: readonly string[]): string[][] {
  const lines = manual.split("\n");
  const start = lines.findIndex((line) => cellsOf(line).slice(0, heading.length).join() === heading.join());
  assert(start >= 0, `no table ${heading}`);
  const rest = lines.slice(start + 2);
  return rest.slice(0, rest.findIndex((line) => !line.startsWith("|"))).map(cellsOf);
}

function cellsOf(row: string): string[] {
  return row.slice(1, -1).split(" | ").map((cell) => cell.trim());
}

function codesOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((code) => code[1]!);
}

/** The error for a filter of whichever list the filter fits better: the one that knows its first field. */
function errorOf(text: string): FilterError {
  const table: FieldTable<never> = /^(title|status|due_at)\b/.test(text) ? taskFields : itemFields;
  return assertThrows(() => parseFilter(text, table), FilterError);
}

Deno.test("every error in the manual of filters is the real one", () => {
  const rows = rowsOf("filter", "message");
  assertEquals(rows.length, 10);
  for (const [filter, message] of rows) {
    assertEquals(errorOf(codesOf(filter!)[0]!).message, codesOf(message!)[0]);
  }
});

Deno.test("the manual of filters lists every field of each list with its kind and whether it is searched", () => {
  const lists: [string, Record<string, Field<never>>][] = [
    ["ListItems, WatchItems", itemFields],
    ["ListMovements", movementFields],
    ["ListTasks, WatchTasks", taskFields],
  ];
  const words = { string: "text", money: "amount", timestamp: "time", number: "number", enum: "enum" } as const;
  for (const [heading, table] of lists) {
    const found = rowsOf(heading, "kind").flatMap(([fields, kind]) =>
      codesOf(fields!).filter((field) => !field.includes(".")).map((field) => [field, kind!] as const)
    );
    assertEquals(found.map(([field]) => field).sort(), Object.keys(table).sort());
    for (const [name, kind] of found) {
      const field = table[name]!;
      const word = field.kind in words ? words[field.kind as keyof typeof words] : field.kind;
      assert(kind.startsWith(word), `${name}: ${kind}`);
      assertEquals(kind.includes("searched"), "search" in field, name);
    }
  }
});

Deno.test("the manual's examples of precedence mean what it says", () => {
  const letters = ["a", "b", "c", "d"] as const;
  type Thing = Record<(typeof letters)[number], string> & { tags: string[]; quantity: number };
  const table: FieldTable<Thing> = {
    ...Object.fromEntries(letters.map((letter) => [letter, { kind: "string", get: (thing: Thing) => thing[letter] }])),
    tags: { kind: "list", get: (thing) => thing.tags },
    quantity: { kind: "number", get: (thing) => thing.quantity },
  };
  const rows = rowsOf("filter", "means");
  assertEquals(rows.length, 5);
  for (const row of rows) {
    const [written, meant] = row.map((cell) => {
      // A letter in the manual stands for any comparison.
      const text = codesOf(cell)[0]!.replaceAll(/\b[a-d]\b/g, "$&:yes");
      return parseFilter(text, table)!;
    });
    for (let bits = 0; bits < 64; bits++) {
      const yes = (bit: number) => (bits & (1 << bit)) !== 0;
      const thing: Thing = {
        a: yes(0) ? "yes" : "no",
        b: yes(1) ? "yes" : "no",
        c: yes(2) ? "yes" : "no",
        d: yes(3) ? "yes" : "no",
        tags: yes(4) ? ["zinc"] : [],
        quantity: yes(5) ? 1 : 9,
      };
      assertEquals(written!(thing), meant!(thing), `${row[0]} for ${JSON.stringify(thing)}`);
    }
  }
});
