/**
 * The exchange that all wires with length-prefixed messages have in common: read, invoke, write, end. A dialect says what
 * differs between them.
 *
 * @module
 */
import {
  type Batches,
  Call,
  clientStreams,
  fail,
  failedOutcome,
  madeOnce,
  type Route,
  type RpcError,
  serverStreams,
  SUCCESS,
} from "../rpc/mod.ts";
import type { Codec } from "../schema/mod.ts";
import { awaitedLater, decodeMessage, knownError, refusedBody } from "./answer.ts";
import type { Encoding } from "./compression.ts";
import { Deframer, frameAll } from "./framing.ts";
import { type HeaderPair, requestMetadata } from "./headers.ts";
import { takeWholeBody } from "./inner_http.ts";
import type { WireOptions } from "./wire.ts";

/** How one request is to be read and answered. */
export interface Dialect {
  readonly input: Codec;
  readonly output: Codec;
  /** How compressed requests are compressed. */
  readonly encoding: Encoding;
  /** Answers of at least so many bytes are compressed; undefined means none. */
  readonly compressFrom: number | undefined;
  readonly maxMessageBytes: number;
  readonly maxAnswerBytes: number;
  readonly timeoutMs: number | undefined;
  readonly onFault: WireOptions["onFault"];
  /** Why the call is refused before anything is read. */
  readonly refusal?: RpcError | undefined;
  /** The headers of an answer that has messages. */
  headers(call: Call): HeaderPair[];
  /**
   * Says how the call ended.
   *
   * @returns The last bytes of the body, if that is where it is said.
   */
  end(call: Call, response: Response | undefined, error?: RpcError): Uint8Array<ArrayBuffer> | undefined;
  /** The answer of a call that failed before any message. */
  failure(call: Call, error: RpcError): Response;
  /** Changes bytes on their way: gRPC-Web's text form. */
  readonly readPiece?: (piece: Uint8Array) => Uint8Array;
  readonly writePiece?: (piece: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

type Piece = Uint8Array<ArrayBuffer>;

/** Answers one request. Never rejects. */
export async function exchange(request: Request, route: Route, peer: string, dialect: Dialect): Promise<Response> {
  const call = callOf(request, route, peer, dialect.timeoutMs);
  const { method } = route;
  try {
    const messages = clientStreams(method)
      ? decodedBatches(call, request, dialect)
      : awaitedLater(singleMessage(call, request, dialect));
    const output = await route.invoke(call, messages);
    return serverStreams(method)
      ? streamResponse(call, output as Batches<object>, dialect)
      : unaryResponse(call, output as object, dialect);
  } catch (error) {
    const known = knownError(error, call, dialect.onFault);
    call.end(failedOutcome(known));
    return dialect.failure(call, known);
  }
}

/** The call that a request makes. */
export function callOf(request: Request, { method }: Route, peer: string, timeoutMs: number | undefined): Call {
  return new Call({
    method,
    peer,
    timeoutMs,
    metadata: () => requestMetadata(request.headers),
    header: (name) => request.headers.get(name),
    onCancel: (cancelled) => request.signal.addEventListener("abort", cancelled, { once: true }),
  });
}

function unaryResponse(call: Call, output: object, dialect: Dialect): Response {
  const message = framed(call, [output], dialect);
  const body = new ReadableStream<Piece>({
    start(controller) {
      controller.enqueue(message);
    },
    pull(controller) {
      call.end(SUCCESS);
      const last = dialect.end(call, response);
      if (last) controller.enqueue(last);
      controller.close();
    },
    // A caller that left before its answer could be sent.
    cancel: () => call.end(failedOutcome(fail("CANCELLED", {}))),
  });
  const response = new Response(body, { headers: dialect.headers(call) });
  return response;
}

function streamResponse(call: Call, output: Batches<object>, dialect: Dialect): Response {
  const iterator = output[Symbol.asyncIterator]();
  let pulling = false;
  let over = false;
  const finish = (controller: ReadableStreamDefaultController<Piece>, error?: RpcError) => {
    over = true;
    call.end(error ? failedOutcome(error) : SUCCESS);
    const last = dialect.end(call, response, error);
    if (last) controller.enqueue(last);
    controller.close();
  };
  const pull = async (controller: ReadableStreamDefaultController<Piece>) => {
    pulling = true;
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (over) return;
        if (done) return finish(controller);
        if (value.length > 0) return controller.enqueue(framed(call, value, dialect));
      }
    } catch (error) {
      if (!over) finish(controller, knownError(error, call, dialect.onFault));
      await iterator.return?.();
    } finally {
      pulling = false;
    }
  };
  const body = new ReadableStream<Piece>({
    start(controller) {
      // So a caller that is gone is noticed while the handler has nothing to send, and the call of one that has stopped
      // reading, and therefore asks for nothing more, ends all the same.
      call.signal.addEventListener("abort", () => void (pulling || over || pull(controller)), { once: true });
    },
    pull,
    async cancel() {
      over = true;
      const cancelled = fail("CANCELLED", {});
      call.abort(cancelled);
      call.end(failedOutcome(cancelled));
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
  const response = new Response(body, { headers: dialect.headers(call) });
  return response;
}

function framed(
  call: Call,
  messages: readonly object[],
  { output, maxAnswerBytes, compressFrom, writePiece }: Dialect,
): Piece {
  const encoded = messages.map((message) => {
    const bytes = madeOnce(message, output, () => output.encode(message));
    if (bytes.length > maxAnswerBytes) throw fail("MESSAGE_TOO_LARGE", { limit: maxAnswerBytes });
    call.sent += bytes.length;
    return bytes;
  });
  const piece = frameAll(encoded, compressFrom);
  return writePiece ? writePiece(piece) : piece;
}

async function singleMessage(call: Call, request: Request, dialect: Dialect): Promise<object> {
  const body = dialect.refusal ? undefined : takeWholeBody(request);
  if (body) return onlyOne(wholeBatch(call, body, dialect));
  let only: object | undefined;
  for await (const batch of decodedBatches(call, request, dialect)) {
    if (only) throw fail("WRONG_MESSAGE_COUNT", { count: "several" });
    only = onlyOne(batch);
  }
  if (!only) throw fail("WRONG_MESSAGE_COUNT", { count: "none" });
  return only;
}

function onlyOne([only, ...more]: readonly object[]): object {
  if (more.length > 0) throw fail("WRONG_MESSAGE_COUNT", { count: "several" });
  if (!only) throw fail("WRONG_MESSAGE_COUNT", { count: "none" });
  return only;
}

/** The messages of a body that has come whole: most requests of unary calls, for which a stream would be made in vain. */
function wholeBatch(call: Call, body: Uint8Array, dialect: Dialect): object[] {
  const deframer = new Deframer(dialect);
  const messages = decoded(call, deframer, body, dialect);
  deframer.end();
  return messages;
}

function decoded(call: Call, deframer: Deframer, piece: Uint8Array, { input, readPiece }: Dialect): object[] {
  return deframer.push(readPiece ? readPiece(piece) : piece).map((message) => {
    call.received += message.length;
    return decodeMessage(input, message);
  });
}

/** The messages of a request, a batch for each piece of the body. The body is read only as batches are taken. */
async function* decodedBatches(call: Call, request: Request, dialect: Dialect): AsyncGenerator<object[]> {
  if (dialect.refusal) {
    refusedBody(request);
    throw dialect.refusal;
  }
  if (!request.body) return;
  const deframer = new Deframer(dialect);
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw fail("CANCELLED", {}, { cause: error });
      });
      if (done) break;
      const messages = decoded(call, deframer, value, dialect);
      if (messages.length > 0) yield messages;
    }
    deframer.end();
  } finally {
    reader.cancel().catch(() => {});
  }
}
