import { assert, assertEquals } from "@std/assert";
import { fromJsonString } from "@bufbuild/protobuf";
import { parseFilter } from "../lib/filter/mod.ts";
import { fileDescriptors, loadSchema, typeRegistry } from "../lib/schema/mod.ts";
import { itemFields, taskFields } from "../lib/services/filter_fields.ts";

function read(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../examples/${name}`, import.meta.url));
}

/** RFC 4180. Every line becomes the list of its cells. */
function parseCsv(text: string): string[][] {
  return text.trimEnd().split("\n").map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map((cell) =>
      cell[1]?.replaceAll('""', '"') ?? cell[2] ?? ""
    )
  );
}

interface ItemJson {
  name: string;
  quantity: number;
  price: number;
  location: string;
  tags: string[];
  reorderLevel?: number;
  attributes?: Record<string, string>;
}

interface TaskJson {
  title: string;
  description?: string;
  priority?: string;
  tags?: string[];
  dueAt?: string;
  userId?: string;
  team?: string;
  materials?: { item: string; quantity: number }[];
}

const columns = [
  "name",
  "quantity",
  "price",
  "location",
  "tags",
  "reorder_level",
  "attributes.material",
  "attributes.supplier",
  "attributes.standard",
];
const [header, ...rows] = parseCsv(await read("items.csv"));
const csvItems = rows.map((cells): ItemJson => {
  const row = Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""]));
  const attributes = columns.filter((column) => column.startsWith("attributes.") && row[column] !== "")
    .map((column) => [column.slice("attributes.".length), row[column]!]);
  return {
    name: row["name"]!,
    quantity: Number(row["quantity"]),
    price: Number(row["price"]),
    location: row["location"]!,
    tags: row["tags"]!.split(";"),
    reorderLevel: Number(row["reorder_level"]),
    attributes: Object.fromEntries(attributes),
  };
});
const itemLines = (await read("items.jsonl")).trimEnd().split("\n");
const jsonItems = itemLines.map((line) => JSON.parse(line) as ItemJson);
const taskLines = (await read("tasks.jsonl")).trimEnd().split("\n");
const tasks = taskLines.map((line) => JSON.parse(line) as TaskJson);

/** Whether a text has so many characters, none of them a control character. */
function fits(text: string, least: number, most: number): boolean {
  const { length } = [...text];
  return length >= least && length <= most && !/\p{Cc}/u.test(text);
}

function assertTags(tags: readonly string[], of: string): void {
  assert(tags.length <= 50 && tags.every((tag) => fits(tag, 1, 100)), of);
  assertEquals(new Set(tags).size, tags.length, of);
}

Deno.test("items.csv has the columns of an item and as many cells in every line", () => {
  assertEquals(header, columns);
  assert(rows.length >= 300, `${rows.length} rows`);
  rows.forEach((row, i) => assertEquals(row.length, columns.length, `line ${i + 2}: ${row}`));
  for (const row of rows) {
    assert(/^\d+$/.test(row[1]!) && /^\d+(\.\d{1,4})?$/.test(row[2]!) && /^\d+$/.test(row[5]!), `${row}`);
  }
});

Deno.test("every example item keeps the limits of the contract, and no name comes twice", () => {
  const items = [...csvItems, ...jsonItems];
  assertEquals(new Set(items.map(({ name }) => name)).size, items.length);
  for (const { name, quantity, price, location, tags, reorderLevel = 0, attributes = {} } of items) {
    assert(fits(name, 1, 200) && name.trim() === name, name);
    assert(Number.isInteger(quantity) && quantity >= 0 && quantity <= 2147483647, name);
    assert(Number.isInteger(reorderLevel) && reorderLevel >= 0 && reorderLevel <= 2147483647, name);
    assert(price >= 0 && price <= 9007199254 && /^\d+(\.\d{1,4})?$/.test(String(price)), `${name}: ${price}`);
    assert(fits(location, 1, 200), name);
    assertTags(tags, name);
    const entries = Object.entries(attributes);
    assert(entries.length <= 50 && entries.every(([key, value]) => fits(key, 1, 100) && fits(value, 1, 1000)), name);
  }
});

Deno.test("the JSON lines are messages of the contract", () => {
  const { root } = loadSchema(new URL("../proto", import.meta.url).pathname);
  const registry = typeRegistry(fileDescriptors(root));
  const files = [["inventory.Item", itemLines], ["taskmanager.CreateTaskRequest", taskLines]] as const;
  for (const [type, lines] of files) {
    const message = registry.getMessage(type);
    assert(message !== undefined, type);
    for (const line of lines) assertEquals(fromJsonString(message, line).$typeName, type);
  }
});

Deno.test("the week of tasks keeps the limits of the contract", () => {
  assert(tasks.length >= 40, `${tasks.length} tasks`);
  const week = [Date.UTC(2026, 5, 1), Date.UTC(2026, 5, 7)] as const;
  for (const { title, description = "", tags = [], team, dueAt, materials = [] } of tasks) {
    assert(fits(title, 1, 200) && fits(description, 0, 10000), title);
    assertTags(tags, title);
    assert(team === undefined || fits(team, 1, 100), title);
    const due = dueAt === undefined ? week[0] : Date.parse(dueAt);
    assert(due >= week[0] && due < week[1], `${title}: ${dueAt}`);
    assert(materials.length <= 100 && new Set(materials.map(({ item }) => item)).size === materials.length, title);
  }
});

Deno.test("every material is an item of items.csv, and only the task that says so lacks some", () => {
  const stock = new Map(csvItems.map(({ name, quantity }) => [name, quantity]));
  const waiting = tasks.filter(({ tags }) => tags?.includes("waiting-for-parts"));
  assertEquals(waiting.map(({ title }) => title), ["Carbon brushes for five rental drills"]);
  for (const { title, tags = [], materials = [] } of tasks) {
    for (const { item, quantity } of materials) {
      assert(Number.isInteger(quantity) && quantity >= 1, `${title}: ${item}`);
      const left = stock.get(item);
      assert(left !== undefined, `${title}: no '${item}'`);
      if (tags.includes("waiting-for-parts")) assert(left < quantity, `${title}: ${item}`);
      else stock.set(item, left - quantity);
    }
  }
  for (const [name, left] of stock) assert(left >= 0, `${name}: ${left}`);
});

Deno.test("the filters that the examples suggest find something", async () => {
  const blocks = (await read("README.md")).split("```\n");
  const filters = blocks.find((block) => block.startsWith("tags:"))!.trimEnd().split("\n");
  assertEquals(filters.length, 5);
  const items = csvItems.map((item) => ({
    ...item,
    priceMicros: Math.round(item.price * 1e6),
    reorderLevel: item.reorderLevel ?? 0,
    attributes: item.attributes ?? {},
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
  }));
  for (const text of filters.slice(0, 3)) {
    const found = items.filter(parseFilter(text, itemFields)!);
    assert(found.length > 0 && found.length < items.length, `${text}: ${found.length}`);
  }
  const priorities = { LOW: "low", NORMAL: "normal", HIGH: "high", URGENT: "urgent" } as const;
  const stored = tasks.map(({ priority = "NORMAL", ...task }, i) => ({
    id: String(i),
    title: task.title,
    description: task.description ?? "",
    status: "todo" as const,
    priority: priorities[priority.replace("TASK_PRIORITY_", "") as keyof typeof priorities],
    tags: task.tags ?? [],
    dueAt: task.dueAt === undefined ? null : Date.parse(task.dueAt),
    assignee: task.team === undefined ? null : { team: task.team },
    materials: task.materials ?? [],
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
  }));
  for (const text of filters.slice(3)) {
    const found = stored.filter(parseFilter(text, taskFields)!);
    assert(found.length > 0 && found.length < stored.length, `${text}: ${found.length}`);
  }
});
