/**
 * gRPC over HTTP/2, on requests and responses of Deno.serve.
 *
 * @module
 */
import {
  type Batches,
  Call,
  clientStreams,
  fail,
  failedOutcome,
  Metadata,
  type Route,
  type Router,
  RpcError,
  serverStreams,
  SUCCESS,
} from "../rpc/mod.ts";
import { Buffer } from "node:buffer";
import type { Codec } from "../schema/mod.ts";
import { awaitedLater, decodeMessage, knownError } from "./answer.ts";
import { Deframer, frame, frameAll } from "./framing.ts";
import { type HeaderPair, metadataPairs, OK_TRAILERS, type StatusEncoder } from "./status.ts";
import { parseTimeout } from "./timeout.ts";
import { setTrailers } from "./trailers.ts";

const RESPONSE_HEADERS: HeaderPair[] = [["content-type", "application/grpc+proto"], ["grpc-accept-encoding", "gzip"]];
/** Headers that belong to the protocol and are not metadata. */
const PROTOCOL_HEADERS = new Set(["content-type", "te", "host", "connection", "content-length", "user-agent"]);

export interface WireOptions {
  readonly router: Router;
  readonly status: StatusEncoder;
  readonly maxMessageBytes: number;
}

/** Whether a content type asks for this wire. */
export function isGrpc(contentType: string): boolean {
  return contentType === "application/grpc" || contentType === "application/grpc+proto" ||
    /^application\/grpc(\+proto)?\s*;/.test(contentType);
}

/** Answers one gRPC request. Never throws. */
export async function handleGrpc(request: Request, peer: string, options: WireOptions): Promise<Response> {
  const path = new URL(request.url).pathname;
  const route = options.router.get(path);
  const timeoutMs = parseTimeout(request.headers.get("grpc-timeout"));
  const encoding = request.headers.get("grpc-encoding") ?? undefined;
  const refusal = !route
    ? fail("UNKNOWN_METHOD", { path })
    : timeoutMs === null
    ? fail("INVALID_REQUEST", { summary: `invalid grpc-timeout '${request.headers.get("grpc-timeout")}'` })
    : encoding !== undefined && encoding !== "identity" && encoding !== "gzip"
    ? fail("UNKNOWN_ENCODING", { encoding })
    : undefined;
  if (refusal) {
    request.body?.cancel().catch(() => {});
    return trailersOnly(refusal, options);
  }
  return await answer(request, route!, peer, timeoutMs ?? undefined, encoding, options);
}

async function answer(
  request: Request,
  route: Route,
  peer: string,
  timeoutMs: number | undefined,
  encoding: string | undefined,
  options: WireOptions,
): Promise<Response> {
  const { method } = route;
  const call = new Call({
    method,
    peer,
    timeoutMs,
    metadata: () => requestMetadata(request.headers),
    onCancel: (cancelled) => request.signal.addEventListener("abort", cancelled, { once: true }),
  });
  const deframer = new Deframer({ maxMessageBytes: options.maxMessageBytes, encoding });
  try {
    const input = clientStreams(method)
      ? decodedBatches(request, deframer, method.input)
      : awaitedLater(singleMessage(request, deframer, method.input));
    const output = await route.invoke(call, input);
    if (serverStreams(method)) return streamResponse(request, call, output as Batches<object>, options);
    return unaryResponse(request, call, method.output.encode(output as object), options);
  } catch (error) {
    const known = knownError(error, call);
    call.end(failedOutcome(known));
    return trailersOnly(known, options, call);
  }
}

function unaryResponse(request: Request, call: Call, message: Uint8Array, options: WireOptions): Response {
  if (message.length > options.maxMessageBytes) throw fail("MESSAGE_TOO_LARGE", { limit: options.maxMessageBytes });
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(frame(message));
      controller.close();
    },
  });
  const response = new Response(body, { headers: responseHeaders(call) });
  setTrailers(request, response, okTrailers(call));
  call.end(SUCCESS);
  return response;
}

function streamResponse(request: Request, call: Call, output: Batches<object>, options: WireOptions): Response {
  const iterator = output[Symbol.asyncIterator]();
  const { encode } = call.method.output;
  // A caller that is gone is noticed by the signal, also while the handler has nothing to send.
  void call.signal;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        for (;;) {
          const { done, value } = await iterator.next();
          if (done) {
            setTrailers(request, response, okTrailers(call));
            call.end(SUCCESS);
            return controller.close();
          }
          if (value.length === 0) continue;
          return controller.enqueue(frameAll(value.map((message) => limited(encode(message), options))));
        }
      } catch (error) {
        const known = knownError(error, call);
        setTrailers(request, response, errorTrailers(known, options, call));
        call.end(failedOutcome(known));
        controller.close();
        await iterator.return?.();
      }
    },
    async cancel() {
      call.abort(fail("CANCELLED", {}));
      call.end(failedOutcome(fail("CANCELLED", {})));
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
  const response = new Response(body, { headers: responseHeaders(call) });
  return response;
}

function limited(message: Uint8Array, { maxMessageBytes }: WireOptions): Uint8Array {
  if (message.length > maxMessageBytes) throw fail("MESSAGE_TOO_LARGE", { limit: maxMessageBytes });
  return message;
}

async function singleMessage(request: Request, deframer: Deframer, codec: Codec): Promise<object> {
  let only: Uint8Array | undefined;
  if (request.body) {
    const reader = request.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const message of deframer.push(value)) {
          if (only) throw fail("WRONG_MESSAGE_COUNT", { count: "several" });
          only = message;
        }
      }
    } catch (error) {
      reader.cancel().catch(() => {});
      throw error instanceof RpcError ? error : fail("CANCELLED", {}, { cause: error });
    }
  }
  deframer.end();
  if (!only) throw fail("WRONG_MESSAGE_COUNT", { count: "none" });
  return decodeMessage(codec, only);
}

/** The messages of a request stream, a batch for each piece of the body. The body is read only as batches are taken. */
async function* decodedBatches(request: Request, deframer: Deframer, codec: Codec): AsyncGenerator<object[]> {
  if (!request.body) return;
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw fail("CANCELLED", {}, { cause: error });
      });
      if (done) break;
      const messages = deframer.push(value);
      if (messages.length > 0) yield messages.map((message) => decodeMessage(codec, message));
    }
    deframer.end();
  } finally {
    reader.cancel().catch(() => {});
  }
}

function trailersOnly(error: RpcError, options: WireOptions, call?: Call): Response {
  const headers = [...RESPONSE_HEADERS, ...errorTrailers(error, options, call)];
  if (call?.hasHeaders) headers.push(...metadataPairs(call.headers));
  return new Response(null, { headers });
}

function errorTrailers(error: RpcError, options: WireOptions, call?: Call): HeaderPair[] {
  const pairs = options.status.trailers(error);
  return call?.hasTrailers ? [...metadataPairs(call.trailers), ...pairs] : pairs;
}

function okTrailers(call: Call): readonly HeaderPair[] {
  return call.hasTrailers ? [...metadataPairs(call.trailers), ...OK_TRAILERS] : OK_TRAILERS;
}

function responseHeaders(call: Call): HeaderPair[] {
  return call.hasHeaders ? [...RESPONSE_HEADERS, ...metadataPairs(call.headers)] : RESPONSE_HEADERS;
}

function requestMetadata(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    if (PROTOCOL_HEADERS.has(name) || name.startsWith("grpc-") && name !== "grpc-trace-bin") continue;
    if (!name.endsWith("-bin")) metadata.add(name, value);
    else for (const part of value.split(",")) metadata.add(name, Buffer.from(part.trim(), "base64"));
  }
  return metadata;
}
