/**
 * gRPC over HTTP/2. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 *
 * @module
 */
import type { Call, RpcError } from "../rpc/mod.ts";
import { ACCEPTED_ENCODINGS } from "./compression.ts";
import { exchange } from "./exchange.ts";
import { type HeaderPair, metadataPairs } from "./headers.ts";
import { GRPC_HEADERS, readPreamble } from "./preamble.ts";
import { setTrailers } from "./inner_http.ts";
import { codecIn, type Format, type Wire, type WireOptions } from "./wire.ts";

const FORMATS = new Map<string, Format>([
  ["application/grpc", "proto"],
  ["application/grpc+proto", "proto"],
  ["application/grpc+json", "json"],
]);

export function grpcWire(options: WireOptions): Wire {
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
  const common: HeaderPair[] = [["content-type", contentType], ["grpc-accept-encoding", ACCEPTED_ENCODINGS]];
  const failure = (call: Call, error: RpcError) =>
    // Trailers-Only: the status comes as headers of an answer without a body.
    new Response(null, {
      headers: [...common, ...call.hasHeaders ? metadataPairs(call.headers) : [], ...status.trailers(call, error)],
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
    end(call, response, error) {
      setTrailers(request, response!, status.trailers(call, error));
      return undefined;
    },
    failure,
  });
}
