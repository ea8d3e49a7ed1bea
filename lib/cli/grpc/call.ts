/**
 * Calls of every kind over grpc-js.
 *
 * All four kinds are the same on the wire, messages each way, so all go through its bidirectional call.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Client, ClientDuplexStream, StatusObject } from "@grpc/grpc-js";
import { Metadata } from "@grpc/grpc-js";
import { type DescMessage, fromBinary, type Message, type Registry, toBinary } from "@bufbuild/protobuf";
import { CallError, type Status } from "../failure.ts";
import { decodeDetails } from "./details.ts";

/** A method, as far as calling it goes. `DescMethod` is one. */
export interface Callable {
  readonly name: string;
  readonly parent: { readonly typeName: string };
  readonly input: DescMessage;
  readonly output: DescMessage;
}

export type Headers = Readonly<Record<string, readonly string[]>>;

export interface CallOptions {
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
}

/** A call under way. */
export interface OpenCall {
  /** What has arrived, in batches. Ends when the call does, however that was: see `status`. */
  readonly batches: AsyncIterable<readonly Message[]>;
  /** Undefined when the call ended without any. */
  readonly headers: Promise<Headers | undefined>;
  readonly status: Promise<Status>;
  cancel(): void;
}

/** What a connection's calls have in common. */
export interface ConnectionOptions {
  readonly registry: Registry;
  /** Metadata of every call; a name may come several times. */
  readonly headers: readonly (readonly [string, string])[];
  /** For each call, or with `deadline` for all together. */
  readonly timeoutMs?: number | undefined;
  readonly deadline?: Date | undefined;
}

export class Connection {
  readonly #client: Client;
  readonly #options: ConnectionOptions;

  constructor(client: Client, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Starts a call. Requests are taken as fast as the server takes them. */
  open(
    method: Callable,
    requests: Iterable<Message> | AsyncIterable<Message>,
    { signal }: CallOptions = {},
  ): OpenCall {
    const stream = this.#client.makeBidiStreamRequest<Message, Message>(
      `/${method.parent.typeName}/${method.name}`,
      (message) => Buffer.from(toBinary(method.input, message)),
      (bytes) => fromBinary(method.output, bytes),
      metadataOf(this.#options.headers),
      { ...deadlineOf(this.#options) },
    );
    const cancel = () => stream.cancel();
    const headers = Promise.withResolvers<Headers | undefined>();
    const status = Promise.withResolvers<Status>();
    stream.on("metadata", (metadata: Metadata) => headers.resolve(plain(metadata)));
    stream.on("status", (ended: StatusObject) => {
      headers.resolve(undefined);
      status.resolve(statusOf(ended, this.#options.registry));
      signal?.removeEventListener("abort", cancel);
    });
    // Failures arrive as the status too.
    stream.on("error", () => {});
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
    const sending = send(stream, requests, status.promise);
    // A source of requests that fails ends the call, and its error is what the user must see.
    const sent = sending.catch((error) => {
      cancel();
      throw error;
    });
    sent.catch(() => {});
    const ended = status.promise.then(async (ended) => {
      if (ended.code !== 0) await rethrowSource(sent);
      return ended;
    });
    ended.catch(() => {});
    return { batches: batchesOf(stream), headers: headers.promise, status: ended, cancel };
  }

  /** Makes a call that answers once. @throws CallError when it does not succeed. */
  async unary(method: Callable, request: Message, options: CallOptions = {}): Promise<Message> {
    return await this.single(method, [request], options);
  }

  /** Makes a call with any number of requests that answers once. */
  async single(
    method: Callable,
    requests: Iterable<Message> | AsyncIterable<Message>,
    options: CallOptions = {},
  ): Promise<Message> {
    const call = this.open(method, requests, options);
    let answer: Message | undefined;
    for await (const batch of call.batches) answer ??= batch[0];
    const status = await call.status;
    if (status.code !== 0) throw new CallError(nameOf(method), status);
    if (answer === undefined) {
      throw new CallError(nameOf(method), { ...status, code: 13, message: "the server said OK but sent no answer" });
    }
    return answer;
  }

  close(): void {
    this.#client.close();
  }
}

/** `inventory.Inventory/GetItem` */
export function nameOf(method: Callable): string {
  return `${method.parent.typeName}/${method.name}`;
}

async function send(
  stream: ClientDuplexStream<Message, Message>,
  requests: Iterable<Message> | AsyncIterable<Message>,
  ended: Promise<unknown>,
): Promise<void> {
  let over = false;
  const end = ended.then(() => over = true, () => over = true);
  const iterator = Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  while (true) {
    // The server may end the call while the source, such as a person typing, has nothing to say.
    const next = await Promise.race([iterator.next(), end.then(() => undefined)]);
    if (next === undefined || over) {
      await Promise.race([iterator.return?.(), Promise.resolve()]);
      return;
    }
    if (next.done) break;
    if (!stream.write(next.value)) {
      const drained = new Promise<void>((resolve) => stream.once("drain", resolve));
      await Promise.race([drained, end]);
    }
  }
  stream.end();
}

/** Throws what the source of requests threw, if that is why the call ended. */
async function rethrowSource(sent: Promise<void>): Promise<void> {
  await Promise.race([sent, new Promise<void>((resolve) => setTimeout(resolve, 0))]);
}

async function* batchesOf(stream: ClientDuplexStream<Message, Message>): AsyncGenerator<readonly Message[]> {
  let ended = false;
  let wake = () => {};
  const onChange = () => wake();
  stream.on("readable", onChange);
  stream.on("end", () => {
    ended = true;
    wake();
  });
  try {
    while (true) {
      const changed = new Promise<void>((resolve) => wake = resolve);
      const batch: Message[] = [];
      for (let message = stream.read(); message !== null; message = stream.read()) batch.push(message);
      if (batch.length > 0) yield batch;
      else if (ended) return;
      else await changed;
    }
  } finally {
    if (!ended) stream.cancel();
    stream.off("readable", onChange);
  }
}

function metadataOf(headers: ConnectionOptions["headers"]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    metadata.add(name, name.toLowerCase().endsWith("-bin") ? Buffer.from(value, "base64") : value);
  }
  return metadata;
}

function deadlineOf({ timeoutMs, deadline }: ConnectionOptions): { deadline?: Date } {
  if (deadline !== undefined) return { deadline };
  return timeoutMs === undefined ? {} : { deadline: new Date(Date.now() + timeoutMs) };
}

function statusOf(ended: StatusObject, registry: Registry): Status {
  const [bytes] = ended.metadata.get("grpc-status-details-bin");
  return {
    code: ended.code,
    message: withoutWrapping(ended.details),
    details: bytes instanceof Uint8Array ? decodeDetails(bytes, registry) : [],
    trailers: plain(ended.metadata),
  };
}

/** What grpc-js says of a connection that failed, without the words that it says of every one. */
function withoutWrapping(message: string): string {
  return message
    .replace(/^No connection established\. Last error: (?:\w*Error: )?/, "")
    .replace(/\s*(?:\(\d{4}-\d\d-\d\dT[^)]*\))?\. Resolution note: .*$/, "");
}

/** Metadata as plain lists of text; binary values in base64. */
function plain(metadata: Metadata): Headers {
  const names = Object.keys(metadata.getMap());
  return Object.fromEntries(names.map((name) => [
    name,
    metadata.get(name).map((value) => typeof value === "string" ? value : value.toString("base64")),
  ]));
}
