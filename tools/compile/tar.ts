/**
 * Tar archives (POSIX ustar) whose bytes depend on nothing but what is in them.
 *
 * @module
 */

export type Entry =
  | { readonly path: string; readonly bytes: Uint8Array; readonly executable?: boolean }
  /** A symbolic link. */
  | { readonly path: string; readonly link: string };

const BLOCK = 512;
/** 1980-01-01, the earliest date that every file system can keep. */
const DATE = 315_532_800;

/** @throws When a path is longer than the 100 bytes that a plain header holds. */
export function tar(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const bytes = "bytes" in entry ? entry.bytes : new Uint8Array();
    parts.push(headerOf(entry, bytes.length), bytes, new Uint8Array((BLOCK - bytes.length % BLOCK) % BLOCK));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const archive = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    archive.set(part, at);
    at += part.length;
  }
  return archive;
}

function headerOf(entry: Entry, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (text: string, at: number, length: number) => {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > length) throw new Error(`'${text}' does not fit a tar header`);
    header.set(bytes, at);
  };
  const octal = (value: number, at: number, length: number) =>
    put(value.toString(8).padStart(length - 1, "0"), at, length);
  const isLink = "link" in entry;
  put(entry.path, 0, 100);
  octal(isLink || entry.executable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(DATE, 136, 12);
  put(" ".repeat(8), 148, 8);
  put(isLink ? "2" : "0", 156, 1);
  if (isLink) put(entry.link, 157, 100);
  put("ustar\0" + "00", 257, 8);
  put(header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ", 148, 8);
  return header;
}
