/**
 * What a command is.
 *
 * @module
 */
import type { Base, Context } from "./context.ts";
import type { Flag } from "./flags/parse.ts";

/** A command, as far as help and completion know it. */
export interface Command {
  /** As typed after `steward`: `inventory import`. */
  readonly path: string;
  /** Another name of its last word. */
  readonly alias?: string;
  /** What comes after the path in the usage line, such as `FILE [flags]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  /** What else there is to know; paragraphs without line breaks inside. */
  readonly description?: string;
  readonly flags: readonly Flag[];
  /** Lines to copy, without the `steward` in front. */
  readonly examples: readonly string[];
  /** What the positional arguments can be, for completion: "file" for names of files, a flag for what its value can be. */
  readonly arguments?: (base: Base, before: readonly string[]) => readonly string[] | "file" | Flag;
  /** @returns What to exit with. */
  run(context: Context): Promise<number>;
}
