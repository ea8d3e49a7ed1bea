/**
 * Filters of lists and watches: a subset of https://google.aip.dev/160. docs/filters.md is the manual.
 *
 * @module
 */
import { compile, type Predicate } from "./compile.ts";
import type { FieldTable } from "./fields.ts";
import { parseExpression } from "./parser.ts";

/**
 * The predicate that a filter stands for, or undefined when the text is empty or blank: no filter. The text is parsed
 * and its fields are resolved once; the predicate never throws. Throws {@linkcode FilterError} for everything that is
 * wrong with the text.
 *
 * @example
 * ```ts
 * const cheap = parseFilter<{ price: number }>("price < 9.99", {
 *   price: { kind: "money", get: (thing) => thing.price },
 * });
 * cheap?.({ price: 5_000_000 }); // true
 * ```
 */
export function parseFilter<T>(text: string, table: FieldTable<T>): Predicate<T> | undefined {
  if (text.trim() === "") return undefined;
  return compile(parseExpression(text), table);
}
