/**
 * Keeps errors small enough to arrive.
 *
 * @module
 */
import { type Detail, RpcError } from "./error.ts";

/**
 * Bytes that a status may take as headers. A status travels in HTTP/2 headers, and gRPC's C core, which most languages
 * stand on, takes 8 KiB of them: with more, the caller sees a failed connection in place of the error.
 */
const STATUS_BYTES = 7600;
/** A name of 200 characters is whole in it. */
const TEXT_BYTES = 850;
/** For google.rpc.RequestInfo, which is added to every error. */
const RESERVED_BYTES = 200;

/** The error with long texts cut and with as many violations as fit. The count in its message stays that of all. */
export function fitted(error: RpcError): RpcError {
  const message = cut(error.message);
  // Percent-encoded in grpc-message, and once more with the details, in base64.
  const size = utf8(message).length;
  const sent = /^[\x20-\x7e]*$/.test(message) ? size : 3 * size;
  const room = { bytes: (STATUS_BYTES - sent) * 3 / 4 - size - RESERVED_BYTES };
  const details = error.details.map(({ type, value }): Detail => ({ type, value: fit(value, room) as object }));
  return new RpcError(error.code, message, details, { cause: error.cause });
}

function fit(value: unknown, room: { bytes: number }): unknown {
  if (typeof value === "string") {
    const text = cut(value);
    room.bytes -= utf8(text).length + 4;
    return text;
  }
  room.bytes -= 24;
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fit(part, room)]));
  }
  const kept: unknown[] = [];
  for (const entry of value) {
    const after = { bytes: room.bytes };
    const fitting = fit(entry, after);
    if (after.bytes < 0) break;
    room.bytes = after.bytes;
    kept.push(fitting);
  }
  return kept;
}

function cut(text: string): string {
  if (text.length * 3 <= TEXT_BYTES) return text;
  const bytes = utf8(text.slice(0, TEXT_BYTES));
  if (bytes.length <= TEXT_BYTES && text.length <= TEXT_BYTES) return text;
  // A character that is cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES - 3)).replace(/\ufffd$/, "") + "...";
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
