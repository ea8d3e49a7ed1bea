/**
 * Page tokens: where the next page of a list begins. A token is opaque to callers and safe in URLs. It says which list
 * it belongs to, so that a page of one list is not continued with the filter or the order of another.
 *
 * A token is base64url without padding of: format version (1 byte), fingerprint of the list (8 bytes), check of
 * everything else (8 bytes), cursor as JSON in UTF-8. The check is no secret: it tells mangled tokens from whole ones,
 * it does not stop somebody from making one up. A cursor gives no access to anything that the list does not.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";

/** What makes a list what it is: the method, the filter, the order. Not the page size, which may change. */
export type ListParameters = Readonly<Record<string, string | number | boolean>>;

const version = 1;
const fingerprintBytes = 8;
const checkBytes = 8;
const cursorStart = 1 + fingerprintBytes + checkBytes;
/** The longest cursor is a title of 200 characters that JSON escapes to six bytes each. */
const maxTokenLength = 4096;

/** A token that cannot be used. */
export class PageTokenError extends Error {
  override readonly name = "PageTokenError";

  constructor(readonly reason: "malformed" | "other_list") {
    super(
      reason === "malformed"
        ? "the page token is malformed, pass next_page_token exactly as it was given"
        : "the page token belongs to another list, pass it with the same filter, order and names as before",
    );
  }
}

/** The token for a cursor, which must be JSON. Throws RangeError for a cursor of more than about 3000 bytes. */
export function encodePageToken(cursor: unknown, parameters: ListParameters): string {
  const fingerprint = fingerprintOf(parameters);
  const json = Buffer.from(JSON.stringify(cursor));
  const bytes = Buffer.concat([Uint8Array.of(version), fingerprint, checkOf(fingerprint, json), json]);
  const token = bytes.toString("base64url");
  if (token.length > maxTokenLength) throw new RangeError(`a cursor of ${json.length} bytes is too large for a token`);
  return token;
}

/**
 * The cursor of a token that {@linkcode encodePageToken} made for the same parameters. `isCursor` says whether what was
 * read has the shape that the list needs. Throws {@linkcode PageTokenError} for every other token.
 */
export function decodePageToken<C>(
  token: string,
  parameters: ListParameters,
  isCursor: (value: unknown) => value is C,
): C {
  if (token.length > maxTokenLength) throw new PageTokenError("malformed");
  const bytes = Buffer.from(token, "base64url");
  // Decoding skips characters and bits that do not belong, so only a token that encodes back to itself is whole.
  if (bytes.length <= cursorStart || bytes.toString("base64url") !== token || bytes[0] !== version) {
    throw new PageTokenError("malformed");
  }
  const fingerprint = bytes.subarray(1, 1 + fingerprintBytes);
  const json = bytes.subarray(cursorStart);
  if (!checkOf(fingerprint, json).equals(bytes.subarray(1 + fingerprintBytes, cursorStart))) {
    throw new PageTokenError("malformed");
  }
  if (!fingerprintOf(parameters).equals(fingerprint)) throw new PageTokenError("other_list");
  const cursor = parse(json);
  if (!isCursor(cursor)) throw new PageTokenError("malformed");
  return cursor;
}

function fingerprintOf(parameters: ListParameters): Buffer {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest(fingerprintBytes, Buffer.from(JSON.stringify(sorted)));
}

function checkOf(fingerprint: Buffer, json: Buffer): Buffer {
  return digest(checkBytes, Uint8Array.of(version), fingerprint, json);
}

function digest(length: number, ...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, length);
}

function parse(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString());
  } catch {
    throw new PageTokenError("malformed");
  }
}
