/**
 * Values of messages as short texts for people.
 *
 * @module
 */
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { ReflectList, ReflectMap, ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Duration, type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { shortEnumName } from "../flags/enums.ts";

const MONEY = /^(price|cost|amount|total)(_|$)|_(price|cost|amount|total)$/;
const ISO_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/;

/** The text of a field; empty when it is not set. */
export function fieldText(message: ReflectMessage, field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      if (!message.isSet(field) && (field.oneof || field.presence !== IMPLICIT)) return "";
      return scalarText(field, field.scalar, message.get(field));
    case "enum":
      return message.isSet(field) || field.presence === IMPLICIT
        ? enumText(field.enum, message.get(field) as number)
        : "";
    case "message":
      return message.isSet(field) ? messageText(message.get(field) as ReflectMessage) : "";
    case "list":
      return listTexts(message.get(field) as ReflectList, field).join(field.listKind === "message" ? "; " : ", ");
    case "map":
      return [...message.get(field) as ReflectMap]
        .map(([key, value]) => `${key}=${elementText(field, value)}`)
        .join(", ");
  }
}

/** Presence of a field without `optional`: its default cannot be told from nothing. */
const IMPLICIT = 2;

function listTexts(list: ReflectList, field: DescField & { fieldKind: "list" }): string[] {
  return [...list].map((value) => elementText(field, value));
}

function elementText(field: DescField & { fieldKind: "list" | "map" }, value: unknown): string {
  if (field.message) return messageText(value as ReflectMessage);
  if (field.enum) return enumText(field.enum, value as number);
  return scalarText(field, field.scalar, value);
}

function scalarText(field: DescField, type: ScalarType, value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (type === ScalarType.BOOL) return value ? "yes" : "no";
  if (typeof value === "number" && MONEY.test(field.name)) return moneyText(value);
  if (typeof value === "string") return printable(timeOfText(value));
  return String(value);
}

/** At least two decimals, more only where they are needed. */
export function moneyText(value: number): string {
  const exact = String(value);
  const [, decimals = ""] = exact.split(".");
  return /e/.test(exact) || decimals.length > 2 ? exact : value.toFixed(2);
}

function enumText(type: DescEnum, number: number): string {
  const value = type.value[number];
  if (value === undefined) return String(number);
  return number === 0 && /UNSPECIFIED$/.test(value.name) ? "" : shortEnumName(type, value.name);
}

function messageText(message: ReflectMessage): string {
  switch (message.desc.typeName) {
    case "google.protobuf.Timestamp":
      return timeText(timestampDate(message.message as Timestamp));
    case "google.protobuf.Duration": {
      const { seconds, nanos } = message.message as Duration;
      return `${Number(seconds) + nanos / 1e9}s`;
    }
  }
  const parts = message.fields
    .map((field) => ({ field, text: message.isSet(field) ? fieldText(message, field) : "" }))
    .filter(({ text }) => text !== "");
  if (parts.length === 1 && message.fields.length === 1) return parts[0]!.text;
  return parts.map(({ field, text }) => `${field.name}=${text}`).join(",");
}

/** `2026-05-04 08:30:00Z` */
export function timeText(date: Date): string {
  return timeOfText(date.toISOString());
}

function timeOfText(text: string): string {
  const match = ISO_TIME.exec(text);
  return match ? `${match[1]} ${match[2]}Z` : text;
}

/** Without characters that would move the cursor or change the terminal: those appear as escapes. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) =>
      character === "\n"
        ? "\\n"
        : character === "\t"
        ? "\\t"
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether values of the field read best flush right. */
export function isNumeric(field: DescField): boolean {
  return field.fieldKind === "scalar" && field.scalar !== ScalarType.STRING && field.scalar !== ScalarType.BOOL &&
    field.scalar !== ScalarType.BYTES;
}

/** The field that holds a message of the contract's own, if there is just one besides `previous`. */
export function mainMessage(type: DescMessage): (DescField & { fieldKind: "message" }) | undefined {
  const candidates = type.fields.filter((field): field is DescField & { fieldKind: "message" } =>
    field.fieldKind === "message" && !field.message.typeName.startsWith("google.") && field.name !== "previous"
  );
  return candidates.length === 1 ? candidates[0] : undefined;
}
