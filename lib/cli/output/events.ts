/**
 * Changes as lines for people: `#17  updated  Widget  quantity 5 -> 3`.
 *
 * @module
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { reflect, type ReflectList, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { Style } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { fieldText, mainMessage } from "./cells.ts";
import type { Printer } from "./printer.ts";

export interface EventPrinterOptions {
  readonly type: DescMessage;
  readonly terminal: Terminal;
  readonly style: Style;
}

/** Prints the events of a watch, also where several come in one message. */
export function createEventPrinter({ type, terminal, style }: EventPrinterOptions): Printer {
  const list = type.fields.find((field) => field.fieldKind === "list" && field.listKind === "message");
  const revisionField = type.fields.find(({ name }) => name === "revision");
  return {
    async print(messages) {
      for (const message of messages) {
        const outer = reflect(type, message);
        const events = list ? [...outer.get(list) as ReflectList] as ReflectMessage[] : [outer];
        const revision = revisionField ? `#${outer.get(revisionField)}` : "";
        const lines = events.map((event) => eventLine(event, revision === "#0" ? "" : revision, style));
        const shown = lines.filter((line) => line !== undefined);
        await terminal.out(shown.length === 0 ? `${style.dim(`${revision.padEnd(7)} up to date`)}\n` : shown.join(""));
      }
    },
    async end() {},
  };
}

const UNINTERESTING = new Set(["etag", "revision", "updated_at", "created_at"]);
const TITLES = ["title", "name", "id"];

function eventLine(event: ReflectMessage, revision: string, style: Style): string | undefined {
  const main = mainMessage(event.desc);
  if (main === undefined || !event.isSet(main)) return undefined;
  const thing = event.get(main) as ReflectMessage;
  const kindField = event.fields.find((field) => field.fieldKind === "enum");
  const kind = kindField ? fieldText(event, kindField) : "";
  const title = TITLES.map((name) => thing.fields.find((field) => field.name === name)).find((field) =>
    field !== undefined
  );
  const previousField = event.fields.find(({ name }) => name === "previous");
  const previous = previousField !== undefined && event.isSet(previousField)
    ? event.get(previousField) as ReflectMessage
    : undefined;
  const parts = previous === undefined ? facts(thing, title) : differences(previous, thing);
  const label = title ? fieldText(thing, title) : "";
  const paint = COLORS[kind] ?? "bold";
  return `${style.dim(revision.padEnd(7))} ${style[paint](kind.padEnd(8))} ${style.bold(label)}  ${parts.join(", ")}`
    .trimEnd() + "\n";
}

const COLORS: Readonly<Record<string, keyof Style>> = {
  added: "green",
  created: "green",
  updated: "yellow",
  removed: "red",
  deleted: "red",
  snapshot: "dim",
};

/** What there is to know of a thing in a line. */
function facts(thing: ReflectMessage, title: DescField | undefined): string[] {
  return thing.fields
    .filter((field) => field !== title && field.name !== "description" && !UNINTERESTING.has(field.name))
    .filter((field) => thing.isSet(field))
    .map((field) => `${label(field)} ${fieldText(thing, field)}`);
}

/** What a change changed. */
function differences(before: ReflectMessage, after: ReflectMessage): string[] {
  return after.fields
    .filter((field) => !UNINTERESTING.has(field.name))
    .map((field) => ({ field, old: fieldText(before, field), now: fieldText(after, field) }))
    .filter(({ old, now }) => old !== now)
    .map(({ field, old, now }) => `${label(field)} ${old || "none"} -> ${now || "none"}`);
}

function label(field: DescField): string {
  return field.name.replaceAll("_", " ");
}
