/**
 * `-d`: JSON from the command line, a file or standard input.
 *
 * @module
 */
import type { JsonValue } from "@bufbuild/protobuf";
import { LocalError, reasonOf, UsageError } from "../failure.ts";

const MAX_VALUE_CHARACTERS = 64 * 1024 * 1024;

/**
 * The values of `-d`: one, JSON lines, or several one after the other. Each is given as soon as it is complete.
 *
 * @param source JSON, `@FILE`, or `@-` for standard input.
 */
export async function* jsonValues(
  source: string,
  stdin: () => ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<JsonValue> {
  const splitter = new JsonSplitter();
  for await (const text of textOf(source, stdin)) {
    for (const value of splitter.push(text)) yield parse(value);
  }
  const last = splitter.end();
  if (last !== undefined) yield parse(last);
}

async function* textOf(
  source: string,
  stdin: () => ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  if (!source.startsWith("@")) {
    yield source;
    return;
  }
  const path = source.slice(1);
  const bytes = path === "-" ? stdin() : await open(path);
  yield* bytes.pipeThrough(new TextDecoderStream());
}

async function open(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  try {
    return (await Deno.open(path)).readable;
  } catch (error) {
    throw new LocalError(`cannot read ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`-d is not valid JSON: ${reasonOf(error)}`);
  }
}

/** Finds where each of several JSON values ends, in text that comes in pieces. Does not check them. */
export class JsonSplitter {
  #text = "";
  #scanned = 0;
  #start = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inScalar = false;

  /** The values that are complete with this piece. */
  push(piece: string): string[] {
    this.#text += piece;
    if (this.#text.length > MAX_VALUE_CHARACTERS) throw new UsageError("-d: a JSON value is too large");
    const found: string[] = [];
    for (; this.#scanned < this.#text.length; this.#scanned++) {
      const character = this.#text[this.#scanned]!;
      if (this.#inString) this.#string(character, found);
      else this.#outside(character, found);
    }
    this.#text = this.#text.slice(this.#start);
    this.#scanned -= this.#start;
    this.#start = 0;
    return found;
  }

  /** What was left at the end, complete or not. */
  end(): string | undefined {
    const rest = this.#text.trim();
    return rest === "" ? undefined : rest;
  }

  #string(character: string, found: string[]): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === "\\") this.#escaped = true;
    else if (character === '"') {
      this.#inString = false;
      if (this.#depth === 0) this.#take(this.#scanned + 1, found);
    }
  }

  #outside(character: string, found: string[]): void {
    if (/[\s,:]/.test(character)) {
      if (this.#inScalar && this.#depth === 0) this.#take(this.#scanned, found);
    } else if (character === '"') this.#inString = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") {
      if (--this.#depth <= 0) {
        this.#depth = 0;
        this.#take(this.#scanned + 1, found);
      }
    } else if (this.#depth === 0) this.#inScalar = true;
  }

  #take(end: number, found: string[]): void {
    found.push(this.#text.slice(this.#start, end).trim());
    this.#start = end;
    this.#inScalar = false;
  }
}
