/**
 * How free text, lists and maps are kept in columns.
 *
 * @module
 */
import type { Value } from "./connection.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const NO_STRINGS: readonly string[] = Object.freeze([]);
const NO_ENTRIES: Readonly<Record<string, string>> = Object.freeze({});

/** A text as a column's value. node:sqlite reads a text up to its first NUL only, so one with NUL is kept as a blob. */
export function fromText(text: string): Value {
  return text.includes("\0") ? ENCODER.encode(text) : text;
}

export function toText(value: Value): string {
  return typeof value === "string" ? value : DECODER.decode(value as Uint8Array);
}

export function toStrings(json: Value): readonly string[] {
  return json === "[]" ? NO_STRINGS : JSON.parse(json as string);
}

export function toEntries(json: Value): Readonly<Record<string, string>> {
  return json === "{}" ? NO_ENTRIES : JSON.parse(json as string);
}

/** Whether two JSON-like values are the same. The order of an object's keys does not matter. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
  );
}

/** A patch without what it does not set or leaves as it is. */
export function effective<T extends object>(before: T, patch: Partial<T>): Partial<T> {
  const result: Partial<T> = {};
  for (const key of Object.keys(patch) as (keyof T)[]) {
    const value = patch[key];
    if (value !== undefined && !same(value, before[key])) result[key] = value;
  }
  return result;
}

/** The least string, in the order of UTF-8 bytes, above every string that begins with `prefix`; null if there is none. */
export function prefixEnd(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last >= 0x10ffff) continue;
    // Surrogates are no characters of their own.
    const next = last + 1 >= 0xd800 && last + 1 <= 0xdfff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return null;
}
