/**
 * A status as headers or trailers, in the way of gRPC and gRPC-Web.
 *
 * @module
 */
import type { Call, Detail, RpcError } from "../rpc/mod.ts";
import { JsonCodecs, type Schema } from "../schema/mod.ts";
import { base64, type HeaderPair, metadataPairs } from "./headers.ts";

const OK_TRAILERS: readonly HeaderPair[] = [["grpc-status", "0"]];

/** Encodes statuses; needs the schema for google.rpc.Status and the types of details. */
export class StatusEncoder {
  readonly #schema: Schema;
  readonly #json: JsonCodecs;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#json = new JsonCodecs(schema);
  }

  /** The trailers of a call: its own, then the status. */
  trailers(call: Call | undefined, error?: RpcError): readonly HeaderPair[] {
    const status = error ? this.#errorTrailers(error) : OK_TRAILERS;
    return call?.hasTrailers ? [...metadataPairs(call.trailers), ...status] : status;
  }

  #errorTrailers(error: RpcError): HeaderPair[] {
    const pairs: HeaderPair[] = [["grpc-status", String(error.code)]];
    if (error.message !== "") pairs.push(["grpc-message", percentEncode(error.message)]);
    if (error.details.length > 0) pairs.push(["grpc-status-details-bin", base64(this.status(error))]);
    return pairs;
  }

  /** The error as a google.rpc.Status in binary. */
  status({ code, message, details }: RpcError): Uint8Array {
    return this.#schema.codec("google.rpc.Status").encode({
      code,
      message,
      details: details.map((detail) => ({
        type_url: `type.googleapis.com/${detail.type}`,
        value: this.detail(detail),
      })),
    });
  }

  /** A detail in binary. */
  detail({ type, value }: Detail): Uint8Array {
    return value instanceof Uint8Array ? value : this.#schema.codec(type).encode(value);
  }

  /** A detail as JSON; undefined when only its bytes are known. */
  readableDetail({ type, value }: Detail): unknown {
    return value instanceof Uint8Array
      ? undefined
      : JSON.parse(new TextDecoder().decode(this.#json.codec(type).encode(value)));
  }
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
