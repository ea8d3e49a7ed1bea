/**
 * What the tests of the manuals need of Markdown.
 *
 * @module
 */

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  /** Ends with a line break, unless it is empty. */
  readonly text: string;
  /** Where its first fence begins and its last one ends in the document. */
  readonly start: number;
  readonly end: number;
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 0: all, 1: language, 2: text, index }) => ({
    language: language!,
    text: text!,
    start: index,
    end: index + all.length,
  }));
}

/** The document without its fenced blocks. */
export function proseOf(markdown: string): string {
  return blocksOf(markdown).reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), markdown);
}

/** What the headings of a document are called in links to them. */
export function anchorsOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-")
  );
}
