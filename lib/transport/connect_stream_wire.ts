/**
 * Connect's streaming calls. https://connectrpc.com/docs/protocol#streaming-rpcs
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Call, fail, type RpcError } from "../rpc/mod.ts";
import { ACCEPTED_ENCODINGS } from "./compression.ts";
import { connectError, endMetadata } from "./connect_error.ts";
import { exchange } from "./exchange.ts";
import { frame } from "./framing.ts";
import { type HeaderPair, metadataPairs } from "./headers.ts";
import { type Preamble, type PreambleHeaders, readPreamble, refused } from "./preamble.ts";
import { codecIn, type Format, type Wire, type WireOptions } from "./wire.ts";

const FORMATS = new Map<string, Format>([
  ["application/connect+proto", "proto"],
  ["application/connect+json", "json"],
]);

const STREAM_HEADERS: PreambleHeaders = {
  timeout: "connect-timeout-ms",
  encoding: "connect-content-encoding",
  acceptEncoding: "connect-accept-encoding",
};

/** The flag of the frame that ends a stream with its error and trailers. */
const END_FLAG = 2;

export function connectStreamWire(options: WireOptions): Wire {
  return (request, contentType, peer) => {
    const format = FORMATS.get(contentType);
    return format && answer(request, contentType, format, peer, options);
  };
}

function answer(
  request: Request,
  contentType: string,
  format: Format,
  peer: string,
  options: WireOptions,
): Promise<Response> {
  const { status, maxMessageBytes, maxAnswerBytes, onFault } = options;
  const common: HeaderPair[] = [
    ["content-type", contentType],
    ["connect-accept-encoding", ACCEPTED_ENCODINGS],
  ];
  const lastFrame = (call: Call, error?: RpcError) => {
    const metadata = endMetadata(call);
    const end = { ...(error && { error: connectError(error, status) }), ...(metadata && { metadata }) };
    return frame(Buffer.from(JSON.stringify(end)), END_FLAG);
  };
  const failure = (call: Call, error: RpcError) =>
    new Response(lastFrame(call, error), {
      headers: call.hasHeaders ? [...common, ...metadataPairs(call.headers)] : common,
    });
  const preamble = readStreamPreamble(request, options);
  const { route, compressFrom } = preamble;
  const headers: HeaderPair[] = compressFrom === undefined ? common : [...common, ["connect-content-encoding", "gzip"]];
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
  });
}

function readStreamPreamble(request: Request, options: WireOptions): Preamble {
  const preamble = readPreamble(request, STREAM_HEADERS, options);
  const { route, refusal } = preamble;
  if (refusal || route.method.kind !== "unary") return preamble;
  const { path } = route.method;
  return refused(route, fail("METHOD_DOES_NOT_STREAM", { path, types: "application/json or application/proto" }));
}
