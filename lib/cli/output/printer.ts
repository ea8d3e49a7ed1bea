/**
 * Shows responses in the format asked for.
 *
 * @module
 */
import { type DescMessage, type JsonObject, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Format } from "../settings.ts";
import type { Style } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { listShape, recordLines, type RowShape, rowShape } from "./rows.ts";

export interface Printer {
  print(messages: readonly Message[]): Promise<void>;
  /** Writes what belongs after the last message. */
  end(): Promise<void>;
}

export interface PrinterOptions {
  readonly format: Format;
  readonly type: DescMessage;
  readonly registry: Registry;
  readonly terminal: Terminal;
  readonly style: Style;
  /** Any number of messages may come. */
  readonly stream: boolean;
}

/** The format when none was asked for. */
export function defaultFormat(terminal: Terminal, stream: boolean): Format {
  return terminal.stdoutIsTerminal ? "table" : stream ? "jsonl" : "json";
}

/** The JSON form of a message. Fields at their default are there too, so that programs need not know which may be missing. */
export function jsonOf(type: DescMessage, message: Message, registry: Registry): JsonObject {
  return toJson(type, message, { registry, alwaysEmitImplicit: true }) as JsonObject;
}

export async function createPrinter(options: PrinterOptions): Promise<Printer> {
  switch (options.format) {
    case "json":
      return options.stream ? jsonArrayPrinter(options) : jsonPrinter(options, 2);
    case "jsonl":
      return jsonPrinter(options, undefined);
    case "yaml":
      return await yamlPrinter(options);
    case "table":
      return await tablePrinter(options);
  }
}

function jsonPrinter({ type, registry, terminal }: PrinterOptions, indent: number | undefined): Printer {
  return {
    async print(messages) {
      for (const message of messages) {
        await terminal.out(JSON.stringify(jsonOf(type, message, registry), null, indent) + "\n");
      }
    },
    async end() {},
  };
}

/** One array, written as its elements come. */
function jsonArrayPrinter({ type, registry, terminal }: PrinterOptions): Printer {
  let count = 0;
  return {
    async print(messages) {
      for (const message of messages) {
        const text = JSON.stringify(jsonOf(type, message, registry), null, 2).replaceAll("\n", "\n  ");
        await terminal.out((count++ === 0 ? "[\n  " : ",\n  ") + text);
      }
    },
    end: () => terminal.out(count === 0 ? "[]\n" : "\n]\n"),
  };
}

async function yamlPrinter({ type, registry, terminal }: PrinterOptions): Promise<Printer> {
  const { stringify } = await import("yaml");
  let count = 0;
  return {
    async print(messages) {
      for (const message of messages) {
        const document = stringify(jsonOf(type, message, registry));
        await terminal.out((count++ === 0 ? "" : "---\n") + document);
      }
    },
    async end() {},
  };
}

async function tablePrinter(options: PrinterOptions): Promise<Printer> {
  const list = listShape(options.type);
  if (list !== undefined) return await rowsPrinter(options, list);
  return options.stream ? await rowsPrinter(options, rowShape(options.type)) : await recordPrinter(options);
}

async function recordPrinter({ type, terminal, style }: PrinterOptions): Promise<Printer> {
  const { pad, stringWidth } = await import("./table.ts");
  let count = 0;
  return {
    async print(messages) {
      for (const message of messages) {
        const lines = recordLines(reflect(type, message));
        const width = Math.max(0, ...lines.map(([label]) => stringWidth(label)));
        if (count++ > 0) await terminal.out("\n");
        await terminal.out(
          lines.map(([label, text]) => `${style.bold(pad(label, width))}  ${text}`.trimEnd() + "\n").join("") || "ok\n",
        );
      }
    },
    async end() {},
  };
}

/** Widths follow from the first rows; a slow stream does not wait for more of them. */
const MEASURED_ROWS = 500;
const PATIENCE_MS = 150;

async function rowsPrinter(options: PrinterOptions, shape: RowShape): Promise<Printer> {
  const { layOut, lineOf, titleLine } = await import("./table.ts");
  const { type, terminal, style } = options;
  const width = terminal.stdoutIsTerminal ? terminal.width : Infinity;
  let pending: string[][] = [];
  let layout: ReturnType<typeof layOut> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written: Promise<void> = Promise.resolve();
  let count = 0;
  let nextPage = "";
  const release = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const rows = pending;
    pending = [];
    if (layout === undefined) {
      layout = layOut(shape.columns, rows, width);
      await terminal.out(titleLine(layout, style.bold) + "\n");
    }
    for (const row of rows) await terminal.out(lineOf(layout, row) + "\n");
  };
  return {
    async print(messages) {
      await written;
      for (const message of messages) {
        const rows = shape.rows(message);
        count += rows.length;
        for (const row of rows) pending.push(row);
        if (shape.nextPage) nextPage = String(reflect(type, message).get(shape.nextPage));
      }
      if (layout !== undefined || pending.length >= MEASURED_ROWS) await release();
      else {
        timer ??= setTimeout(() => {
          written = release().then(() => terminal.flush());
          written.catch(() => {});
        }, PATIENCE_MS);
      }
    },
    async end() {
      await written;
      await release();
      await terminal.flush();
      if (count === 0) terminal.err("nothing found\n");
      if (layout !== undefined && layout.omitted.length > 0) {
        terminal.err(style.dim(`no room for ${layout.omitted.join(", ").toLowerCase()}; -o yaml shows all\n`));
      }
      if (nextPage !== "") terminal.err(style.dim(`there is more: --page-token ${nextPage}, or --all\n`));
    },
  };
}
