/**
 * Watches that outlive their server: whatever happens to the connection, each change is shown once and none is lost.
 *
 * The server says with each message up to which revision everything has been given. A new call asks for what came after
 * that. Before the first such message there is nothing to resume from: a snapshot starts anew, a watch from "now on"
 * cannot know what it missed and says so. To keep that time short, the watch asks for progress messages, which are not
 * shown unless the user asked for them too.
 *
 * @module
 */
import { clone, type DescMethod, mergeFromJson, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Context } from "../context.ts";
import { CallError, Exit, Interrupted, type Status } from "../failure.ts";
import { type Connection, nameOf } from "../grpc/call.ts";
import { createPrinter, defaultFormat } from "../output/printer.ts";
import { createEventPrinter } from "../output/events.ts";

const PROGRESS_INTERVAL = "1s";
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;

/** Where a watch stands. */
interface Position {
  /** The last revision given in full; undefined before that is known. */
  revision: bigint | undefined;
  /** Part of a snapshot has been shown, but not its end. */
  inSnapshot: boolean;
}

/** Shows changes until Ctrl-C, a deadline, or a status that trying again will not mend. */
export async function runWatch(context: Context, method: DescMethod, request: Message): Promise<number> {
  const { terminal, settings, signal } = context;
  const deadline = settings.timeoutMs === undefined ? {} : { deadline: new Date(Date.now() + settings.timeoutMs) };
  const connection = await context.connect(deadline);
  const format = settings.format ?? defaultFormat(terminal, true);
  const options = { type: method.output, registry: context.contract().registry, terminal, style: context.style };
  const printer = format === "table"
    ? createEventPrinter(options)
    : await createPrinter({ ...options, format, stream: true });
  const watch = new Watch(context, connection, method, request);
  const onBatch = async (messages: readonly Message[]) => {
    await printer.print(messages);
    await terminal.flush();
  };
  try {
    const status = await watch.run(onBatch);
    if (signal.aborted) return signal.reason instanceof Interrupted ? Exit.OK : Exit.INTERRUPTED;
    if (status.code !== 0) throw new CallError(nameOf(method), status, watch.hintFor(status));
    terminal.err("the server ended the watch\n");
    return Exit.OK;
  } finally {
    await printer.end();
  }
}

class Watch {
  readonly #context: Context;
  readonly #connection: Connection;
  readonly #method: DescMethod;
  readonly #request: Message;
  readonly #showsProgress: boolean;
  readonly #position: Position = { revision: undefined, inSnapshot: false };
  #established = false;

  constructor(context: Context, connection: Connection, method: DescMethod, request: Message) {
    this.#context = context;
    this.#connection = connection;
    this.#method = method;
    this.#request = request;
    this.#showsProgress = this.#get(request, "progress_interval") !== undefined;
    if (!this.#showsProgress) this.#set(request, "progress_interval", PROGRESS_INTERVAL);
  }

  /** Watches, again and again while the server is only away. */
  async run(show: (messages: readonly Message[]) => Promise<void>): Promise<Status> {
    const { signal } = this.#context;
    let backoffMs = FIRST_BACKOFF_MS;
    let announced = false;
    while (true) {
      const call = this.#connection.open(this.#method, [this.#nextRequest()], { signal });
      const headers = call.headers.then((headers) => {
        if (headers === undefined) return;
        this.#startAt(headers["steward-revision"]?.[0]);
        this.#established = true;
        backoffMs = FIRST_BACKOFF_MS;
        if (announced) this.#say("connected again");
        announced = false;
      });
      for await (const batch of call.batches) {
        await headers;
        const worthShowing = batch.filter((message) => this.#note(message));
        if (worthShowing.length > 0) await show(worthShowing);
      }
      const status = await call.status;
      if (signal.aborted || !this.#established || !isLoss(status)) return status;
      if (!announced) this.#announce(status);
      announced = true;
      await pause(backoffMs * (0.5 + Math.random()), signal);
      backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
      if (signal.aborted) return status;
    }
  }

  /** What to tell the user when the server cannot go on where the watch was. */
  hintFor(status: Status): string | undefined {
    const outOfRange = 11;
    if (status.code !== outOfRange) return undefined;
    return "changes were lost to this watch: start over with --snapshot, which gives what there is now, then the changes";
  }

  #announce(status: Status): void {
    const { revision, inSnapshot } = this.#position;
    this.#say(`the server has gone (${status.message}); waiting for it`);
    if (revision !== undefined) this.#say(`will go on after revision ${revision}`);
    else if (inSnapshot || this.#get(this.#request, "snapshot") === true) {
      this.#say("the snapshot was not complete: it will start anew, and what is shown above will come again");
    } else this.#say("no revision was known yet: changes made until it is back will not be shown");
    this.#position.inSnapshot = false;
  }

  #nextRequest(): Message {
    const { revision } = this.#position;
    if (revision === undefined) return this.#request;
    const next = clone(this.#method.input, this.#request);
    this.#set(next, "since_revision", String(revision));
    if (this.#get(next, "snapshot") !== undefined) this.#set(next, "snapshot", false);
    return next;
  }

  /** Takes the position from the headers, for a stream that breaks before its first message. */
  #startAt(revision: string | undefined): void {
    if (revision === undefined || !/^\d+$/.test(revision)) return;
    this.#position.revision ??= BigInt(revision);
  }

  /** Takes the position from a message. @returns Whether the user wants to see it. */
  #note(message: Message): boolean {
    const { output } = this.#method;
    const reflected = reflect(output, message);
    const revision = reflected.get(output.fields.find(({ name }) => name === "revision")!) as bigint;
    const progress = isProgress(output, message);
    // A store that nothing was written to is complete at revision 0.
    const complete = revision > 0n || progress;
    this.#position.inSnapshot = !complete;
    if (complete && revision >= (this.#position.revision ?? 0n)) this.#position.revision = revision;
    // The message that ends a snapshot carries nothing either, but programs wait for it.
    const endsSnapshot = this.#endsSnapshot(complete);
    return this.#showsProgress || endsSnapshot || !progress;
  }

  #snapshotEnded = false;

  /** Whether this is the first complete position of a watch with a snapshot. */
  #endsSnapshot(complete: boolean): boolean {
    if (this.#snapshotEnded || !complete || this.#get(this.#request, "snapshot") !== true) return false;
    this.#snapshotEnded = true;
    return true;
  }

  #get(message: Message, name: string): unknown {
    const field = this.#method.input.fields.find((one) => one.name === name);
    const reflected = reflect(this.#method.input, message);
    return field !== undefined && reflected.isSet(field) ? reflected.get(field) : undefined;
  }

  #set(message: Message, name: string, value: string | boolean): void {
    const field = this.#method.input.fields.find((one) => one.name === name);
    if (field === undefined) return;
    reflect(this.#method.input, message).clear(field);
    mergeFromJson(this.#method.input, message, { [field.jsonName]: value });
  }

  #say(text: string): void {
    const { terminal, errStyle } = this.#context;
    terminal.err(errStyle.yellow(`${text}\n`));
  }
}

/** Nothing but a revision. */
export function isProgress(type: DescMethod["output"], message: Message): boolean {
  const reflected = reflect(type, message);
  return type.fields.every((field) => !field.message || !reflected.isSet(field) || field.name === "time");
}

/**
 * Whether the connection was lost, as against an answer. A stream that is cut off may also surface as one of the codes
 * that grpc-js makes of a broken HTTP/2 stream.
 */
export function isLoss({ code, message }: Pick<Status, "code" | "message">): boolean {
  const unavailable = 14;
  const internal = 13;
  return code === unavailable || (code === internal && /RST_STREAM|ECONNRESET|internal client error/i.test(message));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
