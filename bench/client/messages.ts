import type { Method, Schema } from "../../lib/schema/mod.ts";

/** The name of a seeded item: its place in the order of names. */
export function seededName(index: number): string {
  return `part-${String(index).padStart(7, "0")}`;
}

export interface SeededItem {
  readonly name: string;
  readonly quantity: number;
  readonly price: number;
  readonly location: string;
  readonly tags: readonly string[];
}

/** An item such as a workshop has: about 110 bytes on the wire when it is listed. */
export function seededItem(index: number): SeededItem {
  return {
    name: seededName(index),
    quantity: index % 1000,
    price: (index % 10_000) / 100,
    location: `Shelf ${index % 40}`,
    tags: ["bench", index % 2 === 0 ? "even" : "odd"],
  };
}

const ROWS_IN_MESSAGE = 200;

/** Rows of an import, a message for every 200. */
export function* importMessages(rows: number, change: Partial<SeededItem> = {}): Generator<object> {
  for (let from = 0; from < rows; from += ROWS_IN_MESSAGE) {
    const count = Math.min(ROWS_IN_MESSAGE, rows - from);
    yield { rows: Array.from({ length: count }, (_, index) => ({ item: { ...seededItem(from + index), ...change } })) };
  }
}

export function methodOf(schema: Schema, service: string, name: string): Method {
  const method = schema.services.get(service)?.methods.find((candidate) => candidate.name === name);
  if (!method) throw new Error(`the contract has no ${service}/${name}`);
  return method;
}

/** A message with its five bytes of prefix. */
export function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}
