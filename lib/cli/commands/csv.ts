/**
 * Rows of items from CSV and JSON lines.
 *
 * @module
 */
import { type DescMessage, fromJson, type JsonObject, type Message, type Registry } from "@bufbuild/protobuf";
import { parse } from "csv-parse";
import { Readable } from "node:stream";
import { nearest } from "../../text/nearest.ts";
import { LocalError, reasonOf, UsageError } from "../failure.ts";

/** A row that can be sent. */
export interface GoodRow {
  readonly line: number;
  readonly item: Message;
}

/** A row that cannot. */
export interface BadRow {
  readonly line: number;
  readonly name: string;
  readonly problem: string;
}

export type Row = GoodRow | BadRow;

const COLUMNS = ["name", "quantity", "price", "location", "tags", "reorder_level"] as const;
type ColumnName = (typeof COLUMNS)[number];
type Setter = (item: JsonObject, text: string) => string | undefined;

const INT32_MAX = 2 ** 31 - 1;

/**
 * The rows of CSV with a header line. Lines count from 1, the header's.
 *
 * @throws LocalError on a header that cannot be used, and on broken quoting.
 */
export async function* csvRows(
  bytes: ReadableStream<Uint8Array>,
  itemType: DescMessage,
  registry: Registry,
): AsyncGenerator<Row> {
  const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true });
  const source = Readable.fromWeb(bytes as Parameters<typeof Readable.fromWeb>[0]);
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let setters: Setter[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (setters === undefined) {
        setters = settersOf(record);
        continue;
      }
      const line = info.lines - breaksIn(record);
      yield rowOf(record, setters, line, itemType, registry);
    }
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`the CSV cannot be read further: ${reasonOf(error)}`, undefined, { cause: error });
  } finally {
    source.destroy();
  }
  if (setters === undefined) throw new LocalError("the CSV is empty: its first line must name the columns");
}

/** Lines that a record takes beyond its first. */
function breaksIn(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record) if (cell.includes("\n")) breaks += cell.split("\n").length - 1;
  return breaks;
}

function settersOf(header: readonly string[]): Setter[] {
  const seen = new Set<string>();
  const setters = header.map((title) => {
    const name = title.trim();
    if (seen.has(name)) throw new LocalError(`line 1: the column '${name}' is there twice`);
    seen.add(name);
    if (name.startsWith("attributes.") && name.length > "attributes.".length) {
      return attributeSetter(name.slice("attributes.".length));
    }
    const known = COLUMNS.find((column) => column === name.toLowerCase().replace(/[\s-]/g, "_"));
    if (known === undefined) throw unknownColumn(name);
    return SETTERS[known];
  });
  if (!seen.has("name") && ![...seen].some((one) => one.toLowerCase() === "name")) {
    throw new LocalError("line 1: there is no column 'name'");
  }
  return setters;
}

function unknownColumn(name: string): LocalError {
  const known = [...COLUMNS, "attributes.KEY"];
  const meant = nearest(name, known);
  return new LocalError(
    `line 1: unknown column '${name}'; the columns are ${known.join(", ")}`,
    meant && `did you mean ${meant}?`,
  );
}

const text = (field: string): Setter => (item, value) => {
  item[field] = value;
  return undefined;
};

const count = (field: string, label: string): Setter => (item, value) => {
  const digits = value.trim();
  if (digits === "") return undefined;
  if (!/^[+-]?\d+$/.test(digits)) return `${label} is not a whole number: '${value}'`;
  const number = Number(digits);
  if (Math.abs(number) > INT32_MAX) return `${label} is larger than ${INT32_MAX}: ${value}`;
  item[field] = number;
  return undefined;
};

const SETTERS: Readonly<Record<ColumnName, Setter>> = {
  name: text("name"),
  location: text("location"),
  quantity: count("quantity", "quantity"),
  reorder_level: count("reorderLevel", "reorder_level"),
  price: (item, value) => {
    const digits = value.trim();
    if (digits === "") return undefined;
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(digits)) return `price is not a number: '${value}'`;
    item.price = Number(digits);
    return undefined;
  },
  tags: (item, value) => {
    item.tags = value.split(";").map((tag) => tag.trim()).filter((tag) => tag !== "");
    return undefined;
  },
};

function attributeSetter(key: string): Setter {
  return (item, value) => {
    if (value !== "") item.attributes = { ...item.attributes as JsonObject | undefined, [key]: value };
    return undefined;
  };
}

function rowOf(
  record: readonly string[],
  setters: readonly Setter[],
  line: number,
  itemType: DescMessage,
  registry: Registry,
): Row {
  const item: JsonObject = {};
  const problems: string[] = [];
  if (record.length > setters.length) problems.push(`has ${record.length} cells for ${setters.length} columns`);
  for (const [index, setter] of setters.entries()) {
    const cell = record[index];
    const problem = cell === undefined ? undefined : setter(item, cell);
    if (problem !== undefined) problems.push(problem);
  }
  if (record.length < setters.length) problems.push(`has ${record.length} cells for ${setters.length} columns`);
  const name = String(item.name ?? "");
  if (problems.length > 0) return { line, name, problem: problems.join("; ") };
  return { line, item: fromJson(itemType, item, { registry }) };
}

/** The rows of JSON lines: an item in each line, as `-o jsonl` writes them. */
export async function* jsonLineRows(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  itemType: DescMessage,
  registry: Registry,
): AsyncGenerator<Row> {
  let line = 0;
  for await (const textOfLine of linesOf(bytes)) {
    line++;
    if (textOfLine.trim() === "") continue;
    if (line === 1 && textOfLine.trimStart().startsWith("[")) {
      throw new UsageError(
        "the file holds a JSON array: it must have one item in each line",
        "jq -c '.[]' FILE makes it so",
      );
    }
    yield jsonRow(textOfLine, line, itemType, registry);
  }
}

function jsonRow(textOfLine: string, line: number, itemType: DescMessage, registry: Registry): Row {
  let name = "";
  try {
    const json = JSON.parse(textOfLine) as JsonObject;
    if (typeof json?.name === "string") name = json.name;
    return { line, item: fromJson(itemType, json, { registry }) };
  } catch (error) {
    return { line, name, problem: reasonOf(error) };
  }
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
