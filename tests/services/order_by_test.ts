import { assertEquals, assertThrows } from "@std/assert";
import { OrderByError, parseTaskOrder } from "../../lib/services/order_by.ts";
import type { TaskOrder } from "../../lib/store/store.ts";

const up = (field: TaskOrder["field"]): TaskOrder => ({ field, descending: false });
const down = (field: TaskOrder["field"]): TaskOrder => ({ field, descending: true });

Deno.test("parseTaskOrder reads fields and directions, with any spacing", () => {
  const cases: [string, TaskOrder[]][] = [
    ["", [up("createdAt")]],
    ["  ", [up("createdAt")]],
    ["title", [up("title")]],
    ["due_at desc", [down("dueAt")]],
    ["status asc", [up("status")]],
    ["priority desc, due_at", [down("priority"), up("dueAt")]],
    [" priority \t desc ,due_at,  updated_at desc", [down("priority"), up("dueAt"), down("updatedAt")]],
    [
      "created_at,updated_at,due_at,priority,status,title",
      [up("createdAt"), up("updatedAt"), up("dueAt"), up("priority"), up("status"), up("title")],
    ],
  ];
  for (const [text, orders] of cases) assertEquals(parseTaskOrder(text), orders, text);
});

Deno.test("parseTaskOrder refuses what it cannot use and says where", () => {
  const names = "created_at, updated_at, due_at, priority, status, title";
  const cases: [string, number, string][] = [
    ["prioriti", 0, `cannot order by "prioriti", only by ${names}; did you mean 'priority'?`],
    ["title, dueAt", 7, `cannot order by "dueAt", only by ${names}; did you mean 'due_at'?`],
    ["toString", 0, `cannot order by "toString", only by ${names}`],
    ["title down", 6, "only desc or asc may follow a field"],
    ["title DESC", 6, "only desc or asc may follow a field"],
    ["title desc due_at", 11, "expected a comma between fields"],
    ["title,", 6, "expected a field"],
    [",title", 0, "expected a field"],
    ["title, ,status", 7, "expected a field"],
    ["title, status,  title desc", 16, "title is named twice"],
  ];
  for (const [text, position, message] of cases) {
    const error = assertThrows(() => parseTaskOrder(text), OrderByError);
    assertEquals([error.message, error.position], [`column ${position + 1}: ${message}`, position], text);
  }
});
