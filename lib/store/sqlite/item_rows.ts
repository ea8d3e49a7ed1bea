/**
 * Items as rows.
 *
 * @module
 */
import type { Item } from "../types.ts";
import type { Connection, Row, Value } from "./connection.ts";
import { PAGE_ROWS, type Readable, type Table } from "./scan.ts";
import { fromText, prefixEnd, toEntries, toStrings, toText } from "./text.ts";

const COLUMNS =
  "name, quantity, price_micros, location, tags, reorder_level, attributes, created_at, updated_at, revision";

export function readItem(db: Connection, name: string): Item | null {
  const row = db.get(`SELECT ${COLUMNS} FROM items WHERE name = ?`, name);
  return row === undefined ? null : toItem(row);
}

export function hasItem(db: Connection, name: string): boolean {
  return db.get("SELECT 1 FROM items WHERE name = ?", name) !== undefined;
}

/** False when there is one of that name. */
export function insertItem(db: Connection, item: Item): boolean {
  const sql = `INSERT INTO items (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`;
  return db.run(sql, ...fromItem(item)) === 1;
}

/** Replaces the item of that name. */
export function writeItem(db: Connection, item: Item): void {
  const [name, ...values] = fromItem(item);
  db.run(
    "UPDATE items SET quantity = ?, price_micros = ?, location = ?, tags = ?, reorder_level = ?, attributes = ?, " +
      "created_at = ?, updated_at = ?, revision = ? WHERE name = ?",
    ...values,
    name,
  );
}

export function deleteItem(db: Connection, name: string): void {
  db.run("DELETE FROM items WHERE name = ?", name);
}

/** The items whose names begin with `prefix`, in the order of their names' UTF-8 bytes. */
export function itemTable(prefix: string): Table<Item> {
  const end = prefixEnd(prefix);
  return {
    page(db: Readable, after: string | null) {
      const below = end === null ? "" : "AND name < ?";
      const values = end === null ? [] : [end];
      const sql = `SELECT ${COLUMNS} FROM items WHERE name ${after === null ? ">=" : ">"} ? ${below} ` +
        `ORDER BY name LIMIT ${PAGE_ROWS}`;
      return db.all(sql, after ?? prefix, ...values).map(toItem);
    },
    key: (item) => item.name,
  };
}

function fromItem(item: Item): [name: string, ...Value[]] {
  return [
    item.name,
    item.quantity,
    item.priceMicros,
    fromText(item.location),
    JSON.stringify(item.tags),
    item.reorderLevel,
    JSON.stringify(item.attributes),
    item.createdAt,
    item.updatedAt,
    item.revision,
  ];
}

function toItem(row: Row): Item {
  return {
    name: row[0] as string,
    quantity: row[1] as number,
    priceMicros: row[2] as number,
    location: toText(row[3]!),
    tags: toStrings(row[4]!),
    reorderLevel: row[5] as number,
    attributes: toEntries(row[6]!),
    createdAt: row[7] as number,
    updatedAt: row[8] as number,
    revision: row[9] as number,
  };
}
