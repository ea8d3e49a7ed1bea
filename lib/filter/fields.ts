/**
 * What a list can be filtered by: each field with its kind and how to read it. A getter answers null when the thing
 * has no such value; then every comparison with it is false, but `!=` is true.
 *
 * @module
 */

export type FieldKind = "string" | "number" | "money" | "timestamp" | "boolean" | "enum" | "list" | "map";

interface Typed<K extends FieldKind, T, V> {
  readonly kind: K;
  readonly get: (thing: T) => V;
}

/** Whether a word without a field is looked for here. */
interface Searchable {
  readonly search?: true;
}

export type StringField<T> = Typed<"string", T, string | null> & Searchable;

/** Amounts are written in whole units, such as 9.99, and read in millionths of them. */
export type MoneyField<T> = Typed<"money", T, number | null>;

/** Read in milliseconds since 1970. */
export type TimestampField<T> = Typed<"timestamp", T, number | null>;

/** Read as the number of the value; numbers give the order. */
export interface EnumField<T> extends Typed<"enum", T, number | null> {
  /** The short names, without prefix, with their numbers. The case does not matter. */
  readonly values: Readonly<Record<string, number>>;
  /** What the full names begin with, such as `TASK_STATUS_`. */
  readonly prefix: string;
}

export interface ListField<T> extends Typed<"list", T, readonly string[]>, Searchable {
  /** For a list of messages: the name of the field that was read from each, so that `list.field:x` may be written. */
  readonly element?: string;
}

export type MapField<T> = Typed<"map", T, Readonly<Record<string, string>>> & Searchable;

export type Field<T> =
  | StringField<T>
  | Typed<"number", T, number | null>
  | MoneyField<T>
  | TimestampField<T>
  | Typed<"boolean", T, boolean | null>
  | EnumField<T>
  | ListField<T>
  | MapField<T>;

/** The fields of a list by their names in the contract. */
export type FieldTable<T> = Readonly<Record<string, Field<T>>>;
