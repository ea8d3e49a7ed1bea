/**
 * Which rows and columns a message is, by its type alone.
 *
 * @module
 */
import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { reflect, type ReflectList, type ReflectMap, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isPlainMessage } from "../flags/fields.ts";
import { fieldText, isNumeric, mainMessage } from "./cells.ts";
import type { Column } from "./table.ts";

/** How messages of a type become rows. */
export interface RowShape {
  readonly columns: readonly Column[];
  rows(message: Message): string[][];
  /** The field that names the next page, if the type has one. */
  readonly nextPage: DescField | undefined;
}

/** Not worth a column: machines compare them. */
const NEVER_SHOWN = new Set(["etag", "previous"]);
const EXPENDABLE = new Set(["revision", "created_at", "updated_at", "attributes", "description"]);

/** How a response is shown as a table of several rows; undefined when it is one record. */
export function listShape(type: DescMessage): RowShape | undefined {
  const nextPage = type.fields.find((field) => field.name === "next_page_token");
  const repeated = type.fields.filter((field) => field.fieldKind === "list" && field.listKind === "message");
  const [list] = repeated;
  if (repeated.length === 1 && list?.fieldKind === "list" && list.listKind === "message") {
    const fields = columnsOf(list.message);
    return {
      columns: fields.map(columnOf),
      rows: (message) =>
        [...reflect(type, message).get(list) as ReflectList].map((row) => cellsOf(row as ReflectMessage, fields)),
      nextPage,
    };
  }
  const map = type.fields.find((field) => field.fieldKind === "map");
  if (type.fields.length === 1 && map?.fieldKind === "map" && map.mapKind === "message") {
    const fields = columnsOf(map.message);
    const key: Column = { title: "NAME", alignRight: false, expendable: false };
    return {
      columns: [key, ...fields.map(columnOf)],
      rows: (message) =>
        [...reflect(type, message).get(map) as ReflectMap]
          .map(([name, row]) => [String(name), ...cellsOf(row as ReflectMessage, fields)]),
      nextPage,
    };
  }
  return undefined;
}

/** One row for each message, as streams have them. */
export function rowShape(type: DescMessage): RowShape {
  const fields = columnsOf(type);
  return {
    columns: fields.map(columnOf),
    rows: (message) => [cellsOf(reflect(type, message), fields)],
    nextPage: undefined,
  };
}

function columnsOf(type: DescMessage): DescField[] {
  return type.fields.filter((field) => !NEVER_SHOWN.has(field.name));
}

function columnOf(field: DescField): Column {
  return {
    title: field.name.replaceAll("_", " ").toUpperCase(),
    alignRight: isNumeric(field),
    expendable: EXPENDABLE.has(field.name),
    whole: /(^|_)id$/.test(field.name),
  };
}

function cellsOf(message: ReflectMessage, fields: readonly DescField[]): string[] {
  return fields.map((field) => fieldText(message, field));
}

/**
 * A record as pairs of label and text, without what is empty. The fields of the one message within are shown as the
 * record's own; what the two have in common is shown once.
 */
export function recordLines(message: ReflectMessage, above: ReadonlySet<string> = new Set()): [string, string][] {
  const main = mainMessage(message.desc);
  const inside = new Set(
    main !== undefined && message.isSet(main) ? main.message.fields.map((field) => field.name) : [],
  );
  return message.fields.flatMap((field): [string, string][] => {
    if (inside.has(field.name) || above.has(field.name) || field.name === "previous") return [];
    if (field === main) return message.isSet(field) ? recordLines(message.get(field) as ReflectMessage) : [];
    if (isPlainMessage(field)) {
      if (!message.isSet(field)) return [];
      const inner = recordLines(message.get(field) as ReflectMessage);
      return [[labelOf(field), ""], ...inner.map(([label, text]): [string, string] => [`  ${label}`, text])];
    }
    if (field.fieldKind === "list" && field.listKind === "message") {
      const rows = [...message.get(field) as ReflectList];
      return rows.length === 0 ? [] : [[labelOf(field), fieldText(message, field)]];
    }
    const text = fieldText(message, field);
    return text === "" ? [] : [[labelOf(field), text]];
  });
}

function labelOf(field: DescField): string {
  return field.name.replaceAll("_", " ");
}
