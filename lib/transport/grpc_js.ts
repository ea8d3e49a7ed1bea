/**
 * The second lane: @grpc/grpc-js on node:http2. For comparison, for client certificates, and for the day that Deno's
 * http2 server is sound; see runtimes.ts for what it is not today.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import * as grpc from "@grpc/grpc-js";
import {
  type Batches,
  Call,
  clientStreams,
  failedOutcome,
  Metadata,
  type Route,
  type RpcError,
  serverStreams,
  SUCCESS,
} from "../rpc/mod.ts";
import type { Codec } from "../schema/mod.ts";
import { awaitedLater, decodeMessage, knownError } from "./answer.ts";
import { StatusEncoder } from "./status.ts";
import { type Listener, listenError, type ListenOptions } from "./transport.ts";

type UnaryCall = grpc.ServerUnaryCall<Buffer, Buffer> | grpc.ServerReadableStream<Buffer, Buffer>;
type WritableCall = grpc.ServerWritableStream<Buffer, Buffer> | grpc.ServerDuplexStream<Buffer, Buffer>;
type ReadableCall = grpc.ServerReadableStream<Buffer, Buffer> | grpc.ServerDuplexStream<Buffer, Buffer>;
type AnyCall = UnaryCall | WritableCall;

/** So many requests of a stream are held for a handler that has not taken them yet. */
const REQUESTS_HELD = 16;

/** @throws ListenError when the address cannot be had. */
export async function listenGrpcJs(options: ListenOptions): Promise<Listener> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": options.maxMessageBytes,
    "grpc.max_send_message_length": options.maxAnswerBytes,
  });
  const status = new StatusEncoder(options.schema);
  addServices(server, options, status);
  const { hostname } = options;
  const address = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${options.port}`;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(listenError(inUse(error), hostname, options.port));
      else resolve(bound);
    });
  });
  return {
    hostname,
    port,
    shutdown: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    close() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** grpc-js hides the code of a failed bind in a sentence. */
function inUse(error: Error): Error {
  return error.message.includes("EADDRINUSE") || error.message.includes("No address added")
    ? Object.assign(error, { code: "EADDRINUSE" })
    : error;
}

function addServices(server: grpc.Server, { router, onFault }: ListenOptions, status: StatusEncoder): void {
  const services = new Map<string, Route[]>();
  for (const route of router.routes.values()) {
    const routes = services.get(route.method.service);
    if (routes) routes.push(route);
    else services.set(route.method.service, [route]);
  }
  for (const routes of services.values()) {
    const definition = Object.fromEntries(routes.map(({ method }) => [method.name, definitionOf(method)]));
    const handlers = Object.fromEntries(routes.map((route) => [route.method.name, handlerOf(route, status, onFault)]));
    server.addService(definition, handlers);
  }
}

/** Messages pass as bytes: decoding is done by the same code as in the other lane, with the same errors. */
function definitionOf(method: Route["method"]): grpc.MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer) => bytes;
  return {
    path: method.path,
    requestStream: clientStreams(method),
    responseStream: serverStreams(method),
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function handlerOf(
  route: Route,
  status: StatusEncoder,
  onFault: ListenOptions["onFault"],
): grpc.UntypedHandleCall {
  const { method } = route;
  const invoke = (call: Call, wireCall: AnyCall) =>
    route.invoke(
      call,
      clientStreams(method)
        ? batches(wireCall as ReadableCall, method.input)
        : awaitedLater(requested(wireCall as grpc.ServerUnaryCall<Buffer, Buffer>, method.input)),
    );
  const failed = (error: unknown, call: Call) => {
    const known = knownError(error, call, onFault);
    call.end(failedOutcome(known));
    return statusObject(known, call, status);
  };
  if (serverStreams(method)) {
    return async (wireCall: WritableCall) => {
      const call = callOf(route, wireCall);
      try {
        const output = await invoke(call, wireCall) as Batches<object>;
        // Sent at once: the headers tell a watcher that its watch stands.
        wireCall.sendMetadata(toGrpc(call.hasHeaders ? call.headers : undefined));
        await writeAll(wireCall, output, call);
        call.end(SUCCESS);
        wireCall.end(toGrpc(call.hasTrailers ? call.trailers : undefined));
      } catch (error) {
        wireCall.emit("error", failed(error, call));
      }
    };
  }
  return async (wireCall: UnaryCall, callback: grpc.sendUnaryData<Buffer>) => {
    const call = callOf(route, wireCall);
    try {
      const message = Buffer.from(method.output.encode(await invoke(call, wireCall) as object));
      if (call.hasHeaders) wireCall.sendMetadata(toGrpc(call.headers));
      call.end(SUCCESS);
      callback(null, message, toGrpc(call.hasTrailers ? call.trailers : undefined));
    } catch (error) {
      callback(failed(error, call));
    }
  };
}

function callOf({ method }: Route, wireCall: AnyCall): Call {
  const deadline = wireCall.getDeadline();
  const timeoutMs = deadline === Infinity ? undefined : Math.max(0, Number(deadline) - Date.now());
  return new Call({
    method,
    peer: wireCall.getPeer(),
    timeoutMs,
    metadata: () => fromGrpc(wireCall.metadata),
    onCancel(cancelled) {
      if (wireCall.cancelled) cancelled();
      else (wireCall as EventEmitter).once("cancelled", cancelled);
    },
  });
}

// deno-lint-ignore require-await -- a malformed message is a rejection like any other
async function requested({ request }: grpc.ServerUnaryCall<Buffer, Buffer>, codec: Codec): Promise<object> {
  return decodeMessage(codec, request);
}

/** What has arrived since the last batch. The stream is paused while a batch waits to be taken. */
async function* batches(wireCall: ReadableCall, codec: Codec): AsyncGenerator<object[]> {
  let arrived: Buffer[] = [];
  let ended = false;
  let wake = () => {};
  wireCall.on("data", (bytes: Buffer) => {
    arrived.push(bytes);
    if (arrived.length >= REQUESTS_HELD) wireCall.pause();
    wake();
  });
  wireCall.on("end", () => {
    ended = true;
    wake();
  });
  for (;;) {
    if (arrived.length > 0) {
      const batch = arrived;
      arrived = [];
      wireCall.resume();
      yield batch.map((bytes) => decodeMessage(codec, bytes));
    } else if (ended) return;
    else await new Promise<void>((resolve) => wake = resolve);
  }
}

async function writeAll(wireCall: WritableCall, output: Batches<object>, call: Call): Promise<void> {
  const { encode } = call.method.output;
  for await (const batch of output) {
    for (const message of batch) {
      if (!wireCall.write(Buffer.from(encode(message)))) await drained(wireCall, call.signal);
    }
  }
}

function drained(wireCall: WritableCall, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    };
    const onAbort = () => {
      wireCall.off("drain", onDrain);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    wireCall.once("drain", onDrain);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function statusObject(error: RpcError, call: Call, status: StatusEncoder): grpc.ServerErrorResponse {
  const metadata = toGrpc(call.hasTrailers ? call.trailers : undefined);
  if (error.details.length > 0) metadata.set("grpc-status-details-bin", Buffer.from(status.status(error)));
  return Object.assign(new Error(error.message), { code: error.code as number, details: error.message, metadata });
}

function toGrpc(metadata: Metadata | undefined): grpc.Metadata {
  const converted = new grpc.Metadata();
  for (const [name, value] of metadata ?? []) {
    converted.add(name, typeof value === "string" ? value : Buffer.from(value));
  }
  return converted;
}

function fromGrpc(metadata: grpc.Metadata): Metadata {
  const converted = new Metadata();
  for (const name of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(name)) converted.add(name, value);
  }
  return converted;
}
