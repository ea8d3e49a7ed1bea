/**
 * Reads the order in which a list is asked for, as https://google.aip.dev/132 writes it: `priority desc, due_at`.
 *
 * @module
 */
import type { TaskOrder, TaskOrderField } from "../store/store.ts";
import { nearest } from "../text/nearest.ts";

const taskOrderFields: Readonly<Record<string, TaskOrderField>> = {
  created_at: "createdAt",
  updated_at: "updatedAt",
  due_at: "dueAt",
  priority: "priority",
  status: "status",
  title: "title",
};

/** An order that cannot be used. The message is one sentence for people and names the column, counted from 1. */
export class OrderByError extends Error {
  override readonly name = "OrderByError";

  /**
   * @param problem the sentence without its column
   * @param position where in the text, in UTF-16 units from 0
   * @param suggestion the name that was probably meant
   */
  constructor(problem: string, readonly position: number, readonly suggestion?: string | undefined) {
    super(
      `column ${position + 1}: ${problem}` + (suggestion === undefined ? "" : `; did you mean '${suggestion}'?`),
    );
  }
}

/**
 * The order of ListTasks, of one to six fields. A blank text gives the default, created_at ascending. Throws
 * {@linkcode OrderByError}.
 */
export function parseTaskOrder(text: string): TaskOrder[] {
  if (text.trim() === "") return [{ field: "createdAt", descending: false }];
  const orders: TaskOrder[] = [];
  let start = 0;
  for (const part of text.split(",")) {
    const order = parseOne(part, start);
    // A field named twice is refused, which also bounds the loop by the number of fields.
    if (orders.some(({ field }) => field === order.field)) {
      throw new OrderByError(`${part.trim().split(/\s/)[0]} is named twice`, start + indent(part));
    }
    orders.push(order);
    start += part.length + 1;
  }
  return orders;
}

function parseOne(part: string, start: number): TaskOrder {
  const names = Object.keys(taskOrderFields);
  const [name, direction, extra] = [...part.matchAll(/\S+/g)].map((word) => ({
    text: word[0],
    position: start + word.index,
  }));
  if (name === undefined) throw new OrderByError("expected a field", start + part.length);
  const field = Object.hasOwn(taskOrderFields, name.text) ? taskOrderFields[name.text]! : undefined;
  if (field === undefined) {
    throw new OrderByError(
      `cannot order by ${JSON.stringify(name.text.slice(0, 40).toWellFormed())}, only by ${names.join(", ")}`,
      name.position,
      nearest(name.text, names),
    );
  }
  if (direction !== undefined && direction.text !== "desc" && direction.text !== "asc") {
    throw new OrderByError("only desc or asc may follow a field", direction.position);
  }
  if (extra !== undefined) throw new OrderByError("expected a comma between fields", extra.position);
  return { field, descending: direction?.text === "desc" };
}

function indent(part: string): number {
  return part.length - part.trimStart().length;
}
