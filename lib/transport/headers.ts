/**
 * Metadata as HTTP headers, and back.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { isMetadata, Metadata } from "../rpc/mod.ts";

export type HeaderPair = [name: string, value: string];

/** Headers of HTTP and of the protocols, which are not metadata. */
const NOT_METADATA = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "host",
  "te",
  "transfer-encoding",
  "user-agent",
]);

/** What of the headers of a request is metadata. What gRPC does not let be metadata is left out, as in grpc-js. */
export function requestMetadata(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    if (NOT_METADATA.has(name) || /^(grpc|connect)-/.test(name) && name !== "grpc-trace-bin") continue;
    if (!isMetadata(name, value)) continue;
    if (!name.endsWith("-bin")) metadata.add(name, value);
    // Fields of the same name come joined by commas, which base64 has not.
    else for (const part of value.split(",")) metadata.add(name, Buffer.from(part.trim(), "base64"));
  }
  return metadata;
}

/** Metadata as header pairs; binary values as base64 without padding. */
export function metadataPairs(metadata: Metadata): HeaderPair[] {
  return [...metadata].map(([name, value]) => [name, typeof value === "string" ? value : base64(value)]);
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64").replace(/=+$/, "");
}
