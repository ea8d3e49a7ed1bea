/**
 * Texts of the command line as JSON, by the type of the field they are for.
 *
 * @module
 */
import { type DescEnum, type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { nearest } from "../../text/nearest.ts";
import { reasonOf, UsageError } from "../failure.ts";
import { enumChoices, enumValueName } from "./enums.ts";
import { durationJson, durationMs, timestampJson } from "./time.ts";

/** What values depend on besides their text. */
export interface Surroundings {
  readonly now: () => Date;
  /** The bytes of a file, or of standard input for `-`. */
  readonly readFile: (path: string) => Uint8Array;
}

const INTEGERS: Partial<Record<ScalarType, readonly [bigint, bigint]>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SINT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SFIXED32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n],
  [ScalarType.FIXED32]: [0n, 2n ** 32n - 1n],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SINT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SFIXED64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.UINT64]: [0n, 2n ** 64n - 1n],
  [ScalarType.FIXED64]: [0n, 2n ** 64n - 1n],
};

/**
 * The JSON value of a field.
 *
 * @param texts What was given, once or, for lists and maps, several times.
 * @param flag What to call it in errors, such as `--price`.
 */
export function fieldJson(field: DescField, texts: readonly string[], flag: string, around: Surroundings): JsonValue {
  switch (field.fieldKind) {
    case "scalar":
      return scalarJson(field.scalar, texts[0]!, flag, around);
    case "enum":
      return enumJson(field.enum, texts[0]!, flag);
    case "message":
      return messageJson(field.message, texts[0]!, flag, around);
    case "list":
      return texts.flatMap((text) => listJson(field, text, flag, around));
    case "map":
      return Object.assign({}, ...texts.map((text) => mapJson(field, text, flag, around)));
  }
}

/** The JSON of one scalar. @throws UsageError when the text is no such value. */
export function scalarJson(type: ScalarType, text: string, flag: string, around: Surroundings): JsonValue {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      if (/^(true|yes|1)$/i.test(text)) return true;
      if (/^(false|no|0)$/i.test(text)) return false;
      throw new UsageError(`${flag} is true or false, not '${text}'`);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return numberJson(text, flag);
    case ScalarType.BYTES:
      return bytesJson(text, flag, around);
    default:
      return integerJson(type, text, flag);
  }
}

function integerJson(type: ScalarType, text: string, flag: string): JsonValue {
  const [least, most] = INTEGERS[type]!;
  if (!/^[+-]?\d+$/.test(text)) throw new UsageError(`${flag} is a whole number, not '${text}'`);
  const value = BigInt(text.replace(/^\+/, ""));
  if (value < least || value > most) throw new UsageError(`${flag} lies between ${least} and ${most}, not ${text}`);
  return most > 2n ** 32n ? String(value) : Number(value);
}

function numberJson(text: string, flag: string): JsonValue {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? "-Infinity" : "Infinity";
  if (/^nan$/i.test(text)) return "NaN";
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new UsageError(`${flag} is a number, not '${text}'`);
  return Number(text);
}

function bytesJson(text: string, flag: string, around: Surroundings): JsonValue {
  if (text.startsWith("@")) return base64(around.readFile(text.slice(1)));
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard)) {
    throw new UsageError(`${flag} is base64, or @FILE for the content of a file`);
  }
  return standard;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

function enumJson(type: DescEnum, text: string, flag: string): JsonValue {
  const name = enumValueName(type, text);
  if (name !== undefined) return name;
  const choices = enumChoices(type);
  const meant = nearest(text, choices);
  throw new UsageError(
    `${flag} is one of ${choices.join(", ")}, not '${text}'`,
    meant && `did you mean ${meant}?`,
  );
}

function messageJson(type: DescMessage, text: string, flag: string, around: Surroundings): JsonValue {
  switch (type.typeName) {
    case "google.protobuf.Timestamp": {
      const at = timestampJson(text, around.now());
      if (at !== undefined) return at;
      throw new UsageError(
        `${flag} is a time such as 2026-12-24, 2026-12-24T08:30:00Z, +3d, -2h or now, not '${text}'`,
      );
    }
    case "google.protobuf.Duration": {
      const ms = durationMs(text);
      if (ms !== undefined) return durationJson(ms);
      throw new UsageError(`${flag} is a duration such as 1.5s, 500ms, 2m or 1h30m, not '${text}'`);
    }
    case "google.protobuf.FieldMask":
      return text.split(",").map((path) => camelPath(path.trim())).filter((path) => path !== "").join(",");
  }
  const wrapped = wrappedScalar(type);
  if (wrapped !== undefined) return scalarJson(wrapped, text, flag, around);
  return text.trimStart().startsWith("{") || type.typeName.startsWith("google.protobuf.")
    ? parseJson(text, flag)
    : pairsJson(type, text, flag, around);
}

/** The scalar of google.protobuf.StringValue and its like, whose JSON is the bare value. */
export function wrappedScalar(type: DescMessage): ScalarType | undefined {
  const field = /^google\.protobuf\.\w+Value$/.test(type.typeName) && type.fields.length === 1
    ? type.fields[0]
    : undefined;
  return field?.fieldKind === "scalar" ? field.scalar : undefined;
}

/** JSON has paths of a mask in camel case, people type the names of the fields. */
function camelPath(path: string): string {
  return path.replace(/[_-]([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function parseJson(text: string, flag: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${flag} is not valid JSON: ${reasonOf(error)}`);
  }
}

/** `item=Bolt,quantity=4` as an object. */
function pairsJson(type: DescMessage, text: string, flag: string, around: Surroundings): JsonValue {
  const given = new Map<DescField, string[]>();
  for (const pair of splitCommas(text)) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new UsageError(`${flag} takes ${exampleOf(type)} or JSON, not '${text}'`);
    const name = pair.slice(0, equals).trim().replaceAll("-", "_");
    const field = type.fields.find((one) => one.name === name || one.jsonName === name);
    if (field === undefined) {
      const names = type.fields.map((one) => one.name);
      throw new UsageError(
        `${flag} has no field '${name}', only ${names.join(", ")}`,
        nearest(name, names) && `did you mean ${nearest(name, names)}?`,
      );
    }
    given.set(field, [...(given.get(field) ?? []), pair.slice(equals + 1)]);
  }
  return Object.fromEntries(
    [...given].map(([field, texts]) => [field.jsonName, fieldJson(field, texts, `${flag} ${field.name}`, around)]),
  );
}

/** How to write a message as pairs: `item=TEXT,quantity=NUMBER`. */
export function exampleOf(type: DescMessage): string {
  return type.fields.map((field) => `${field.name}=${placeholderOf(field)}`).join(",");
}

/** What stands for a value of the field in help. */
export function placeholderOf(field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      return scalarPlaceholder(field.scalar);
    case "enum":
      return enumChoices(field.enum).join("|");
    case "message":
      return messagePlaceholder(field.message);
    case "map":
      return "KEY=VALUE";
    case "list":
      return field.listKind === "scalar"
        ? scalarPlaceholder(field.scalar) + ",..."
        : field.listKind === "enum"
        ? enumChoices(field.enum).join("|") + ",..."
        : messagePlaceholder(field.message);
  }
}

function scalarPlaceholder(type: ScalarType): string {
  switch (type) {
    case ScalarType.STRING:
      return "TEXT";
    case ScalarType.BYTES:
      return "BASE64|@FILE";
    case ScalarType.BOOL:
      return "true|false";
    default:
      return "NUMBER";
  }
}

function messagePlaceholder(type: DescMessage): string {
  switch (type.typeName) {
    case "google.protobuf.Timestamp":
      return "TIME";
    case "google.protobuf.Duration":
      return "DURATION";
    case "google.protobuf.FieldMask":
      return "FIELD,...";
  }
  const wrapped = wrappedScalar(type);
  if (wrapped !== undefined) return scalarPlaceholder(wrapped);
  return type.typeName.startsWith("google.protobuf.") ? "JSON" : exampleOf(type);
}

function listJson(
  field: DescField & { fieldKind: "list" },
  text: string,
  flag: string,
  around: Surroundings,
): JsonValue[] {
  if (text.trimStart().startsWith("[")) {
    const list = parseJson(text, flag);
    if (Array.isArray(list)) return list;
  }
  if (field.listKind === "message") return [messageJson(field.message, text, flag, around)];
  const parts = field.listKind === "scalar" && field.scalar === ScalarType.BYTES ? [text] : splitCommas(text);
  return parts.filter((part) => part !== "").map((part) =>
    field.listKind === "enum" ? enumJson(field.enum, part, flag) : scalarJson(field.scalar, part, flag, around)
  );
}

function mapJson(
  field: DescField & { fieldKind: "map" },
  text: string,
  flag: string,
  around: Surroundings,
): { [key: string]: JsonValue } {
  if (text === "") return {};
  const equals = text.indexOf("=");
  if (equals < 0) throw new UsageError(`${flag} takes KEY=VALUE, not '${text}'`);
  const key = text.slice(0, equals);
  const value = text.slice(equals + 1);
  scalarJson(field.mapKey, key, `the key of ${flag}`, around);
  switch (field.mapKind) {
    case "scalar":
      return { [key]: scalarJson(field.scalar, value, flag, around) };
    case "enum":
      return { [key]: enumJson(field.enum, value, flag) };
    case "message":
      return { [key]: messageJson(field.message, value, flag, around) };
  }
}

/** Splits at commas, but not at `\,`. */
function splitCommas(text: string): string[] {
  return text.split(/(?<!\\),/).map((part) => part.replaceAll("\\,", ","));
}
