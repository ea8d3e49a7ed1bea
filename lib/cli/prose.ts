/**
 * Cuts comments down to what fits a line of help.
 *
 * @module
 */

/** The first sentence of a text. The dots of numbers and abbreviations such as `9.99` do not end it. */
export function firstSentence(text: string): string {
  const end = /[.!?](?=\s|$)/.exec(text);
  return end ? text.slice(0, end.index + 1) : text;
}
