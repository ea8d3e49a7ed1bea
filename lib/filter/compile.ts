/**
 * Turns a parsed filter into a predicate: looks up each field once, converts each value once, and leaves closures.
 *
 * @module
 */
import { nearest } from "../text/nearest.ts";
import type { Comparison, Expression, Operator, Value } from "./ast.ts";
import { FilterError, shown } from "./error.ts";
import type { Field, FieldTable, ListField, MapField } from "./fields.ts";
import { compareCodePoints, equalIgnoringCase, equalTo, holding, type TextTest } from "./text_match.ts";
import { booleanOf, enumOf, microsOf, numberOf, timestampOf } from "./values.ts";

export type Predicate<T> = (thing: T) => boolean;

/** Resolves an expression against the fields of a list. Throws {@linkcode FilterError}. */
export function compile<T>(expression: Expression, table: FieldTable<T>): Predicate<T> {
  switch (expression.kind) {
    case "and": {
      const tests = expression.operands.map((operand) => compile(operand, table));
      return (thing) => tests.every((test) => test(thing));
    }
    case "or": {
      const tests = expression.operands.map((operand) => compile(operand, table));
      return (thing) => tests.some((test) => test(thing));
    }
    case "not": {
      const test = compile(expression.operand, table);
      return (thing) => !test(thing);
    }
    case "search":
      return compileSearch(expression.value, table);
    case "comparison":
      return compileComparison(expression, table);
  }
}

function compileSearch<T>(value: Value, table: FieldTable<T>): Predicate<T> {
  const test = holding(value);
  const tests: Predicate<T>[] = [];
  for (const field of Object.values(table)) {
    if (!("search" in field)) continue;
    if (field.kind === "string") tests.push((thing) => test(field.get(thing) ?? ""));
    else if (field.kind === "list") tests.push((thing) => field.get(thing).some(test));
    else tests.push((thing) => Object.values(field.get(thing)).some(test));
  }
  return (thing) => tests.some((holds) => holds(thing));
}

function compileComparison<T>(comparison: Comparison, table: FieldTable<T>): Predicate<T> {
  const name = comparison.path[0]!;
  const field = Object.hasOwn(table, name.text) ? table[name.text]! : undefined;
  if (field === undefined) {
    const names = Object.keys(table);
    const suggestion = nearest(name.text, names);
    const known = suggestion === undefined ? `, there are ${names.join(", ")}` : "";
    throw new FilterError(`unknown field ${shown(name.text)}${known}`, name.position, suggestion);
  }
  switch (field.kind) {
    case "list":
      return compileList(comparison, field);
    case "map":
      return compileMap(comparison, field);
    default:
      refusePath(comparison, 1);
      return compileScalar(comparison, field);
  }
}

function compileScalar<T>(
  comparison: Comparison,
  field: Exclude<Field<T>, { kind: "list" | "map" }>,
): Predicate<T> {
  const { operator, value } = comparison;
  if (field.kind === "string") return compileText(comparison, field.get);
  if (operator === ":" && isAny(value)) return compilePresence(field);
  if (value.text === "null" && !value.quoted) {
    const { text } = comparison.path[0]!;
    throw new FilterError(`there is no null, write NOT ${text}:* for what has no ${text}`, value.position);
  }
  switch (field.kind) {
    case "number":
      return compareNumbers(operator, numberOf(value), field.get);
    case "money":
      return compareNumbers(operator, microsOf(value), field.get);
    case "timestamp":
      return compareNumbers(operator, timestampOf(value), field.get);
    case "enum":
      return compareNumbers(operator, enumOf(value, field), field.get);
    case "boolean": {
      refuseOrder(comparison, "is true or false");
      const wanted = booleanOf(value);
      return operator === "!=" ? (thing) => field.get(thing) !== wanted : (thing) => field.get(thing) === wanted;
    }
  }
}

/** As in AIP-160, what has the default value of its type is not present. A time has no default but to be unset. */
function compilePresence<T>(field: Exclude<Field<T>, { kind: "string" | "list" | "map" }>): Predicate<T> {
  return field.kind === "timestamp" ? (thing) => field.get(thing) !== null : (thing) => Boolean(field.get(thing));
}

function compareNumbers<T>(operator: Operator, wanted: number, get: (thing: T) => number | null): Predicate<T> {
  if (operator === "!=") return (thing) => get(thing) !== wanted;
  if (operator === "=" || operator === ":") return (thing) => get(thing) === wanted;
  return orderTest(operator, get, (found) => found - wanted);
}

function compileText<T>(comparison: Comparison, get: (thing: T) => string | null): Predicate<T> {
  const { operator, value } = comparison;
  switch (operator) {
    case ":": {
      if (isAny(value)) return (thing) => Boolean(get(thing));
      return whenSet(get, value.openStart || value.openEnd ? equalIgnoringCase(value) : holding(value));
    }
    case "=":
      return whenSet(get, equalTo(value));
    case "!=": {
      const equals = whenSet(get, equalTo(value));
      return (thing) => !equals(thing);
    }
    default:
      if (value.openStart || value.openEnd) {
        throw new FilterError(`'*' works with =, != and : only, write \\* in quotes for the character`, value.position);
      }
      return orderTest(operator, get, (found) => compareCodePoints(found, value.text));
  }
}

function whenSet<T>(get: (thing: T) => string | null, test: TextTest): Predicate<T> {
  return (thing) => {
    const found = get(thing);
    return found !== null && test(found);
  };
}

function orderTest<T, V>(
  operator: "<" | "<=" | ">" | ">=",
  get: (thing: T) => V | null,
  compare: (found: V) => number,
): Predicate<T> {
  const test = {
    "<": (order: number) => order < 0,
    "<=": (order: number) => order <= 0,
    ">": (order: number) => order > 0,
    ">=": (order: number) => order >= 0,
  }[operator];
  return (thing) => {
    const found = get(thing);
    return found !== null && test(compare(found));
  };
}

function compileList<T>(comparison: Comparison, field: ListField<T>): Predicate<T> {
  const [name, element] = comparison.path;
  if (element === undefined || element.text !== field.element) refusePath(comparison, 1);
  refusePath(comparison, 2);
  if (comparison.operator !== ":") {
    throw new FilterError(`${name!.text} is a list, only : works with it`, comparison.operatorPosition);
  }
  if (isAny(comparison.value)) return (thing) => field.get(thing).length > 0;
  const test = equalIgnoringCase(comparison.value);
  return (thing) => field.get(thing).some(test);
}

function compileMap<T>(comparison: Comparison, field: MapField<T>): Predicate<T> {
  const [name, key, deeper] = comparison.path;
  if (deeper !== undefined) {
    throw new FilterError(`a key that holds a dot needs quotes: ${name!.text}."a.b"`, deeper.position);
  }
  if (key !== undefined) {
    return compileText(comparison, (thing) => {
      const map = field.get(thing);
      return Object.hasOwn(map, key.text) ? map[key.text]! : null;
    });
  }
  if (comparison.operator !== ":") {
    throw new FilterError(
      `${name!.text} is a map, compare one of its entries: ${name!.text}.KEY ${comparison.operator} ...`,
      comparison.operatorPosition,
    );
  }
  const test = equalTo(comparison.value);
  return (thing) => Object.keys(field.get(thing)).some(test);
}

/** Whether the value is the `*` that asks for presence. */
function isAny(value: Value): boolean {
  return value.openStart && value.text === "*";
}

function refusePath(comparison: Comparison, from: number): void {
  const extra = comparison.path[from];
  if (extra === undefined) return;
  const before = comparison.path.slice(0, from).map((name) => name.text).join(".");
  throw new FilterError(`${before} has no field ${shown(extra.text)}`, extra.position);
}

function refuseOrder(comparison: Comparison, why: string): void {
  if (comparison.operator === "=" || comparison.operator === "!=" || comparison.operator === ":") return;
  throw new FilterError(
    `${comparison.path[0]!.text} ${why}, only =, != and : work with it`,
    comparison.operatorPosition,
  );
}
