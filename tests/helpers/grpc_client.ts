/**
 * A bare grpc-js client of a schema, for suites: every kind of call, with all that came back.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as grpc from "@grpc/grpc-js";
import type { Method, Schema } from "../../lib/schema/mod.ts";

export interface Received {
  readonly messages: Record<string, unknown>[];
  readonly headers: grpc.Metadata | undefined;
  readonly status: grpc.StatusObject;
}

export interface CallOptions extends grpc.CallOptions {
  readonly metadata?: Record<string, string | Uint8Array>;
}

export class TestClient {
  readonly #client: grpc.Client;
  readonly #schema: Schema;

  constructor(address: string, schema: Schema, options: grpc.ClientOptions = {}) {
    // A channel of its own, so that closing it ends its connections.
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
    this.#schema = schema;
  }

  /** Calls SERVICE/METHOD with any number of messages and waits for its end. Never rejects. */
  async call(path: string, requests: object | readonly object[] = {}, options: CallOptions = {}): Promise<Received> {
    const open = this.open(path, options);
    const list = Array.isArray(requests) ? requests : [requests];
    for (const request of list) open.send(request);
    open.finish();
    return await open.received;
  }

  /** The only message of a call that succeeds; throws its status otherwise. */
  async ask<T = Record<string, unknown>>(path: string, request: object = {}, options: CallOptions = {}): Promise<T> {
    const { messages, status } = await this.call(path, request, options);
    if (status.code !== grpc.status.OK) {
      throw Object.assign(new Error(`${grpc.status[status.code]}: ${status.details}`), { status });
    }
    return messages[0] as T;
  }

  /** Starts a call, whose messages are sent, read and cancelled by hand. */
  open(path: string, { metadata = {}, ...options }: CallOptions = {}) {
    const method = this.#method(path);
    const sent = new grpc.Metadata();
    for (const [name, value] of Object.entries(metadata)) {
      sent.add(name, typeof value === "string" ? value : Buffer.from(value));
    }
    const messages: Record<string, unknown>[] = [];
    let headers: grpc.Metadata | undefined;
    // Every kind is made as a stream both ways: on the wire there is no difference.
    const stream = this.#client.makeBidiStreamRequest(
      method.path,
      (message: object) => Buffer.from(method.input.encode(message)),
      (bytes: Buffer) => method.output.decode(bytes) as Record<string, unknown>,
      sent,
      options,
    );
    const arrived = Promise.withResolvers<grpc.Metadata>();
    arrived.promise.catch(() => {});
    const waiting = new Set<() => void>();
    const tell = () => waiting.forEach((wake) => wake());
    stream.on("metadata", (received) => arrived.resolve(headers = received));
    stream.on("data", (message: Record<string, unknown>) => {
      messages.push(message);
      tell();
    });
    stream.on("error", () => {});
    // The status comes before the last messages have been handed on.
    const drained = new Promise<void>((resolve) => stream.on("end", resolve));
    const received = new Promise<Received>((resolve) => {
      stream.on("status", async (status) => {
        arrived.reject(new Error(`ended with ${status.code} ${status.details}`));
        await drained;
        resolve({ messages, headers, status });
        ended = true;
        tell();
      });
    });
    let ended = false;
    return {
      messages,
      received,
      /** Resolves with the response headers. */
      headers: arrived.promise,
      stream,
      send: (message: object) => stream.write(message),
      finish: () => stream.end(),
      cancel: () => stream.cancel(),
      /** Resolves when so many messages have come; rejects when the call ends before, or they do not come in time. */
      count: (number: number, { withinMs = 20_000 } = {}) =>
        new Promise<void>((resolve, reject) => {
          const fail = (why: string) => reject(new Error(`${why} after ${messages.length} of ${number} messages`));
          const timer = setTimeout(() => {
            waiting.delete(look);
            fail(`nothing for ${withinMs} ms`);
          }, withinMs);
          const look = () => {
            if (messages.length < number && !ended) return;
            clearTimeout(timer);
            waiting.delete(look);
            if (messages.length >= number) resolve();
            else fail("the call ended");
          };
          waiting.add(look);
          look();
        }),
    };
  }

  close(): void {
    this.#client.close();
  }

  #method(path: string): Method {
    const [service, name] = path.split("/") as [string, string];
    const known = this.#schema.services.get(service)?.methods.find((method) => method.name === name);
    if (known) return known;
    const empty = this.#schema.codec("grpc.health.v1.HealthListRequest");
    return { ...this.#schema.services.get("grpc.health.v1.Health")!.methods[0]!, path: `/${path}`, input: empty };
  }
}

/** The details of a status, each decoded, with its type's full name. */
export function detailsOf(status: grpc.StatusObject, schema: Schema): Record<string, Record<string, unknown>> {
  const [bytes] = status.metadata.get("grpc-status-details-bin");
  if (!bytes) return {};
  const decoded = schema.codec("google.rpc.Status").decode(bytes as Buffer) as {
    details: { type_url: string; value: Uint8Array }[];
  };
  return Object.fromEntries(decoded.details.map(({ type_url, value }) => {
    const type = type_url.slice(type_url.lastIndexOf("/") + 1);
    return [type, { ...schema.codec(type).decode(value) } as Record<string, unknown>];
  }));
}
