import { assertEquals } from "@std/assert";
import { type FieldTable, parseFilter } from "../../lib/filter/mod.ts";
import { itemFields, movementFields, taskFields } from "../../lib/services/filter_fields.ts";
import type { Item, Movement, Task } from "../../lib/store/types.ts";

const morning = Date.UTC(2026, 5, 1, 8, 30);

const bolt: Item = {
  name: "Hex bolt M6x20 zinc",
  quantity: 7,
  priceMicros: 120_000,
  location: "Shelf B3",
  tags: ["fastener", "metric"],
  reorderLevel: 10,
  attributes: { material: "Steel 8.8", supplier: "Würth" },
  createdAt: morning,
  updatedAt: morning + 1000,
  revision: 12,
};
const taken: Movement = {
  id: 3,
  item: "Hex bolt M6x20 zinc",
  delta: -4,
  quantity: 3,
  reason: "task done",
  reference: "Fix the gate",
  taskId: "0d6ce1d1",
  createdAt: morning,
  revision: 14,
};
const gate: Task = {
  id: "0d6ce1d1",
  title: "Fix the gate",
  description: "The upper hinge is loose",
  status: "in_progress",
  priority: "high",
  tags: ["outdoor"],
  dueAt: morning,
  assignee: { team: "Metal" },
  materials: [{ item: "Hex bolt M6x20 zinc", quantity: 4 }],
  createdAt: morning,
  updatedAt: morning,
  revision: 13,
};

function assertMatches<T>(thing: T, table: FieldTable<T>, holds: readonly string[], fails: readonly string[]): void {
  for (const text of holds) assertEquals(parseFilter(text, table)?.(thing), true, text);
  for (const text of fails) assertEquals(parseFilter(text, table)?.(thing), false, text);
}

/** The names a comment in the contract lists after `Fields:`. */
async function documentedFields(file: string, message: string): Promise<string[]> {
  const proto = await Deno.readTextFile(new URL(`../../proto/${file}`, import.meta.url));
  const body = proto.slice(proto.indexOf(`message ${message} {`)).replaceAll(/\s*\n\s*\/\/\s*/g, " ");
  const names = /Fields: ([^;]*?)\.(?: |\s*string filter)/.exec(body)?.[1] ?? "";
  return names.split(", ").map((name) => name.replace(".KEY", ""));
}

Deno.test("each table has exactly the fields that the contract's comments list", async () => {
  assertEquals(Object.keys(itemFields), await documentedFields("inventory.proto", "ListItemsRequest"));
  assertEquals(Object.keys(movementFields), await documentedFields("inventory.proto", "ListMovementsRequest"));
  assertEquals(Object.keys(taskFields), await documentedFields("task_manager.proto", "ListTasksRequest"));
});

Deno.test("every field of an item can be filtered by", () => {
  assertMatches(bolt, itemFields, [
    "name:bolt",
    "quantity < 10 AND tags:fastener",
    "price = 0.12",
    'location = "Shelf B*"',
    "reorder_level >= 10",
    "attributes:supplier",
    "attributes.material:steel",
    "created_at = 2026-06-01T08:30:00Z",
    "updated_at > 2026-06-01T08:30:00Z",
    "revision = 12",
    "würth metric b3",
  ], ["price > 0.12", "attributes.supplier = Bosch", "updated_at < 2026-06-01", "zinc nut"]);
});

Deno.test("every field of a movement can be filtered by", () => {
  assertMatches(taken, movementFields, [
    "item:m6x20",
    "delta < 0",
    "quantity = 3",
    'reason = "task done"',
    "reference:gate",
    "task_id = 0d6ce1d1",
    "task_id:*",
    "created_at >= 2026-06-01",
    "revision > 13",
    "gate",
  ], ["delta > 0", 'task_id = ""', "0d6ce1d1"]);
  assertMatches({ ...taken, taskId: "" }, movementFields, ['task_id = ""', "NOT task_id:*"], ["task_id:*"]);
});

Deno.test("every field of a task can be filtered by", () => {
  assertMatches(gate, taskFields, [
    "id = 0d6ce1d1",
    "title:gate",
    "description:hinge",
    "status = IN_PROGRESS",
    "status != TASK_STATUS_DONE",
    "priority >= normal",
    "tags:outdoor",
    'status != DONE AND due_at < "2026-06-02"',
    "team = Metal",
    "NOT user_id:*",
    "user_id != 5",
    'materials:"hex bolt m6x20 zinc"',
    "materials.item:hex*",
    "created_at:* updated_at:*",
    "revision = 13",
    "metal hinge m6x20",
  ], ["user_id > 0", "status = DONE", "priority = URGENT", "0d6ce1d1"]);
  assertMatches({ ...gate, assignee: { userId: 5 }, dueAt: null }, taskFields, [
    "user_id = 5",
    "team != Metal",
    "NOT team:*",
    "due_at != 2026-06-01",
  ], ["team:*", "due_at:*", "due_at < 9999-01-01", "user_id = 6"]);
});
