/**
 * Compression of messages: gzip, the one encoding that every client has.
 *
 * @module
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { fail } from "../rpc/mod.ts";

/** What a request may name as its encoding. */
export type Encoding = "identity" | "gzip";

/** The encodings that are understood, for `accept-encoding` headers. */
export const ACCEPTED_ENCODINGS = "gzip";

/** @throws UNKNOWN_ENCODING for any other than identity and gzip. */
export function readEncoding(name: string | null): Encoding {
  if (name === null || name === "" || name === "identity") return "identity";
  if (name === "gzip") return "gzip";
  throw fail("UNKNOWN_ENCODING", { encoding: name.slice(0, 100) });
}

/** Whether a list such as `gzip;q=1.0, identity` has gzip. */
export function acceptsGzip(list: string | null): boolean {
  return list !== null &&
    list.split(",").some((part) => /^\s*gzip\s*(;|$)/i.test(part) && !/;\s*q=0(\.0*)?\s*$/.test(part));
}

export function compress(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return gzipSync(message) as Uint8Array<ArrayBuffer>;
}

/** @throws MESSAGE_TOO_LARGE as soon as the output passes the limit; BROKEN_STREAM. */
export function decompress(message: Uint8Array, maxMessageBytes: number): Uint8Array {
  try {
    return gunzipSync(message, { maxOutputLength: maxMessageBytes });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw fail("MESSAGE_TOO_LARGE", { limit: maxMessageBytes });
    }
    throw fail("BROKEN_STREAM", { detail: "a compressed message cannot be read" }, { cause: error });
  }
}
