/**
 * Requests from flags, on top of `-d`.
 *
 * @module
 */
import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  mergeFromJson,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { reasonOf, UsageError } from "../failure.ts";
import { type FieldFlag, isPlainMessage, positionalFlag } from "./fields.ts";
import type { Parsed } from "./parse.ts";
import { fieldJson, type Surroundings } from "./values.ts";

/** The fields that flags and the positional argument set. */
export interface GivenFields {
  readonly entries: readonly { readonly path: readonly DescField[]; readonly json: JsonValue; readonly flag: string }[];
}

/**
 * Reads the fields off a parsed command line.
 *
 * @throws UsageError on a value that does not fit, a field set twice, or two members of a oneof.
 */
export function givenFields(parsed: Parsed, flags: readonly FieldFlag[], around: Surroundings): GivenFields {
  const given: { flag: FieldFlag; texts: readonly string[]; label: string }[] = [];
  for (const flag of flags) {
    const texts = parsed.values.get(flag.name);
    if (texts !== undefined) given.push({ flag, texts, label: `--${flag.name}` });
  }
  const [positional, surplus] = parsed.positionals;
  if (positional !== undefined) {
    const flag = positionalFlag(flags);
    if (flag === undefined) throw new UsageError(`unexpected argument '${positional}'`);
    if (parsed.values.has(flag.name)) {
      throw new UsageError(`'${positional}' and --${flag.name} both give the ${flag.path.at(-1)!.name}`);
    }
    if (surplus !== undefined) throw new UsageError(`unexpected argument '${surplus}'`);
    given.push({ flag, texts: [positional], label: flag.path.at(-1)!.name });
  }
  const entries = given.map(({ flag, texts, label }) => ({
    path: flag.path,
    json: fieldJson(flag.path.at(-1)!, texts, label, around),
    flag: label,
  }));
  refuseClashes(entries);
  return { entries };
}

function refuseClashes(entries: GivenFields["entries"]): void {
  for (const [index, a] of entries.entries()) {
    for (const b of entries.slice(0, index)) {
      if (samePath(a.path, b.path)) throw new UsageError(`${b.flag} and ${a.flag} set the same field`);
      const oneof = sharedOneof(a.path, b.path);
      if (oneof !== undefined) {
        throw new UsageError(`${b.flag} and ${a.flag} exclude each other: both are the ${oneof}`);
      }
    }
  }
}

function samePath(a: readonly DescField[], b: readonly DescField[]): boolean {
  return a.length === b.length && a.every((field, index) => field === b[index]);
}

/** The oneof of which the two paths set different members. */
function sharedOneof(a: readonly DescField[], b: readonly DescField[]): string | undefined {
  for (const [depth, field] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return undefined;
    if (field !== other) return field.oneof !== undefined && field.oneof === other.oneof ? field.oneof.name : undefined;
  }
  return undefined;
}

/** Reads a message from JSON given with `-d`. */
export function messageFromJson(type: DescMessage, json: JsonValue, registry: Registry): Message {
  try {
    return fromJson(type, json, { registry });
  } catch (error) {
    throw new UsageError(`-d: ${reasonOf(error)}`);
  }
}

/** An empty message with the fields set. */
export function requestOf(type: DescMessage, fields: GivenFields, registry: Registry): Message {
  return applyFields(create(type), type, fields, registry);
}

/** Sets the fields in a message, whatever it held there. */
export function applyFields(message: Message, type: DescMessage, fields: GivenFields, registry: Registry): Message {
  for (const { path, json, flag } of fields.entries) {
    clearAt(reflect(type, message), path);
    const nested = path.toReversed().reduce<JsonValue>((inner, field) => ({ [field.jsonName]: inner }), json);
    try {
      mergeFromJson(type, message, nested as JsonObject, { registry });
    } catch (error) {
      throw new UsageError(`${flag}: ${reasonOf(error)}`);
    }
  }
  return message;
}

function clearAt(message: ReflectMessage, path: readonly DescField[]): void {
  const [field, ...below] = path;
  if (field === undefined || !message.isSet(field)) return;
  if (below.length === 0) message.clear(field);
  else clearAt(message.get(field) as ReflectMessage, below);
}

/**
 * Fills `update_mask` with the fields that flags set, so that a flag can also clear a field: without a mask an empty
 * value would mean no change. Does nothing when the request has no mask, or has been given one, or nothing to change.
 */
export function fillUpdateMask(message: Message, type: DescMessage, fields: GivenFields): void {
  const mask = type.fields.find((field) =>
    field.name === "update_mask" && field.message?.typeName === "google.protobuf.FieldMask"
  );
  if (mask === undefined || reflect(type, message).isSet(mask)) return;
  const holder = type.fields.filter(isPlainMessage);
  const inside = holder.length === 1;
  const paths = fields.entries
    .filter(({ path }) => inside === (path[0] === holder[0] && path.length > 1))
    .map(({ path }) => path[inside ? 1 : 0]!)
    .filter((field) => !NOT_CHANGED.has(field.name))
    .map((field) => field.jsonName);
  if (paths.length > 0) mergeFromJson(type, message, { [mask.jsonName]: [...new Set(paths)].join(",") });
}

const NOT_CHANGED = new Set(["id", "name", "etag", "request_id"]);

/** Gives the request an id of its own when it has a field for one, which makes repeating it harmless. */
export function fillRequestId(message: Message, type: DescMessage): void {
  const field = requestIdField(type);
  if (field === undefined) return;
  const reflected = reflect(type, message);
  if (!reflected.isSet(field)) reflected.set(field, crypto.randomUUID());
}

export function requestIdField(type: DescMessage): DescField | undefined {
  return type.fields.find((field) => field.name === "request_id" && field.fieldKind === "scalar");
}
