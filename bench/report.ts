import type { Unit } from "./bench.ts";
import type { Result } from "./run.ts";
import { median } from "./statistics.ts";

/** One figure over all rounds. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The median by that of the first lane; absent for the first lane. */
  readonly ratio?: number;
}

/** One line of the table: one figure on every lane. */
export interface Row {
  readonly load: string;
  readonly generator: string;
  readonly figure: string;
  readonly unit: Unit;
  /** By lane. A lane whose runs all failed, or that did not run, is not there. */
  readonly lanes: Readonly<Record<string, Summary>>;
  /** Lanes whose runs all failed. */
  readonly failed: readonly string[];
}

/** Puts the samples of all rounds together. */
export function summarize(results: readonly Result[]): Row[] {
  const rows: Row[] = [];
  for (const load of new Set(results.map(({ load }) => load))) {
    const ofLoad = results.filter((result) => result.load === load);
    const figures = ofLoad.find(({ samples }) => samples.length > 0)?.samples[0] ?? [];
    for (const { name, unit } of figures) {
      const lanes: Record<string, Summary> = {};
      let first: number | undefined;
      for (const { lane, samples } of ofLoad) {
        const values = samples.map((sample) => sample.find((figure) => figure.name === name)!.value);
        if (values.length === 0) continue;
        const middle = median(values);
        lanes[lane] = {
          ...{ median: middle, min: Math.min(...values), max: Math.max(...values) },
          ...(first !== undefined && { ratio: middle / first }),
        };
        first ??= middle;
      }
      const failed = ofLoad.filter(({ samples }) => samples.length === 0).map(({ lane }) => lane);
      rows.push({ load: load.name, generator: load.generator, figure: name, unit, lanes, failed });
    }
  }
  return rows;
}

/** With more, the least and the most are left to the JSON: a line is to stay readable. */
const MOST_LANES_WITH_SPREAD = 3;

/** The rows as a Markdown table that is also readable as it is. */
export function table(rows: readonly Row[], lanes: readonly string[]): string {
  const spread = lanes.length <= MOST_LANES_WITH_SPREAD;
  const head = ["load", "by", "figure", ...lanes.flatMap((lane, index) => index === 0 ? [lane] : [lane, "ratio"])];
  let above: Row | undefined;
  const lines = rows.map((row) => {
    const again = above?.load === row.load && above.generator === row.generator;
    above = row;
    return [
      ...(again ? ["", ""] : [row.load, row.generator]),
      `${row.figure}, ${row.unit}`,
      ...lanes.flatMap((lane, index) => {
        const summary = row.lanes[lane];
        const value = summary ? cell(summary, spread) : row.failed.includes(lane) ? "failed" : "–";
        return index === 0 ? [value] : [value, summary?.ratio === undefined ? "" : `${summary.ratio.toFixed(2)}×`];
      }),
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const text = (column: number) => column < 3;
  const print = (cells: readonly string[]) =>
    `| ${
      cells.map((value, column) => text(column) ? value.padEnd(widths[column]!) : value.padStart(widths[column]!))
        .join(" | ")
    } |`;
  const rule = widths.map((width, column) => text(column) ? "-".repeat(width) : "-".repeat(width - 1) + ":");
  return [print(head), print(rule), ...lines.map(print)].join("\n");
}

function cell({ median, min, max }: Summary, spread: boolean): string {
  return number(median) + (spread && min !== max ? ` (${number(min)}–${number(max)})` : "");
}

/** Three figures are as much as such a measurement can say. */
function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
