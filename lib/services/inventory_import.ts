/**
 * ImportItems: rows in, one summary out.
 *
 * @module
 */
import type { Batches, Init } from "../rpc/mod.ts";
import { ImportMode, ImportStatus } from "../schema/mod.ts";
import type * as pb from "../schema/mod.ts";
import type { ImportResult, ItemInput, ItemStore } from "../store/mod.ts";
import { checkEnum, Checks, shortened } from "./checks.ts";
import { translateStoreError } from "./errors.ts";
import { checkItem } from "./item_checks.ts";

/** So many outcomes are listed in the summary. */
const MAX_OUTCOMES = 1000;
/** So long is the sentence of an outcome at most: a summary of the longest ones stays below a message of 4 MiB. */
const MESSAGE_CHARACTERS = 500;
const MODES: Readonly<Record<number, "create" | "skip" | "replace">> = {
  [ImportMode.IMPORT_MODE_UNSPECIFIED]: "create",
  [ImportMode.IMPORT_MODE_CREATE]: "create",
  [ImportMode.IMPORT_MODE_SKIP]: "skip",
  [ImportMode.IMPORT_MODE_REPLACE]: "replace",
};
const STATUSES: Record<ImportResult["status"], number> = {
  created: ImportStatus.IMPORT_STATUS_CREATED,
  replaced: ImportStatus.IMPORT_STATUS_REPLACED,
  skipped: ImportStatus.IMPORT_STATUS_SKIPPED,
  failed: ImportStatus.IMPORT_STATUS_FAILED,
};

/** So many names are remembered by a dry run, so that endless rows do not fill the memory. */
const MAX_TRIED = 1_000_000;

type Summary =
  & Record<ImportResult["status"] | "revision", number>
  & { outcomes: Init<pb.ImportOutcome>[]; outcomes_truncated: boolean; stopped: boolean };

/** A row that may be written, or what is wrong with it. */
type CheckedRow = { readonly line: number; readonly name: string } & ({ input: ItemInput } | { problem: string });

/** Imports the rows as they arrive: the next batch is taken when the one before is on disk. */
export async function importItems(
  items: ItemStore,
  requests: Batches<pb.ImportItemsRequest>,
  signal: AbortSignal,
): Promise<Init<pb.ImportItemsResponse>> {
  const summary: Summary = {
    created: 0,
    replaced: 0,
    skipped: 0,
    failed: 0,
    revision: 0,
    outcomes: [],
    outcomes_truncated: false,
    stopped: false,
  };
  let options: Partial<pb.ImportOptions> | undefined;
  let position = 0;
  const tried = new Set<string>();
  for await (const batch of requests) {
    const rows: CheckedRow[] = [];
    for (const request of batch) {
      if (request.options) options = checkOptions(request.options, options === undefined && position === 0);
      for (const row of request.rows) rows.push(checkRow(row, ++position));
    }
    if (rows.length === 0) continue;
    options ??= {};
    await writeRows(items, rows, options, summary, { signal, ...tried.size < MAX_TRIED && { tried } });
    if (summary.stopped) break;
  }
  return summary;
}

/** Writes the good rows of a batch between its bad ones, in order. */
async function writeRows(
  items: ItemStore,
  rows: readonly CheckedRow[],
  { mode = 0, stop_on_error = false, dry_run = false, report_all = false }: Partial<pb.ImportOptions>,
  summary: Summary,
  more: { readonly signal: AbortSignal; readonly tried?: Set<string> },
): Promise<void> {
  const firstBad = stop_on_error ? rows.findIndex((row) => "problem" in row) : -1;
  const tried = firstBad < 0 ? rows : rows.slice(0, firstBad + 1);
  const inputs = tried.flatMap((row) => "input" in row ? [row.input] : []);
  const results = await items.importRows(inputs, {
    mode: MODES[mode]!,
    stopOnError: stop_on_error,
    dryRun: dry_run,
    ...more,
  });
  let next = 0;
  for (const row of tried) {
    const result = "input" in row ? results[next++] : undefined;
    if ("input" in row && result === undefined) break;
    const outcome = result === undefined ? badRow(row) : outcomeOf(row, result);
    const status = result?.status ?? "failed";
    summary[status]++;
    if (result && result.status !== "failed") summary.revision = Math.max(summary.revision, result.revision);
    if (report_all || status === "failed") {
      if (summary.outcomes.length < MAX_OUTCOMES) summary.outcomes.push(outcome);
      else summary.outcomes_truncated = true;
    }
    if (status === "failed" && stop_on_error) {
      summary.stopped = true;
      break;
    }
  }
}

function outcomeOf({ line, name }: CheckedRow, result: ImportResult): Init<pb.ImportOutcome> {
  const status = STATUSES[result.status];
  if (result.status !== "failed") return { line, name, status };
  const message = translateStoreError(result.error)!.message;
  return { line, name, status, reason: result.error.reason, message };
}

function badRow(row: CheckedRow): Init<pb.ImportOutcome> {
  const message = "problem" in row ? row.problem : "";
  return { line: row.line, name: row.name, status: STATUSES.failed, reason: "INVALID_REQUEST", message };
}

function checkRow({ line, item }: pb.ImportRow, position: number): CheckedRow {
  const place = line > 0 ? line : position;
  if (!item) return { line: place, name: "", problem: "item is required" };
  const checks = new Checks();
  const input = checkItem(checks, item);
  const { descriptions } = checks;
  return descriptions.length === 0
    ? { line: place, name: item.name, input }
    : { line: place, name: shortened(item.name, 200), problem: shortened(descriptions.join("; "), MESSAGE_CHARACTERS) };
}

function checkOptions(options: pb.ImportOptions, first: boolean): pb.ImportOptions {
  const checks = new Checks();
  if (!first) checks.add("options", "MISPLACED", "options must come once, before every row");
  checkEnum(checks, "options.mode", options.mode, ImportMode);
  checks.done();
  return options;
}
