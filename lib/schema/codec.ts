/**
 * Binary codecs over protobufjs message types, without the conversion to plain objects that proto-loader's own
 * serializers do: that conversion is about half of the work of a small message.
 *
 * A decoded message has the names of the .proto, enums as numbers, 64-bit integers as numbers (exact up to 2^53) and
 * defaults for what was absent.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import protobuf from "protobufjs";

/** Turns messages of one type into bytes and back. */
export interface Codec {
  /** The full name of the message type, such as `inventory.Item`. */
  readonly type: string;
  /** Plain objects do; absent, null and undefined fields are left out. */
  encode(message: object): Uint8Array<ArrayBuffer>;
  /** Throws when the bytes are not such a message. */
  decode(bytes: Uint8Array): object;
}

const INTEGERS_64 = ["int64", "uint64", "sint64", "fixed64", "sfixed64"] as const;

/** Reads 64-bit integers as numbers, so that no handler sees a Long. */
class NumberReader extends protobuf.BufferReader {}
for (const name of INTEGERS_64) {
  const read = protobuf.Reader.prototype[name] as unknown as (this: protobuf.Reader) => number | { toNumber(): number };
  Object.defineProperty(NumberReader.prototype, name, {
    value(this: protobuf.Reader): number {
      const value = read.call(this);
      return typeof value === "number" ? value : value.toNumber();
    },
  });
}

/** The codec of a resolved message type. */
export function codecOf(type: protobuf.Type): Codec {
  numberDefaults(type, new Set());
  return {
    type: type.fullName.slice(1),
    encode: (message) => type.encode(message as protobuf.Message).finish() as Uint8Array<ArrayBuffer>,
    decode: (bytes) =>
      type.decode(new NumberReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as protobuf.Reader),
  };
}

/** Absent 64-bit integers are the number 0 too, and null if they are optional. protobufjs keeps defaults on the prototype of the message class. */
function numberDefaults(type: protobuf.Type, seen: Set<protobuf.Type>): void {
  if (seen.has(type)) return;
  seen.add(type);
  const prototype = type.ctor.prototype as Record<string, unknown>;
  for (const field of type.fieldsArray) {
    if (field.long && !field.repeated && !field.map) {
      prototype[field.name] = field.options?.proto3_optional === true ? null : 0;
    }
    if (field.resolvedType instanceof protobuf.Type) numberDefaults(field.resolvedType, seen);
  }
}
