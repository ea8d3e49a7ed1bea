/**
 * Enum values by their short names.
 *
 * @module
 */
import type { DescEnum } from "@bufbuild/protobuf";
import { kebab } from "../names.ts";

/** The short name of a value: `TASK_STATUS_IN_PROGRESS` is `in-progress`. */
export function shortEnumName(type: DescEnum, name: string): string {
  const prefix = prefixOf(type);
  return kebab(name.startsWith(prefix) ? name.slice(prefix.length) : name);
}

/** The short names that are worth offering: all but the one that means nothing was said. */
export function enumChoices(type: DescEnum): string[] {
  return type.values
    .filter((value) => !(value.number === 0 && /(^|_)UNSPECIFIED$/.test(value.name)))
    .map((value) => shortEnumName(type, value.name));
}

/** The full name of the value that `text` means: a short name, the full name or the number, in any case. */
export function enumValueName(type: DescEnum, text: string): string | undefined {
  const wanted = text.toLowerCase().replaceAll("-", "_");
  return type.values.find((value) =>
    value.name.toLowerCase() === wanted ||
    shortEnumName(type, value.name).replaceAll("-", "_") === wanted ||
    String(value.number) === text
  )?.name;
}

/** What all values begin with, such as `TASK_STATUS_`; empty when they share nothing. */
function prefixOf(type: DescEnum): string {
  if (type.sharedPrefix !== undefined) return type.sharedPrefix.toUpperCase();
  return "";
}
