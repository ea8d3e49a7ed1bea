/**
 * Length-prefixed messages, as gRPC, gRPC-Web and Connect's streams put them into a body: a byte of flags, four of length,
 * then the message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 *
 * @module
 */
import { fail } from "../rpc/mod.ts";
import { compress, decompress, type Encoding } from "./compression.ts";
import { Gatherer } from "./gatherer.ts";

const PREFIX_BYTES = 5;
const COMPRESSED = 1;

/** One message with its prefix. */
export function frame(message: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(PREFIX_BYTES + message.length);
  writePrefix(framed, 0, flags, message.length);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/**
 * Several messages with their prefixes, in one piece.
 *
 * @param compressFrom Messages of at least so many bytes are compressed with gzip; undefined means none.
 */
export function frameAll(messages: readonly Uint8Array[], compressFrom?: number): Uint8Array<ArrayBuffer> {
  const packed = compressFrom === undefined
    ? messages
    : messages.map((message) => message.length >= compressFrom ? compress(message) : message);
  let size = 0;
  for (const message of packed) size += PREFIX_BYTES + message.length;
  const framed = new Uint8Array(size);
  let offset = 0;
  for (let index = 0; index < packed.length; index++) {
    const message = packed[index]!;
    writePrefix(framed, offset, message === messages[index] ? 0 : COMPRESSED, message.length);
    framed.set(message, offset + PREFIX_BYTES);
    offset += PREFIX_BYTES + message.length;
  }
  return framed;
}

function writePrefix(target: Uint8Array, offset: number, flags: number, length: number): void {
  target[offset] = flags;
  target[offset + 1] = length >>> 24;
  target[offset + 2] = length >>> 16;
  target[offset + 3] = length >>> 8;
  target[offset + 4] = length;
}

export interface DeframerOptions {
  /** The largest message, in bytes, before and after decompression. */
  readonly maxMessageBytes: number;
  /** How messages whose flag says so are compressed. */
  readonly encoding: Encoding;
}

/** Cuts messages out of the pieces of a body. It holds at most one unfinished message. */
export class Deframer {
  readonly #options: DeframerOptions;
  /** What has come of the message that is not whole yet. */
  readonly #held = new Gatherer();

  constructor(options: DeframerOptions) {
    this.#options = options;
  }

  /**
   * The messages that are whole with this piece. They may share its memory.
   *
   * @throws MESSAGE_TOO_LARGE as soon as the length is known; BROKEN_STREAM.
   */
  push(piece: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let bytes = this.#held.length === 0 ? piece : this.#join(piece);
    while (bytes !== undefined && bytes.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#readLength(bytes);
      if (bytes.length < end) break;
      messages.push(this.#message(bytes[0]!, bytes.subarray(PREFIX_BYTES, end)));
      bytes = bytes.subarray(end);
    }
    if (bytes !== undefined && bytes.length > 0) this.#held.add(bytes);
    return messages;
  }

  /** Called when the body has ended. @throws BROKEN_STREAM when it ended in the middle of a message. */
  end(): void {
    if (this.#held.length > 0) throw fail("BROKEN_STREAM", { detail: "it ended in the middle of a message" });
  }

  /** What is held with the new piece, or undefined while that cannot make a message whole. */
  #join(piece: Uint8Array): Uint8Array | undefined {
    this.#held.add(piece);
    const { bytes } = this.#held;
    if (bytes.length < PREFIX_BYTES || bytes.length < PREFIX_BYTES + this.#readLength(bytes)) return undefined;
    return this.#held.take();
  }

  #readLength(bytes: Uint8Array): number {
    const length = bytes[1]! * 0x1000000 + (bytes[2]! << 16 | bytes[3]! << 8 | bytes[4]!);
    const { maxMessageBytes } = this.#options;
    if (length > maxMessageBytes) throw fail("MESSAGE_TOO_LARGE", { limit: maxMessageBytes });
    return length;
  }

  #message(flags: number, message: Uint8Array): Uint8Array {
    if (flags === 0) return message;
    if (flags !== COMPRESSED) throw fail("BROKEN_STREAM", { detail: `unknown message flags ${flags}` });
    const { encoding, maxMessageBytes } = this.#options;
    if (encoding === "identity") {
      throw fail("BROKEN_STREAM", { detail: "a message is compressed, but no encoding was named" });
    }
    return decompress(message, maxMessageBytes);
  }
}
