/**
 * Tables that fit their terminal.
 *
 * @module
 */
import stringWidth from "string-width";

export interface Column {
  readonly title: string;
  readonly alignRight: boolean;
  /** The first to go when there is no room. */
  readonly expendable: boolean;
  /** Of no use when cut, as identifiers are. */
  readonly whole?: boolean;
}

/** A layout: which columns are shown, and how wide. */
export interface Layout {
  readonly columns: readonly { readonly index: number; readonly width: number; readonly column: Column }[];
  /** Titles of the columns there was no room for. */
  readonly omitted: readonly string[];
}

const GAP = "  ";
const LEAST_WIDTH = 10;

/**
 * Lays out columns by the rows known so far. A column that is empty in all of them is left out.
 *
 * @param width What the terminal has; Infinity when there is none.
 */
export function layOut(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): Layout {
  let shown = columns
    .map((column, index) => ({
      column,
      index,
      width: rows.reduce((most, row) => Math.max(most, stringWidth(row[index]!)), 0),
    }))
    .filter((one) => one.width > 0)
    .map((one) => ({ ...one, width: Math.max(one.width, stringWidth(one.column.title)) }));
  const omitted: string[] = [];
  const total = () => shown.reduce((sum, one) => sum + one.width, 0) + GAP.length * Math.max(0, shown.length - 1);
  const drop = (victim: (typeof shown)[number]) => {
    omitted.push(victim.column.title);
    shown = shown.filter((one) => one !== victim);
  };
  for (const victim of shown.filter((one) => one.column.expendable).toReversed()) if (total() > width) drop(victim);
  while (total() > width) {
    const widest = shown.filter(({ column }) => !column.alignRight && !column.whole).reduce<
      (typeof shown)[number] | undefined
    >(
      (most, one) => most === undefined || one.width > most.width ? one : most,
      undefined,
    );
    if (widest !== undefined && widest.width > LEAST_WIDTH) {
      widest.width = Math.max(LEAST_WIDTH, widest.width - (total() - width));
    } else {
      const last = shown.findLast(({ column }) => !column.whole);
      if (last === undefined || shown.length === 1) break;
      drop(last);
    }
  }
  return { columns: shown, omitted };
}

/** One line, without its line break. */
export function lineOf(layout: Layout, cells: readonly string[], decorate = (text: string) => text): string {
  return layout.columns.map(({ index, width, column }, position) => {
    const text = truncate(cells[index]!, width);
    const space = " ".repeat(Math.max(0, width - stringWidth(text)));
    if (column.alignRight) return space + decorate(text);
    return decorate(text) + (position === layout.columns.length - 1 ? "" : space);
  }).join(GAP).trimEnd();
}

export function titleLine(layout: Layout, decorate: (text: string) => string): string {
  const titles: string[] = [];
  for (const { index, column } of layout.columns) titles[index] = column.title;
  return lineOf(layout, titles, decorate);
}

const segmenter = new Intl.Segmenter();

/** Cut to a width in columns, with an ellipsis. */
export function truncate(text: string, width: number): string {
  if (text.length <= width && /^[\x20-\x7e]*$/.test(text)) return text;
  if (stringWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const columns = stringWidth(segment);
    if (used + columns > width - 1) break;
    cut += segment;
    used += columns;
  }
  return cut + "…";
}

/** Pads on the right to a width in columns. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

export { stringWidth };
