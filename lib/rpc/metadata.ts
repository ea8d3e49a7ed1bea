/**
 * Metadata of a call: names in lower case, several values a name; values of names that end in `-bin` are bytes.
 *
 * @module
 */

export type MetadataValue = string | Uint8Array;

const NAME = /^[\w.-]+$/;
/** What gRPC lets a text be. A line break in one would begin a header of its own. */
const TEXT = /^[\x20-\x7e]*$/;

/** Whether a header with this text can be metadata. */
export function isMetadata(name: string, text: string): boolean {
  return NAME.test(name) && TEXT.test(text);
}

export class Metadata {
  readonly #values = new Map<string, MetadataValue[]>();

  /** The first text value of a name. */
  get(name: string): string | undefined {
    const value = this.#values.get(name.toLowerCase())?.[0];
    return typeof value === "string" ? value : undefined;
  }

  getAll(name: string): readonly MetadataValue[] {
    return this.#values.get(name.toLowerCase()) ?? [];
  }

  /** @throws TypeError for a name or a value that no wire could send. */
  add(name: string, value: MetadataValue): this {
    const key = name.toLowerCase();
    if (key.endsWith("-bin") !== (typeof value !== "string")) {
      throw new TypeError(`metadata '${key}' takes ${key.endsWith("-bin") ? "bytes" : "text"}`);
    }
    if (!isMetadata(key, typeof value === "string" ? value : "")) {
      throw new TypeError(
        `metadata ${JSON.stringify(name)}: names are letters, digits, '_', '.', '-'; text is printable ASCII`,
      );
    }
    const values = this.#values.get(key);
    if (values) values.push(value);
    else this.#values.set(key, [value]);
    return this;
  }

  get empty(): boolean {
    return this.#values.size === 0;
  }

  *[Symbol.iterator](): Iterator<[name: string, value: MetadataValue]> {
    for (const [name, values] of this.#values) for (const value of values) yield [name, value];
  }
}
