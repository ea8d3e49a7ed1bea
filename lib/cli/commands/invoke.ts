/**
 * Makes calls and shows what comes back.
 *
 * @module
 */
import type { DescMethod, JsonValue, Message, Registry } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { codeName } from "../../rpc/code.ts";
import type { Context } from "../context.ts";
import { CallError, Exit, Interrupted, type Status, UsageError } from "../failure.ts";
import { type Connection, type Headers, nameOf, type OpenCall } from "../grpc/call.ts";
import { createPrinter, defaultFormat, jsonOf, type Printer } from "../output/printer.ts";

export interface Invocation {
  readonly context: Context;
  readonly connection: Connection;
  readonly method: DescMethod;
  readonly requests: AsyncIterable<Message>;
  readonly registry: Registry;
}

/** Makes the call, or one for each request where a call takes only one. @throws CallError at the first that fails. */
export async function invoke(invocation: Invocation): Promise<number> {
  const { context, method, requests } = invocation;
  const manyRequests = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const manyAnswers = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  if (manyRequests) {
    const show = await showing(invocation, manyAnswers);
    try {
      return await one(invocation, requests, show);
    } finally {
      await show.end();
    }
  }
  // Whether there will be several answers is known only after the second request.
  const iterator = requests[Symbol.asyncIterator]();
  let current = await iterator.next();
  if (current.done) throw new UsageError("-d holds no request");
  let following = context.parsed.values.has("data") ? await iterator.next() : { done: true, value: undefined } as const;
  const show = await showing(invocation, manyAnswers || !following.done);
  let code: number = Exit.OK;
  try {
    while (!current.done) {
      code = Math.max(code, await one(invocation, [current.value], show));
      current = following;
      following = current.done ? current : await iterator.next();
    }
  } finally {
    await iterator.return?.(undefined);
    await show.end();
  }
  return code;
}

/** Makes a call for each page, with the token of the page before. */
export async function invokePages(invocation: Invocation): Promise<number> {
  const { connection, method, requests, context } = invocation;
  const token = method.input.fields.find(({ name }) => name === "page_token")!;
  const next = method.output.fields.find(({ name }) => name === "next_page_token")!;
  const show = await showing(invocation, true);
  try {
    for await (const request of requests) {
      const reflected = reflect(method.input, request);
      for (let more = true; more;) {
        const page = await connection.unary(method, request, { signal: context.signal });
        const pageToken = reflect(method.output, page).get(next) as string;
        more = pageToken !== "";
        reflected.set(token, pageToken);
        if (more) reflect(method.output, page).clear(next);
        await show.print([page]);
      }
    }
  } finally {
    await show.end();
  }
  return Exit.OK;
}

interface Show extends Printer {
  /** With `--envelope`, everything about a call. */
  envelope?(headers: Headers | undefined, messages: readonly Message[], status: Status): Promise<void>;
}

async function showing({ context, method, registry }: Invocation, stream: boolean): Promise<Show> {
  const { terminal, settings, style } = context;
  if (settings.envelope) {
    return {
      print: async () => {},
      end: async () => {},
      envelope: (headers, messages, status) =>
        terminal.out(JSON.stringify(envelopeOf(headers, messages, status, method, registry), null, 2) + "\n"),
    };
  }
  const format = settings.format ?? defaultFormat(terminal, stream);
  return await createPrinter({ format, type: method.output, registry, terminal, style, stream });
}

async function one(
  { context, connection, method }: Invocation,
  requests: Iterable<Message> | AsyncIterable<Message>,
  show: Show,
): Promise<number> {
  const { settings, terminal, signal } = context;
  const started = performance.now();
  const call = connection.open(method, requests, { signal });
  const kept: Message[] = [];
  // The only answer of a call that fails is no answer.
  const single = method.methodKind === "unary" || method.methodKind === "client_streaming";
  let code: number = Exit.OK;
  for await (const batch of call.batches) {
    if (show.envelope || single) { for (const message of batch) kept.push(message); }
    else await show.print(batch);
    // What has come is shown before more is waited for, unless more is there already.
    await terminal.flush();
    code = Math.max(code, verdict(method, batch));
  }
  const status = await call.status;
  if (single && status.code === 0) await show.print(kept);
  if (settings.verbose) await explain(context, call, status, performance.now() - started);
  await show.envelope?.(await call.headers, kept, status);
  if (signal.aborted) {
    if (isEndless(method)) return Exit.OK;
    throw signal.reason instanceof Interrupted ? signal.reason : new Interrupted(Exit.INTERRUPTED);
  }
  if (status.code !== 0) throw new CallError(nameOf(method), status);
  return code;
}

/** A stream that only the user ends. */
function isEndless(method: DescMethod): boolean {
  return method.methodKind === "server_streaming" && method.name.startsWith("Watch");
}

const SERVING = 1;

/** A health check that is not well is a failure for scripts, although the call succeeded. */
function verdict(method: DescMethod, batch: readonly Message[]): number {
  if (nameOf(method) !== "grpc.health.v1.Health/Check") return Exit.OK;
  const status = method.output.fields.find(({ name }) => name === "status")!;
  return batch.every((message) => reflect(method.output, message).get(status) === SERVING) ? Exit.OK : Exit.LOCAL;
}

async function explain(context: Context, call: OpenCall, status: Status, ms: number): Promise<void> {
  const { terminal, errStyle } = context;
  const lines = (title: string, headers: Headers | undefined) =>
    Object.entries(headers ?? {}).flatMap(([name, values]) => values.map((value) => `${title} ${name}: ${value}\n`));
  const text = [
    ...lines("header ", await call.headers),
    ...lines("trailer", status.trailers),
    `status  ${codeName(status.code)} after ${ms.toFixed(1)} ms\n`,
  ].join("");
  terminal.err(errStyle.dim(text));
}

/** Everything about a call in one object. */
export function envelopeOf(
  headers: Headers | undefined,
  messages: readonly Message[],
  status: Status,
  method: DescMethod,
  registry: Registry,
): JsonValue {
  return {
    headers: mutable(headers ?? {}),
    messages: messages.map((message) => jsonOf(method.output, message, registry)),
    // The details are there in the open, below.
    trailers: mutable({ ...status.trailers, "grpc-status-details-bin": [] }),
    status: {
      code: status.code,
      name: codeName(status.code),
      message: status.message,
      details: status.details.map(({ type, value, bytes }) => ({
        "@type": `type.googleapis.com/${type}`,
        ...(value ?? { value: btoa(String.fromCharCode(...bytes)) }),
      })),
    },
  };
}

function mutable(headers: Headers): { [name: string]: string[] } {
  const present = Object.entries(headers).filter(([, values]) => values.length > 0);
  return Object.fromEntries(present.map(([name, values]) => [name, [...values]]));
}
