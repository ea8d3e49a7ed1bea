/**
 * Messages as JSON, by the proto3 JSON mapping of @bufbuild/protobuf over the descriptors of the contract.
 *
 * @module
 */
import {
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import type { Codec } from "./codec.ts";
import { fileDescriptors, typeRegistry } from "./descriptors.ts";
import type { Schema } from "./schema.ts";

/** Gives the JSON codecs of a schema. The descriptors behind them are made when the first is asked for. */
export class JsonCodecs {
  readonly #schema: Schema;
  readonly #codecs = new Map<string, Codec>();
  #registry: FileRegistry | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** Unknown fields in JSON are ignored, as Connect has it; everything else that does not fit is an error. */
  codec(type: string): Codec {
    let codec = this.#codecs.get(type);
    if (codec === undefined) this.#codecs.set(type, codec = this.#make(type));
    return codec;
  }

  #make(type: string): Codec {
    const registry = this.#registry ??= typeRegistry(fileDescriptors(this.#schema.root));
    const binary = this.#schema.codec(type);
    const message = registry.getMessage(type) as DescMessage;
    const encoder = new TextEncoder();
    const decoder = new TextDecoder("utf-8", { fatal: true });
    return {
      type,
      encode: (value) => encoder.encode(toJsonString(message, fromBinary(message, binary.encode(value)), { registry })),
      decode(bytes) {
        const read = fromJsonString(message, decoder.decode(bytes), { registry, ignoreUnknownFields: true });
        return binary.decode(toBinary(message, read));
      },
    };
  }
}
