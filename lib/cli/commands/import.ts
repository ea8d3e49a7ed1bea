/**
 * `steward inventory import`
 *
 * @module
 */
import { create, type DescMessage, type JsonObject, type Message } from "@bufbuild/protobuf";
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import type { Contract } from "../contract.ts";
import { Exit, Interrupted, LocalError, reasonOf, UsageError } from "../failure.ts";
import { enumChoices, enumValueName } from "../flags/enums.ts";
import type { Flag } from "../flags/parse.ts";
import { defaultFormat, jsonOf } from "../output/printer.ts";
import { printable } from "../output/cells.ts";
import { Progress } from "../output/progress.ts";
import { type BadRow, csvRows, jsonLineRows, type Row } from "./csv.ts";

const ROWS_IN_A_MESSAGE = 200;
const FLAGS: readonly Flag[] = [
  {
    name: "mode",
    placeholder: "create|skip|replace",
    values: ["create", "skip", "replace"],
    help: "What to do with an item that is there already: report it (the default), skip it or replace it.",
  },
  { name: "stop-on-error", switch: true, help: "Stop at the first row that fails; what came before it stays." },
  { name: "dry-run", switch: true, help: "Check every row, write none." },
  {
    name: "format",
    placeholder: "csv|jsonl",
    values: ["csv", "jsonl"],
    help: "Of the file; by default from its name.",
  },
];

export const importItems: Command = {
  path: "inventory import",
  usage: "FILE|- [FLAGS]",
  summary: "Import items from a CSV or JSON lines file.",
  description: [
    "The first line of a CSV names the columns: name, quantity, price, location, tags (separated by ;), reorder_level, " +
    "attributes.KEY. JSON lines have an item in each line, as `inventory list -o jsonl` writes them.",
    "Each row stands alone. Rows that fail are listed on stderr with their line, the summary goes to stdout, and the exit code " +
    "is 1 when any row failed. `inventory import-items` is the plain method.",
  ].join("\n\n"),
  flags: FLAGS,
  examples: [
    "inventory import items.csv",
    "inventory import items.csv --mode replace --dry-run",
    "inventory list -o jsonl | steward --server other:50051 inventory import - --format jsonl",
  ],
  arguments: () => "file",
  run: runImport,
};

interface Outcome {
  readonly line: string;
  readonly name: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface Summary extends JsonObject {
  created: string;
  replaced: string;
  skipped: string;
  failed: string;
  outcomes: JsonObject[];
  outcomesTruncated: boolean;
  stopped: boolean;
  revision: string;
}

async function runImport(context: Context): Promise<number> {
  const [path, surplus] = context.parsed.positionals;
  if (path === undefined) throw new UsageError("import needs a file, or - for standard input");
  if (surplus !== undefined) throw new UsageError(`unexpected argument '${surplus}'`);
  if (context.settings.envelope) throw new UsageError("--envelope goes with inventory import-items, not with import");
  const types = typesOf(context.contract());
  const options = optionsOf(context, types);
  const source = await openSource(context, path);
  const progress = new Progress(context.terminal, source.size);
  const started = performance.now();
  const sender = new Sender(context, types, options, source, progress);
  const connection = await context.connect();
  let answer: Summary;
  try {
    const message = await connection.single(types.method, sender.requests(), { signal: context.signal });
    answer = jsonOf(types.method.output, message, context.contract().registry) as Summary;
  } catch (error) {
    progress.clear();
    if (context.signal.aborted) {
      context.terminal.err(`stopped after ${sender.sent} rows were sent; those that arrived stay\n`);
      throw context.signal.reason instanceof Interrupted ? context.signal.reason : error;
    }
    reportBadRows(context, sender.bad.map(localOutcome));
    if (sender.sent > 0) {
      context.terminal.err(`${sender.sent} rows had been sent; --mode skip continues without repeating them\n`);
    }
    throw error;
  }
  progress.clear();
  const outcomes = [...sender.bad.map(localOutcome), ...answer.outcomes as unknown as Outcome[]]
    .sort((a, b) => Number(a.line) - Number(b.line));
  reportBadRows(context, outcomes.filter(({ status }) => status === "IMPORT_STATUS_FAILED"));
  const failed = Number(answer.failed) + sender.bad.length;
  const summary = { ...answer, failed: String(failed), stopped: answer.stopped || sender.stopped, outcomes };
  await showSummary(context, summary as unknown as Summary, performance.now() - started);
  return failed > 0 ? Exit.LOCAL : Exit.OK;
}

function typesOf(contract: Contract) {
  const method = contract.registry.getService("inventory.Inventory")?.methods
    .find(({ name }) => name === "ImportItems");
  const message = (name: string): DescMessage => {
    const found = contract.registry.getMessage(`inventory.${name}`);
    if (found === undefined) throw new LocalError(`the contract has no inventory.${name}`);
    return found;
  };
  if (method === undefined) throw new LocalError("the contract has no ImportItems");
  const mode = contract.registry.getEnum("inventory.ImportMode");
  if (mode === undefined) throw new LocalError("the contract has no ImportMode");
  return {
    method,
    mode,
    item: message("Item"),
    options: message("ImportOptions"),
    request: message("ImportItemsRequest"),
    row: message("ImportRow"),
  };
}

type Types = ReturnType<typeof typesOf>;

function optionsOf({ parsed }: Context, { mode, options }: Types): Message {
  const text = parsed.values.get("mode")?.[0] ?? "create";
  const name = enumValueName(mode, text);
  if (name === undefined) throw new UsageError(`--mode is one of ${enumChoices(mode).join(", ")}, not '${text}'`);
  const on = (flag: string) => parsed.values.get(flag)?.[0] === "true";
  return create(options, {
    mode: mode.values.find((value) => value.name === name)!.number,
    stopOnError: on("stop-on-error"),
    dryRun: on("dry-run"),
  });
}

interface Source {
  readonly bytes: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly format: "csv" | "jsonl";
  readonly size: number | undefined;
  /** Bytes read so far. */
  read: number;
}

async function openSource({ terminal, parsed }: Context, path: string): Promise<Source> {
  const format = formatOf(parsed.values.get("format")?.[0], path);
  let bytes: ReadableStream<Uint8Array<ArrayBuffer>>;
  let size: number | undefined;
  if (path === "-") bytes = terminal.stdin;
  else {
    try {
      const file = await Deno.open(path);
      const info = await file.stat();
      if (info.isDirectory) throw new Error("it is a folder");
      size = info.isFile ? info.size : undefined;
      bytes = file.readable;
    } catch (error) {
      throw new LocalError(`cannot read ${path}: ${reasonOf(error)}`, undefined, { cause: error });
    }
  }
  const source: Source = { bytes, format, size, read: 0 };
  const counted = bytes.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        source.read += chunk.length;
        controller.enqueue(chunk);
      },
    }),
  );
  return Object.assign(source, { bytes: counted });
}

function formatOf(given: string | undefined, path: string): "csv" | "jsonl" {
  if (given === "csv" || given === "jsonl") return given;
  if (given !== undefined) throw new UsageError(`--format is csv or jsonl, not '${given}'`);
  return /\.(jsonl|ndjson|json)$/i.test(path) ? "jsonl" : "csv";
}

/** Turns rows into requests, as fast as they are taken. */
class Sender {
  /** Rows that could not be sent. */
  readonly bad: BadRow[] = [];
  sent = 0;
  /** A bad row ended the import. */
  stopped = false;

  readonly #stopOnError: boolean;

  constructor(
    private readonly context: Context,
    private readonly types: Types,
    private readonly options: Message,
    private readonly source: Source,
    private readonly progress: Progress,
  ) {
    this.#stopOnError = context.parsed.values.get("stop-on-error")?.[0] === "true";
  }

  async *requests(): AsyncGenerator<Message> {
    const { request, row } = this.types;
    yield create(request, { options: this.options });
    let batch: Message[] = [];
    for await (const one of this.#rows()) {
      if ("problem" in one) {
        this.bad.push(one);
        if (!this.#stopOnError) continue;
        this.stopped = true;
        break;
      }
      batch.push(create(row, { line: BigInt(one.line), item: one.item }));
      if (batch.length < ROWS_IN_A_MESSAGE) continue;
      yield this.#request(batch);
      batch = [];
    }
    if (batch.length > 0) yield this.#request(batch);
  }

  #request(rows: Message[]): Message {
    this.sent += rows.length;
    this.progress.update(this.source.read, `${this.sent} rows`);
    return create(this.types.request, { rows });
  }

  #rows(): AsyncGenerator<Row> {
    const { registry } = this.context.contract();
    const read = this.source.format === "csv" ? csvRows : jsonLineRows;
    return read(this.source.bytes, this.types.item, registry);
  }
}

function localOutcome({ line, name, problem }: BadRow): Outcome {
  return { line: String(line), name, status: "IMPORT_STATUS_FAILED", reason: "UNREADABLE_ROW", message: problem };
}

function reportBadRows({ terminal, errStyle }: Context, outcomes: readonly Outcome[]): void {
  for (const { line, message } of outcomes) {
    terminal.err(`${errStyle.red(`line ${line}:`)} ${printable(message)}\n`);
  }
}

async function showSummary(context: Context, summary: Summary, ms: number): Promise<void> {
  const { terminal, settings, parsed } = context;
  const { created, replaced, skipped, failed, stopped, outcomesTruncated } = summary;
  const format = settings.format ?? defaultFormat(terminal, false);
  if (format === "table") {
    const did = parsed.values.get("dry-run")?.[0] === "true" ? "would be created" : "created";
    const counts = [`${created} ${did}`, `${replaced} replaced`, `${skipped} skipped`, `${failed} failed`]
      .filter((part, index) => index === 0 || !part.startsWith("0 "));
    await terminal.out(`${counts.join(", ")} in ${(ms / 1000).toFixed(1)} s\n`);
  } else if (format === "yaml") {
    const { stringify } = await import("yaml");
    await terminal.out(stringify(summary));
  } else await terminal.out(JSON.stringify(summary, null, format === "json" ? 2 : undefined) + "\n");
  if (outcomesTruncated) terminal.err("more rows failed than are listed\n");
  if (stopped) terminal.err("stopped at the first row that failed; earlier rows stay, later ones were not looked at\n");
}
