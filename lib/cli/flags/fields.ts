/**
 * The flags of a request, from its fields.
 *
 * @module
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Contract } from "../contract.ts";
import { firstSentence } from "../prose.ts";
import { enumChoices } from "./enums.ts";
import type { Flag, LiveNames } from "./parse.ts";
import { placeholderOf, wrappedScalar } from "./values.ts";

/** A flag that sets a field. */
export interface FieldFlag extends Flag {
  /** From the request down to the field. */
  readonly path: readonly DescField[];
}

/** Fields that name something which is there, as opposed to something new. */
const NAMING: Readonly<Record<string, LiveNames>> = {
  "inventory.GetItemRequest.name": "items",
  "inventory.RemoveItemRequest.name": "items",
  "inventory.AdjustStockRequest.name": "items",
  "inventory.ListMovementsRequest.name": "items",
  "inventory.ListItemsRequest.prefix": "items",
  "inventory.WatchItemsRequest.prefix": "items",
  "inventory.Item.name": "items",
  "taskmanager.GetTaskRequest.id": "tasks",
  "taskmanager.UpdateTaskRequest.id": "tasks",
  "taskmanager.DeleteTaskRequest.id": "tasks",
};

const MAX_DEPTH = 3;

/**
 * The flags of a message.
 *
 * A field of a message within the message is `--item.name`. If it is the request's only such message, its fields have
 * plain flags too (`--name`), except where the request has a field of that name itself.
 *
 * @param reserved Names that mean something else; a field of such a name is `--request.NAME`.
 */
export function fieldFlags(
  type: DescMessage,
  comment: Contract["comment"],
  reserved: ReadonlySet<string> = new Set(),
): FieldFlag[] {
  const flags: FieldFlag[] = [];
  for (const field of type.fields) addFlags(field, [], comment, flags);
  const nested = type.fields.filter(isPlainMessage);
  const [only] = nested;
  if (nested.length === 1 && only !== undefined) {
    const own = new Set(type.fields.map((field) => flagName([field])));
    const plain = only.message.fields
      .filter((field) => !own.has(flagName([field])))
      .map((field) => ({
        ...flagOf([only, field], comment),
        name: flagName([field]),
        hidden: /\bSet by the server\b/.test(comment(field)) || field.name === "revision",
      }));
    const dotted = flags.map((flag) => flag.path[0] === only ? { ...flag, hidden: true } : flag);
    flags.splice(0, flags.length, ...plain, ...dotted);
  }
  return flags.map((flag) => reserved.has(flag.name) ? { ...flag, name: `request.${flag.name}` } : flag);
}

/** A message of the contract's own, as opposed to the well-known ones that have a text form. */
export function isPlainMessage(field: DescField): field is DescField & { fieldKind: "message" } {
  return field.fieldKind === "message" && !field.message.typeName.startsWith("google.protobuf.");
}

function addFlags(
  field: DescField,
  above: readonly DescField[],
  comment: Contract["comment"],
  flags: FieldFlag[],
): void {
  const path = [...above, field];
  flags.push(flagOf(path, comment));
  if (!isPlainMessage(field) || path.length >= MAX_DEPTH) return;
  if (above.some((outer) => outer.message === field.message)) return;
  for (const inner of field.message.fields) addFlags(inner, path, comment, flags);
}

function flagOf(path: readonly DescField[], comment: Contract["comment"]): FieldFlag {
  const field = path.at(-1)!;
  const values = valuesOf(field);
  const names = NAMING[`${field.parent.typeName}.${field.name}`];
  const isSwitch = scalarOf(field) === ScalarType.BOOL;
  return {
    name: flagName(path),
    path,
    placeholder: placeholderOf(field),
    help: helpOf(field, comment(field)),
    switch: isSwitch,
    repeatable: field.fieldKind === "list" || field.fieldKind === "map",
    takesFile: scalarOf(field) === ScalarType.BYTES,
    ...(values && { values }),
    ...(names && { names }),
  };
}

function helpOf(field: DescField, comment: string): string {
  const isTime = field.message?.typeName === "google.protobuf.Timestamp";
  return [firstSentence(comment), isTime ? "Such as 2026-12-24, +3d or now." : ""].filter((part) => part !== "").join(
    " ",
  );
}

function scalarOf(field: DescField): ScalarType | undefined {
  if (field.fieldKind === "message") return wrappedScalar(field.message);
  return field.fieldKind === "scalar" ? field.scalar : undefined;
}

function valuesOf(field: DescField): string[] | undefined {
  return field.enum && (field.fieldKind === "enum" || field.fieldKind === "list") ? enumChoices(field.enum) : undefined;
}

function flagName(path: readonly DescField[]): string {
  return path.map((field) => field.name.replaceAll("_", "-")).join(".");
}

const IDENTIFYING = new Set(["id", "name", "title", "service"]);

/** The flag that a positional argument sets: of the identifying fields the first in the order of the contract. */
export function positionalFlag(flags: readonly FieldFlag[]): FieldFlag | undefined {
  return flags.find((flag) => {
    const field = flag.path.at(-1)!;
    return !flag.hidden && field.fieldKind === "scalar" && IDENTIFYING.has(field.name) && flag.path.length <= 2 &&
      !flag.name.includes(".");
  });
}
