/**
 * What is wrong with a filter, and where.
 *
 * @module
 */

/** A filter that cannot be used. The message is one sentence for people and names the column, counted from 1. */
export class FilterError extends Error {
  override readonly name = "FilterError";

  /**
   * @param problem the sentence without its column
   * @param position where in the text, in UTF-16 units from 0; the text's length means its end
   * @param suggestion the name that was probably meant
   */
  constructor(problem: string, readonly position: number, readonly suggestion?: string | undefined) {
    super(
      `column ${position + 1}: ${problem}` + (suggestion === undefined ? "" : `; did you mean '${suggestion}'?`),
    );
  }
}

/** A piece of the caller's text as it may stand in a message: quoted, shortened, fit for UTF-8 and for terminals. */
export function shown(text: string): string {
  const characters = [...text];
  const short = characters.length > 40 ? `${characters.slice(0, 40).join("")}...` : text;
  return `'${short.toWellFormed().replace(/\p{Cc}/gu, escapeControl)}'`;
}

function escapeControl(character: string): string {
  return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
}
