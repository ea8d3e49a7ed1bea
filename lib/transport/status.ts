/**
 * A status as headers or trailers, in the way of gRPC.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { RpcError } from "../rpc/mod.ts";
import type { Metadata } from "../rpc/mod.ts";
import type { Schema } from "../schema/mod.ts";

export type HeaderPair = [name: string, value: string];

/** The trailers of a call that succeeded and has no trailers of its own. */
export const OK_TRAILERS: readonly HeaderPair[] = [["grpc-status", "0"]];

/** Encodes statuses; needs the schema for google.rpc.Status and the details' types. */
export class StatusEncoder {
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  trailers(error: RpcError): HeaderPair[] {
    const pairs: HeaderPair[] = [["grpc-status", String(error.code)]];
    if (error.message !== "") pairs.push(["grpc-message", percentEncode(error.message)]);
    if (error.details.length > 0) pairs.push(["grpc-status-details-bin", base64(this.details(error))]);
    return pairs;
  }

  /** The error as a google.rpc.Status in binary. */
  details({ code, message, details }: RpcError): Uint8Array {
    return this.#schema.codec("google.rpc.Status").encode({
      code,
      message,
      details: details.map(({ type, value }) => ({
        type_url: `type.googleapis.com/${type}`,
        value: this.#schema.codec(type).encode(value),
      })),
    });
  }
}

/** Metadata as header pairs; binary values as base64 without padding. */
export function metadataPairs(metadata: Metadata): HeaderPair[] {
  return [...metadata].map(([name, value]) => [name, typeof value === "string" ? value : base64(value)]);
}

/** All but printable ASCII, and the percent sign, as %XX of the UTF-8 bytes. */
export function percentEncode(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of new TextEncoder().encode(text)) {
    encoded += byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64").replace(/=+$/, "");
}
