/**
 * A filter as it was written, before any field is looked up.
 *
 * @module
 */

/** How a field is compared with a value. `:` means "has". */
export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":";

/** A part of a field's path. `position` is a UTF-16 offset in the filter, as everywhere here. */
export interface Name {
  readonly text: string;
  readonly position: number;
}

/** The right side of a comparison, or a search by itself. */
export interface Value {
  /** With quotes and escapes resolved; wildcards still in place. */
  readonly text: string;
  readonly quoted: boolean;
  /** The text begins with a `*` that stands for anything. A lone `*` counts as this one. */
  readonly openStart: boolean;
  /** The text ends with another such `*`. */
  readonly openEnd: boolean;
  readonly position: number;
}

/** A field compared with a value. The path has at least one part. */
export interface Comparison {
  readonly kind: "comparison";
  readonly path: readonly Name[];
  readonly operator: Operator;
  readonly operatorPosition: number;
  readonly value: Value;
}

/** A whole filter. `and` and `or` have at least two operands. */
export type Expression =
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "search"; readonly value: Value }
  | Comparison;
