/**
 * What a wire is: it turns HTTP requests of one protocol into calls, on the listener that all wires share.
 *
 * @module
 */
import type { Call, Router } from "../rpc/mod.ts";
import type { Codec, JsonCodecs, Schema } from "../schema/mod.ts";
import type { StatusEncoder } from "./status.ts";

/** What every wire needs of the server. */
export interface WireOptions {
  readonly router: Router;
  readonly schema: Schema;
  readonly json: JsonCodecs;
  readonly status: StatusEncoder;
  /** The largest request message, in bytes, before and after decompression. */
  readonly maxMessageBytes: number;
  /** The largest message of an answer, in bytes, before compression. */
  readonly maxAnswerBytes: number;
  /** Answers of at least so many bytes are compressed when the client takes that. */
  readonly compressFromBytes: number;
  /** Called with what nobody caught, and with its call if it came of one. */
  readonly onFault: (error: unknown, call?: Call) => void;
}

/**
 * Answers a request if it is of this wire's protocol, else gives undefined. The promise never rejects.
 *
 * @param contentType In lower case, without parameters.
 * @param peer HOST:PORT of the caller.
 */
export type Wire = (request: Request, contentType: string, peer: string) => Promise<Response> | undefined;

/** How messages are written: as protobuf or as JSON. */
export type Format = "proto" | "json";

/** The codec of a message type in a format. */
export function codecIn(format: Format, codec: Codec, { json }: WireOptions): Codec {
  // A method that is not there has no types.
  return format === "json" && codec.type !== "" ? json.codec(codec.type) : codec;
}
