/**
 * gRPC-Web, binary and text. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Call, fail, type RpcError } from "../rpc/mod.ts";
import { ACCEPTED_ENCODINGS } from "./compression.ts";
import { exchange } from "./exchange.ts";
import { frame } from "./framing.ts";
import { type HeaderPair, metadataPairs } from "./headers.ts";
import { GRPC_HEADERS, readPreamble } from "./preamble.ts";
import { codecIn, type Format, type Wire, type WireOptions } from "./wire.ts";

interface Variant {
  readonly format: Format;
  /** The body is base64 both ways. */
  readonly text: boolean;
}

const VARIANTS = new Map<string, Variant>([
  ["application/grpc-web", { format: "proto", text: false }],
  ["application/grpc-web+proto", { format: "proto", text: false }],
  ["application/grpc-web+json", { format: "json", text: false }],
  ["application/grpc-web-text", { format: "proto", text: true }],
  ["application/grpc-web-text+proto", { format: "proto", text: true }],
]);

/** The flag of the frame that carries the trailers, at the end of the body. */
const TRAILERS_FLAG = 0x80;

export function grpcWebWire(options: WireOptions): Wire {
  return (request, contentType, peer) => {
    const variant = VARIANTS.get(contentType);
    return variant && answer(request, contentType, variant, peer, options);
  };
}

function answer(
  request: Request,
  contentType: string,
  { format, text }: Variant,
  peer: string,
  options: WireOptions,
): Promise<Response> {
  const { status, maxMessageBytes, maxAnswerBytes, onFault } = options;
  const common: HeaderPair[] = [["content-type", contentType], ["grpc-accept-encoding", ACCEPTED_ENCODINGS]];
  const lastFrame = (call: Call, error?: RpcError) => {
    const bytes = frame(trailerBlock(status.trailers(call, error)), TRAILERS_FLAG);
    return text ? encodeBase64(bytes) : bytes;
  };
  const failure = (call: Call, error: RpcError) =>
    new Response(lastFrame(call, error), {
      headers: call.hasHeaders ? [...common, ...metadataPairs(call.headers)] : common,
    });
  const preamble = readPreamble(request, GRPC_HEADERS, options);
  const { route, compressFrom } = preamble;
  const headers: HeaderPair[] = compressFrom === undefined ? common : [...common, ["grpc-encoding", "gzip"]];
  return exchange(request, route, peer, {
    ...preamble,
    maxMessageBytes,
    maxAnswerBytes,
    onFault,
    input: codecIn(format, route.method.input, options),
    output: codecIn(format, route.method.output, options),
    headers: (call) => call.hasHeaders ? [...headers, ...metadataPairs(call.headers)] : headers,
    end: (call, _response, error) => lastFrame(call, error),
    failure,
    ...(text && { readPiece: base64Reader(), writePiece: encodeBase64 }),
  });
}

/** Trailers as lines of HTTP/1.1, names in lower case. */
function trailerBlock(trailers: readonly (readonly [string, string])[]): Uint8Array {
  return Buffer.from(trailers.map(([name, value]) => `${name}: ${value}\r\n`).join(""));
}

function encodeBase64(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"));
}

/** Reads base64 that is cut anywhere and padded anywhere: clients encode each piece for itself. */
function base64Reader(): (piece: Uint8Array) => Uint8Array {
  let held = "";
  return (piece) => {
    const text = held + Buffer.from(piece).toString("latin1");
    const whole = text.length - text.length % 4;
    held = text.slice(whole);
    const quads = text.slice(0, whole);
    if (!/^[A-Za-z0-9+/=]*$/.test(quads)) throw fail("BROKEN_STREAM", { detail: "the body is not base64" });
    const segments = quads.split(/(?<==)(?=[^=])/);
    return Buffer.concat(segments.map((segment) => Buffer.from(segment, "base64")));
  };
}
