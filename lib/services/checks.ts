/**
 * Checks of requests: each looks at one field, notes what is wrong with it and goes on, so that a caller learns of every
 * broken field at once.
 *
 * @module
 */
import { type FieldViolation, invalid } from "../rpc/mod.ts";

export const MAX_INT32 = 0x7fff_ffff;
/** The largest price: its micro-units are still exact integers. */
export const MAX_PRICE = 9_007_199_254;

/** So many unknown paths of a mask are named. */
const MOST_UNKNOWN_PATHS = 20;

/** Collects what is wrong with a request. */
export class Checks {
  readonly #violations: FieldViolation[] = [];

  /** Notes a wrong field. */
  add(field: string, reason: string, description: string): void {
    this.#violations.push({ field, reason, description });
  }

  /** The descriptions so far; empty when all is well. */
  get descriptions(): readonly string[] {
    return this.#violations.map(({ description }) => description);
  }

  /** @throws INVALID_REQUEST naming every wrong field. */
  done(): void {
    if (this.#violations.length > 0) throw invalid(this.#violations);
  }
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// deno-lint-ignore no-control-regex
const CONTROL_EXCEPT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** Characters are Unicode code points: an emoji is one. */
export function characters(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) count--;
  return count;
}

/** A caller's text as it may stand in a sentence. */
export function shortened(text: string, most = 100): string {
  // Twice as many units hold that many characters.
  const points = [...text.slice(0, 2 * most + 2)];
  return points.length <= most ? text : `${points.slice(0, most).join("")}...`;
}

/** Text of one line. */
export function checkText(
  checks: Checks,
  field: string,
  text: string,
  { least = 0, most, lines = false }: { least?: number; most: number; lines?: boolean },
): void {
  const length = characters(text);
  if (length < least) checks.add(field, "REQUIRED", `${field} is required`);
  else if (length > most) {
    checks.add(field, "TOO_LONG", `${field} has ${length} characters, at most ${most} are allowed`);
  }
  if ((lines ? CONTROL_EXCEPT_LINES : CONTROL).test(text)) {
    checks.add(field, "CONTROL_CHARACTER", `${field} must not contain control characters`);
  }
}

/** The name of a thing: 1 to 200 characters of one line, without spaces around it. */
export function checkName(checks: Checks, field: string, name: string): void {
  checkText(checks, field, name, { least: 1, most: 200 });
  if (name !== "" && name.trim() !== name) {
    checks.add(field, "SURROUNDING_SPACE", `${field} must not begin or end with a space`);
  }
}

export function checkQuantity(checks: Checks, field: string, quantity: number, least = 0): void {
  if (quantity < least) checks.add(field, "OUT_OF_RANGE", `${field} must be at least ${least}, not ${quantity}`);
}

/**
 * A price in units.
 *
 * @returns Its millionths, exactly; 0 when it is wrong.
 */
export function checkPrice(checks: Checks, field: string, price: number): number {
  if (!Number.isFinite(price)) checks.add(field, "NOT_FINITE", `${field} must be a finite number, not ${price}`);
  else if (price < 0) checks.add(field, "OUT_OF_RANGE", `${field} must not be negative, not ${price}`);
  else if (price > MAX_PRICE) checks.add(field, "OUT_OF_RANGE", `${field} must be at most ${MAX_PRICE}, not ${price}`);
  else {
    const micros = toMicros(price);
    if (micros !== undefined) return micros;
    checks.add(field, "TOO_PRECISE", `${field} has more than 6 decimals: ${price}`);
  }
  return 0;
}

/** The shortest decimal that reads back as the double is what its sender wrote; undefined beyond 6 decimals. */
function toMicros(price: number): number | undefined {
  // Up to the largest price, String writes an exponent only for what is below 0.000001.
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(String(price));
  return match ? Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0")) : undefined;
}

export function checkTags(checks: Checks, field: string, tags: readonly string[]): void {
  if (tags.length > 50) checks.add(field, "TOO_MANY", `${field} has ${tags.length} entries, at most 50 are allowed`);
  const seen = new Set<string>();
  for (const [index, tag] of tags.slice(0, 50).entries()) {
    checkText(checks, `${field}[${index}]`, tag, { least: 1, most: 100 });
    if (seen.has(tag)) checks.add(`${field}[${index}]`, "DUPLICATE", `${field} has '${shortened(tag)}' twice`);
    seen.add(tag);
  }
}

export function checkAttributes(checks: Checks, field: string, attributes: Readonly<Record<string, string>>): void {
  const entries = Object.entries(attributes);
  if (entries.length > 50) {
    checks.add(field, "TOO_MANY", `${field} has ${entries.length} entries, at most 50 are allowed`);
  }
  for (const [key, value] of entries.slice(0, 50)) {
    const path = `${field}[${JSON.stringify(shortened(key))}]`;
    checkText(checks, path, key, { least: 1, most: 100 });
    checkText(checks, path, value, { most: 1000, lines: true });
  }
}

/** An optional request id. */
export function checkRequestId(checks: Checks, requestId: string): void {
  checkText(checks, "request_id", requestId, { most: 100 });
}

/** One of the values of an enum. */
export function checkEnum(
  checks: Checks,
  field: string,
  value: number,
  values: Readonly<Record<string, number>>,
): void {
  if (!Object.values(values).includes(value)) {
    checks.add(field, "UNKNOWN_VALUE", `${field} has no value ${value}`);
  }
}

/**
 * How many entries a page has.
 *
 * @returns 100 for 0, never more than 1000.
 */
export function checkPageSize(checks: Checks, pageSize: number): number {
  if (pageSize < 0) checks.add("page_size", "OUT_OF_RANGE", `page_size must not be negative, not ${pageSize}`);
  return pageSize === 0 ? 100 : Math.min(pageSize, 1000);
}

/** Runs a parser and notes what it throws as a wrong field. */
export function checkParsed<T>(checks: Checks, field: string, reason: string, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    checks.add(field, reason, `${field}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/**
 * The fields that an update names.
 *
 * @param known The fields that can be set.
 * @returns The names, all of them for `*`; undefined when there is no mask.
 */
export function checkMask(
  checks: Checks,
  mask: { readonly paths: readonly string[] } | null,
  known: readonly string[],
): ReadonlySet<string> | undefined {
  if (!mask || mask.paths.length === 0) return undefined;
  if (mask.paths.includes("*")) {
    if (mask.paths.length > 1) checks.add("update_mask", "MIXED_WILDCARD", "update_mask has '*' among other paths");
    return new Set(known);
  }
  for (const path of mask.paths.filter((path) => !known.includes(path)).slice(0, MOST_UNKNOWN_PATHS)) {
    const description = `update_mask names '${shortened(path)}', which is none of ${known.join(", ")}`;
    checks.add("update_mask", "UNKNOWN_FIELD", description);
  }
  return new Set(mask.paths);
}
