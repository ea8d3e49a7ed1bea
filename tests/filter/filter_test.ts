import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FieldTable, FilterError, parseFilter } from "../../lib/filter/mod.ts";

interface Thing {
  name: string;
  nick: string | null;
  count: number | null;
  cost: number;
  at: number | null;
  open: boolean | null;
  size: "small" | "large" | null;
  tags: string[];
  parts: { item: string }[];
  notes: Record<string, string>;
}

const sizes = { small: 1, medium: 2, large: 3 };
const fields: FieldTable<Thing> = {
  name: { kind: "string", get: (thing) => thing.name, search: true },
  nick: { kind: "string", get: (thing) => thing.nick },
  count: { kind: "number", get: (thing) => thing.count },
  cost: { kind: "money", get: (thing) => thing.cost },
  at: { kind: "timestamp", get: (thing) => thing.at },
  open: { kind: "boolean", get: (thing) => thing.open },
  size: { kind: "enum", get: (thing) => thing.size && sizes[thing.size], values: sizes, prefix: "THING_SIZE_" },
  tags: { kind: "list", get: (thing) => thing.tags, search: true },
  parts: { kind: "list", get: (thing) => thing.parts.map((part) => part.item), element: "item" },
  notes: { kind: "map", get: (thing) => thing.notes, search: true },
};

const full: Thing = {
  name: "Hex bolt M6",
  nick: "bolty",
  count: 5,
  cost: 9_990_000,
  at: Date.UTC(2026, 5, 1, 12),
  open: true,
  size: "large",
  tags: ["Fastener", "zinc"],
  parts: [{ item: "Nut" }],
  notes: { supplier: "Würth GmbH", "odd.key x": "7", empty: "" },
};
const bare: Thing = {
  name: "",
  nick: null,
  count: null,
  cost: 0,
  at: null,
  open: null,
  size: null,
  tags: [],
  parts: [],
  notes: {},
};

function matches(text: string, thing: Thing): boolean {
  const predicate = parseFilter(text, fields);
  assert(predicate !== undefined, `no predicate for ${text}`);
  return predicate(thing);
}

function assertHolds(thing: Thing, filters: readonly string[]): void {
  for (const text of filters) assertEquals(matches(text, thing), true, text);
}

function assertFails(thing: Thing, filters: readonly string[]): void {
  for (const text of filters) assertEquals(matches(text, thing), false, text);
}

Deno.test("an empty or blank text is no filter", () => {
  for (const text of ["", " ", "\t\n "]) assertEquals(parseFilter(text, fields), undefined);
});

Deno.test("text is equal with case, has without, and orders by code point", () => {
  assertHolds(full, [
    'name = "Hex bolt M6"',
    "name = Hex*",
    'name = "* M6"',
    "name = *bolt*",
    "name != *nut*",
    'name != "hex bolt m6"',
    "name:BOLT",
    "name:hex*",
    "name:*m6",
    "name:*",
    'name < "Hex bolt M7"',
    'name <= "Hex bolt M6"',
    "name > Hex",
    "name >= A",
    "name < \u{1F529}",
  ]);
  assertFails(full, ["name = hex*", "name = bolt", "name:nut", "name:bolt*", 'name > "Hex bolt M6"', "name < H"]);
  assertHolds({ ...full, name: "\u{1F529}" }, ["name > \uFFFD", "name > \uE000"]);
  assertHolds({ ...full, name: "5 * 3" }, [String.raw`name = "5 \* 3"`, 'name = "5 * 3"', 'name:"* 3"']);
});

Deno.test("numbers and amounts compare as exact decimals", () => {
  assertHolds(full, ["count = 5", "count = 5.0", 'count = "5"', "count:5", "count != 4", "count > -1", "count <= 5e0"]);
  assertFails(full, ["count = 4", "count != 5", "count < 5", "count >= 5.0001"]);
  assertHolds(full, ["cost = 9.99", "cost:9.99", "cost > 9.9899999", "cost < 9.9900001", "cost = 999e-2"]);
  assertFails(full, ["cost = 9.99000001", "cost < 9.99", "cost > 9.99"]);
  assertHolds({ ...full, cost: 1_005_000 }, ["cost = 1.005", "cost >= 1.005", "cost <= 1.005"]);
});

Deno.test("times compare as moments, and a date is its first moment in UTC", () => {
  assertHolds(full, [
    "at > 2026-06-01",
    'at < "2026-06-02"',
    "at = 2026-06-01T12:00:00Z",
    'at = "2026-06-01T14:00:00.000+02:00"',
    "at = 2026-06-01t07:30:00-04:30",
    "at < 2026-06-01T12:00:00.000000001Z OR at <= 2026-06-01T12:00:00.001Z",
    "at:2026-06-01T12:00:00Z",
    "at > 0001-01-01",
    "at < 9999-12-31T23:59:59.999Z",
  ]);
  assertFails(full, ["at = 2026-06-01", "at != 2026-06-01T12:00:00Z", "at > 2026-06-01T12:00:00+00:00"]);
});

Deno.test("enum values go by short or full name in any case and order by number", () => {
  assertHolds(full, [
    "size = LARGE",
    "size = large",
    "size = THING_SIZE_LARGE",
    'size = "thing_size_Large"',
    "size:Large",
    "size > medium",
    "size >= SMALL",
    "size != small",
  ]);
  assertFails(full, ["size = small", "size < LARGE", "size != LARGE"]);
});

Deno.test("truth values compare with true and false", () => {
  assertHolds(full, ["open = true", "open != false", "open:true", "open:*"]);
  assertFails(full, ["open = false", "open != true"]);
});

Deno.test("lists and maps are asked with ':', entries of maps as text", () => {
  assertHolds(full, [
    "tags:fastener",
    "tags:ZINC",
    "tags:fast*",
    "tags:*",
    "parts:nut",
    'parts.item:"Nut"',
    "notes:supplier",
    "notes:sup*",
    "notes:empty",
    "notes:*",
    'notes.supplier = "Würth GmbH"',
    "notes.supplier:würth",
    "notes.supplier:*",
    'notes."odd.key x" = 7',
    "notes.missing != x",
    "NOT notes.missing = x",
  ]);
  assertFails(full, [
    "tags:fast",
    "notes:Supplier",
    "notes:constructor",
    "notes.constructor:*",
    "notes.empty:*",
    "notes.missing:x",
    "notes.missing < x",
    "notes.supplier = würth",
    "tags:bolt",
  ]);
  assertFails(bare, ["tags:*", "parts:*", "notes:*"]);
});

Deno.test("what is not set matches nothing but '!='", () => {
  assertHolds(bare, [
    "nick != x",
    "count != 0",
    "at != 2026-06-01",
    "open != true",
    "size != small",
    "NOT at:*",
    "-nick:*",
    "NOT count < 5",
  ]);
  assertFails(bare, [
    "nick = *",
    "nick:x",
    'nick = ""',
    "nick < z",
    "count = 0",
    "count < 5",
    "count >= 0",
    "at < 9999-01-01",
    "at > 0001-01-01",
    "open = false",
    "size < LARGE",
    "count:*",
    "nick:*",
    "at:*",
    "open:*",
    "size:*",
  ]);
});

Deno.test("':*' asks for a value other than the default of its type, but any time is a value", () => {
  assertHolds({ ...full, at: 0 }, ["at:*", "count:*", "cost:*"]);
  assertFails({ ...full, count: 0, cost: 0, open: false, name: "" }, ["count:*", "cost:*", "open:*", "name:*"]);
});

Deno.test("a search looks for its text in the searchable fields, whatever the case", () => {
  assertHolds(full, ["BOLT", '"bolt m6"', "zin", "würth", "hex zinc GMBH", "nothing OR m6", "-brass"]);
  assertFails(full, ["bolty", "supplier", "nut", "hex brass", '"hex  bolt"', '"*"']);
  assertHolds({ ...full, name: "5*3" }, ['"5*3"']);
});

Deno.test("errors name the field or value, its position, and what was probably meant", () => {
  const names = "name, nick, count, cost, at, open, size, tags, parts, notes";
  const cases: [string, number, string, string?][] = [
    ["cuont > 5", 0, "unknown field 'cuont'; did you mean 'count'?", "count"],
    ["name:x AND Tags:y", 11, "unknown field 'Tags'; did you mean 'tags'?", "tags"],
    ["weight > 5", 0, `unknown field 'weight', there are ${names}`],
    ["constructor = 1", 0, `unknown field 'constructor', there are ${names}`],
    ["count > many", 8, "'many' is not a number such as 12 or 0.5"],
    ['count = ""', 8, "the empty text is not a number such as 12 or 0.5"],
    ["count = 0x10", 8, "'0x10' is not a number such as 12 or 0.5"],
    ["count = 5*", 8, "'5*' is not a number such as 12 or 0.5"],
    ["count < *", 8, "'*' is not a number such as 12 or 0.5"],
    ["count < 1e999", 8, "'1e999' is too large"],
    ["cost = 9,99", 8, "unexpected ',', expected a space, AND or OR"],
    ["cost = cheap", 7, "'cheap' is not an amount such as 9.99"],
    ["at < tomorrow", 5, "'tomorrow' is not a time such as 2026-06-01 or 2026-06-01T08:30:00Z"],
    ["at < 2026-02-30", 5, "'2026-02-30' is not a time such as 2026-06-01 or 2026-06-01T08:30:00Z"],
    ["at < 2026-06-01T08:30", 5, "'2026-06-01T08:30' is not a time such as 2026-06-01 or 2026-06-01T08:30:00Z"],
    ["at < 2026-06-01T24:00:00Z", 5, "'2026-06-01T24:00:00Z' is not a time such as 2026-06-01 or 2026-06-01T08:30:00Z"],
    ["at = null", 5, "there is no null, write NOT at:* for what has no at"],
    ["size = lrage", 7, "'lrage' is not one of SMALL, MEDIUM, LARGE; did you mean 'LARGE'?", "LARGE"],
    ["size = 3", 7, "'3' is not one of SMALL, MEDIUM, LARGE"],
    ["open = yes", 7, "'yes' is not true or false"],
    ["open < true", 5, "open is true or false, only =, != and : work with it"],
    ["name < a*", 7, "'*' works with =, != and : only, write \\* in quotes for the character"],
    ["tags = zinc", 5, "tags is a list, only : works with it"],
    ["tags.name:zinc", 5, "tags has no field 'name'"],
    ["parts.item.size:zinc", 11, "parts.item has no field 'size'"],
    ["count.x = 1", 6, "count has no field 'x'"],
    ["notes = x", 6, "notes is a map, compare one of its entries: notes.KEY = ..."],
    ["notes.a.b = x", 8, 'a key that holds a dot needs quotes: notes."a.b"'],
    ['count = "\\u001b[31m\\ud800"', 8, "'\\u001b[31m\uFFFD' is not a number such as 12 or 0.5"],
    [`count = ${"🔩".repeat(41)}`, 8, `'${"🔩".repeat(40)}...' is not a number such as 12 or 0.5`],
  ];
  for (const [text, position, message, suggestion] of cases) {
    const error = assertThrows(() => parseFilter(text, fields), FilterError);
    assertEquals(
      [error.message, error.position, error.suggestion],
      [`column ${position + 1}: ${message}`, position, suggestion],
      text,
    );
  }
});
