/**
 * Connect's unary calls, by POST and for methods without side effects by GET: what plain curl speaks.
 * https://connectrpc.com/docs/protocol#unary-request
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Call, fail, failedOutcome, type Route, type RpcError, SUCCESS } from "../rpc/mod.ts";
import { awaitedLater, decodeMessage, knownError, refusedBody } from "./answer.ts";
import { ACCEPTED_ENCODINGS, acceptsGzip, compress, decompress, type Encoding, readEncoding } from "./compression.ts";
import { connectError, httpStatus, trailerHeaders } from "./connect_error.ts";
import { callOf } from "./exchange.ts";
import { Gatherer } from "./gatherer.ts";
import { type HeaderPair, metadataPairs } from "./headers.ts";
import { pathOf, type PreambleHeaders, readPreamble, readTimeout } from "./preamble.ts";
import { codecIn, type Format, type Wire, type WireOptions } from "./wire.ts";

const FORMATS = new Map<string, Format>([["application/proto", "proto"], ["application/json", "json"]]);

const UNARY_HEADERS: PreambleHeaders = {
  timeout: "connect-timeout-ms",
  encoding: "content-encoding",
  acceptEncoding: "accept-encoding",
};

/** A unary request, however it came. */
interface UnaryRequest {
  readonly route: Route;
  readonly format: Format;
  readonly timeoutMs: number | undefined;
  /** The bytes of the message, not compressed. Rejects with the reason when the call is refused. */
  readonly body: () => Promise<Uint8Array>;
}

export function connectUnaryWire(options: WireOptions): Wire {
  return (request, contentType, peer) => {
    if (request.method === "GET") {
      const route = options.router.routes.get(pathOf(request));
      return route?.method.sideEffectFree
        ? answer(request, peer, readGet(request, route, options), options)
        : undefined;
    }
    const format = FORMATS.get(contentType);
    return format && answer(request, peer, readPost(request, format, options), options);
  };
}

async function answer(
  request: Request,
  peer: string,
  { route, format, timeoutMs, body }: UnaryRequest,
  options: WireOptions,
): Promise<Response> {
  const { method } = route;
  const call = callOf(request, route, peer, timeoutMs);
  try {
    const input = codecIn(format, method.input, options);
    const message = awaitedLater(
      body().then((bytes) => {
        call.received += bytes.length;
        return decodeMessage(input, bytes);
      }),
    );
    const output = await route.invoke(call, message) as object;
    const response = success(request, call, codecIn(format, method.output, options).encode(output), format, options);
    call.end(SUCCESS);
    return response;
  } catch (error) {
    const known = knownError(error, call, options.onFault);
    call.end(failedOutcome(known));
    return failure(call, known, options);
  }
}

function success(
  request: Request,
  call: Call,
  message: Uint8Array<ArrayBuffer>,
  format: Format,
  { maxAnswerBytes, compressFromBytes }: WireOptions,
): Response {
  if (message.length > maxAnswerBytes) throw fail("MESSAGE_TOO_LARGE", { limit: maxAnswerBytes });
  call.sent += message.length;
  const headers: HeaderPair[] = [["content-type", `application/${format}`], ["accept-encoding", ACCEPTED_ENCODINGS]];
  // What can be asked by GET can be cached, and then depends on what the client takes.
  if (request.method === "GET") headers.push(["vary", "accept-encoding"]);
  headers.push(...callHeaders(call));
  if (message.length < compressFromBytes || !acceptsGzip(request.headers.get("accept-encoding"))) {
    return new Response(message, { headers });
  }
  return new Response(compress(message), { headers: [...headers, ["content-encoding", "gzip"]] });
}

function failure(call: Call, error: RpcError, { status, router }: WireOptions): Response {
  return new Response(JSON.stringify(connectError(error, status)), {
    // A path that is not there is not there for HTTP too.
    status: call.method === router.unknown.method ? 404 : httpStatus(error.code),
    headers: [["content-type", "application/json"], ...callHeaders(call)],
  });
}

function callHeaders(call: Call): HeaderPair[] {
  return [...call.hasHeaders ? metadataPairs(call.headers) : [], ...trailerHeaders(call)];
}

function readPost(request: Request, format: Format, options: WireOptions): UnaryRequest {
  const { route, timeoutMs, encoding, refusal } = readPreamble(request, UNARY_HEADERS, options);
  const version = request.headers.get("connect-protocol-version");
  return {
    route,
    format,
    timeoutMs,
    body() {
      if (refusal) return refuse(request, refusal);
      const { kind, path } = route.method;
      if (kind !== "unary") {
        return refuse(request, fail("METHOD_STREAMS", { path, types: "application/connect+json or +proto" }));
      }
      if (version !== null && version !== "1") return refuse(request, invalid("connect-protocol-version must be 1"));
      return wholeBody(request, encoding, options);
    },
  };
}

/** The message of a GET is in its query. https://connectrpc.com/docs/protocol#unary-get-request */
function readGet(request: Request, route: Route, options: WireOptions): UnaryRequest {
  const { searchParams } = new URL(request.url);
  const format = searchParams.get("encoding");
  const refused = refusalOf(request.headers, searchParams);
  return {
    route,
    format: format === "proto" ? "proto" : "json",
    timeoutMs: refused ? undefined : readTimeout(request.headers, "connect-timeout-ms"),
    // deno-lint-ignore require-await -- a message that cannot be read is a rejection like any other
    async body() {
      if (refused) throw refused;
      const text = searchParams.get("message") ?? "";
      const bytes = searchParams.get("base64") === "1" ? Buffer.from(text, "base64url") : Buffer.from(text);
      return limited(bytes, readEncoding(searchParams.get("compression")), options);
    },
  };
}

/** Why a GET is refused; undefined when it is not. */
function refusalOf(headers: Headers, query: URLSearchParams): RpcError | undefined {
  const version = query.get("connect");
  if (version !== null && version !== "v1") return invalid("connect must be v1");
  const format = query.get("encoding");
  if (format !== "proto" && format !== "json") return invalid("encoding must be proto or json");
  try {
    readTimeout(headers, "connect-timeout-ms");
    return undefined;
  } catch (error) {
    return error as RpcError;
  }
}

function invalid(summary: string): RpcError {
  return fail("INVALID_REQUEST", { summary });
}

function refuse(request: Request, refusal: RpcError): Promise<never> {
  refusedBody(request);
  return Promise.reject(refusal);
}

async function wholeBody(request: Request, encoding: Encoding, options: WireOptions): Promise<Uint8Array> {
  const { maxMessageBytes } = options;
  const gathered = new Gatherer();
  for await (const piece of request.body ?? []) {
    if (gathered.length + piece.length > maxMessageBytes) throw fail("MESSAGE_TOO_LARGE", { limit: maxMessageBytes });
    gathered.add(piece);
  }
  return limited(gathered.take(), encoding, options);
}

function limited(bytes: Uint8Array, encoding: Encoding, { maxMessageBytes }: WireOptions): Uint8Array {
  if (bytes.length > maxMessageBytes) throw fail("MESSAGE_TOO_LARGE", { limit: maxMessageBytes });
  return encoding === "identity" || bytes.length === 0 ? bytes : decompress(bytes, maxMessageBytes);
}
