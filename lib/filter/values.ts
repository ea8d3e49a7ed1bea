/**
 * Turns the text of a value into what a field of some kind is compared with. Everything here throws
 * {@linkcode FilterError} at the value when it cannot.
 *
 * @module
 */
import { nearest } from "../text/nearest.ts";
import type { Value } from "./ast.ts";
import { FilterError, shown } from "./error.ts";
import type { EnumField } from "./fields.ts";

const decimal = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:e([+-]?\d{1,4}))?$/i;
const date = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/i;

export function numberOf(value: Value): number {
  return scaledNumber(value, 0, "a number such as 12 or 0.5");
}

/** The amount in millionths, exact: the decimal point moves in the text, not by multiplication. */
export function microsOf(value: Value): number {
  return scaledNumber(value, 6, "an amount such as 9.99");
}

function scaledNumber(value: Value, scale: number, expected: string): number {
  const parts = decimal.exec(value.text);
  if (parts === null) throw unexpected(value, expected);
  const result = Number(`${parts[1]}e${Number(parts[2] ?? 0) + scale}`);
  if (!Number.isFinite(result)) throw new FilterError(`${shown(value.text)} is too large`, value.position);
  return result;
}

/** Milliseconds since 1970, with a fraction when the text is finer. A date alone is its first moment in UTC. */
export function timestampOf(value: Value): number {
  const { text } = value;
  const time = date.test(text) ? startOfDay(text) : momentOf(text);
  if (time === undefined) throw unexpected(value, "a time such as 2026-06-01 or 2026-06-01T08:30:00Z");
  return time;
}

function momentOf(text: string): number | undefined {
  const parts = dateTime.exec(text);
  if (parts === null) return undefined;
  const day = startOfDay(parts[1]!);
  const [hour, minute, second, offsetHour, offsetMinute] = [parts[2], parts[3], parts[4], parts[7] ?? 0, parts[8] ?? 0]
    .map(Number) as [number, number, number, number, number];
  if (day === undefined || hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) {
    return undefined;
  }
  const offset = (offsetHour * 60 + offsetMinute) * (parts[6] === "-" ? -1 : 1);
  return day + ((hour * 60 + minute - offset) * 60 + second) * 1000 + Number(`${parts[5] ?? "0"}e3`);
}

function startOfDay(text: string): number | undefined {
  const time = Date.parse(`${text}T00:00:00.000Z`);
  // Days that a month does not have roll over instead of failing.
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? undefined : time;
}

export function booleanOf(value: Value): boolean {
  if (value.text !== "true" && value.text !== "false") throw unexpected(value, "true or false");
  return value.text === "true";
}

/** The number of the named value; short and full names, in any case. */
export function enumOf<T>(value: Value, field: EnumField<T>): number {
  const wanted = value.text.toUpperCase();
  const short = wanted.startsWith(field.prefix) ? wanted.slice(field.prefix.length) : wanted;
  const names = Object.keys(field.values).map((name) => name.toUpperCase());
  const index = names.indexOf(short);
  if (index >= 0) return Object.values(field.values)[index]!;
  throw new FilterError(
    `${shown(value.text)} is not one of ${names.join(", ")}`,
    value.position,
    nearest(short, names),
  );
}

function unexpected(value: Value, expected: string): FilterError {
  const found = value.text === "" ? "the empty text" : shown(value.text);
  return new FilterError(`${found} is not ${expected}`, value.position);
}
