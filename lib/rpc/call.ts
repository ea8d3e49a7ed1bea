/**
 * One call of one method, from its first byte to its status.
 *
 * @module
 */
import type { Method } from "../schema/mod.ts";
import { Code } from "./code.ts";
import { fail, type RpcError } from "./error.ts";
import { Metadata } from "./metadata.ts";

/** How a call ended. */
export interface Outcome {
  readonly code: Code;
  /** Empty when it succeeded. */
  readonly message: string;
  /** What was thrown, if anything was. */
  readonly error?: unknown;
}

/** What a wire knows of a call when it arrives. */
export interface CallOrigin {
  readonly method: Method;
  /** HOST:PORT of the caller. */
  readonly peer: string;
  /** Read when first asked for. */
  readonly metadata: () => Metadata;
  /** One text of the metadata, for who needs no more of it. */
  readonly header?: (name: string) => string | null;
  /** How long the caller will wait, in milliseconds; undefined means for ever. */
  readonly timeoutMs?: number | undefined;
  /** Asks to be told when the caller goes away. Called at most once, and only if somebody listens. */
  readonly onCancel?: (cancelled: () => void) => void;
}

export class Call {
  readonly method: Method;
  readonly peer: string;
  readonly timeoutMs: number | undefined;
  /** Milliseconds on the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  /** Set by the request id interceptor, the outermost one. */
  requestId = "";
  /** Bytes of the messages received and sent so far, before compression. Counted by the wire. */
  received = 0;
  sent = 0;
  readonly #origin: CallOrigin;
  #metadata: Metadata | undefined;
  #headers: Metadata | undefined;
  #trailers: Metadata | undefined;
  #controller: AbortController | undefined;
  #aborted: RpcError | undefined;
  #onAbort: ((error: RpcError) => void) | undefined;
  #listeners: ((outcome: Outcome) => void)[] | undefined;
  #ended = false;

  constructor(origin: CallOrigin) {
    this.#origin = origin;
    this.method = origin.method;
    this.peer = origin.peer;
    this.timeoutMs = origin.timeoutMs;
  }

  /** What the caller sent along. */
  get metadata(): Metadata {
    return this.#metadata ??= this.#origin.metadata();
  }

  /** The first text that the caller sent under a name, without reading the rest. */
  header(name: string): string | undefined {
    const { header } = this.#origin;
    return header ? header(name) ?? undefined : this.metadata.get(name);
  }

  /** Metadata to send before the first message. */
  get headers(): Metadata {
    return this.#headers ??= new Metadata();
  }

  /** Metadata to send with the status. */
  get trailers(): Metadata {
    return this.#trailers ??= new Metadata();
  }

  get hasHeaders(): boolean {
    return this.#headers !== undefined;
  }

  get hasTrailers(): boolean {
    return this.#trailers !== undefined;
  }

  /** Aborts when the caller cancels, the deadline passes or the server shuts down; its reason is an RpcError. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted);
      else if (!this.#ended) {
        this.#origin.onCancel?.(() => this.abort(fail("CANCELLED", {})));
      }
    }
    return this.#controller.signal;
  }

  /** Makes the call end with this error as soon as its handler listens. Only the first abort counts. */
  abort(error: RpcError): void {
    if (this.#ended || this.#aborted) return;
    this.#aborted = error;
    this.#onAbort?.(error);
    this.#controller?.abort(error);
  }

  /**
   * Has one function called when the call is aborted. For who needs no signal, which costs more than a small call; a
   * caller that goes away is noticed by the signal only.
   */
  onAbort(listener: (error: RpcError) => void): void {
    this.#onAbort = listener;
  }

  /** Has a function called once when the call has ended, with its outcome. */
  onEnd(listener: (outcome: Outcome) => void): void {
    (this.#listeners ??= []).push(listener);
  }

  /** Called by the wire when the last it will send is decided. Only the first end counts. */
  end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#listeners) { for (const listener of this.#listeners) listener(outcome); }
  }
}

/** The outcome of a call that threw. */
export function failedOutcome(error: RpcError): Outcome {
  return { code: error.code, message: error.message, error };
}

export const SUCCESS: Outcome = { code: Code.OK, message: "" };
