import type { Call } from "../call.ts";
import { fail } from "../error.ts";
import { type Interceptor, serverStreams } from "../handler.ts";

/** Knows the calls that run: bounds how many there are, and lets a server that stops wait for them. */
export class LiveCalls {
  readonly #calls = new Set<Call>();
  readonly #limit: number;
  readonly #lasting: (call: Call) => boolean;
  #draining = false;
  #whenIdle: (() => void) | undefined;

  /**
   * @param limit How many calls may run at once.
   * @param lasting Which calls are taken and left alone while the others drain, such as those that ask how the server is.
   */
  constructor(limit: number, lasting: (call: Call) => boolean = () => false) {
    this.#limit = limit;
    this.#lasting = lasting;
  }

  get size(): number {
    return this.#calls.size;
  }

  readonly intercept: Interceptor = (next) => (call, input) => {
    if (this.#draining && !this.#lasting(call)) return Promise.reject(fail("SHUTTING_DOWN", {}));
    if (this.#calls.size >= this.#limit) return Promise.reject(fail("TOO_MANY_CALLS", { limit: this.#limit }));
    this.#calls.add(call);
    call.onEnd(() => {
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#whenIdle?.();
    });
    return next(call, input);
  };

  /**
   * Takes no more calls, ends streams with UNAVAILABLE and waits for the other calls; those that run on after the grace
   * time end with UNAVAILABLE too.
   *
   * @returns How many were cut off.
   */
  async drain(graceMs: number): Promise<number> {
    this.#draining = true;
    for (const call of this.#calls) {
      if (serverStreams(call.method) && !this.#lasting(call)) call.abort(fail("SHUTTING_DOWN", {}));
    }
    if (!await this.#idle(graceMs)) {
      const rest = this.#calls.size;
      for (const call of this.#calls) call.abort(fail("SHUTTING_DOWN", {}));
      await this.#idle(1000);
      return rest;
    }
    return 0;
  }

  #idle(ms: number): Promise<boolean> {
    if (this.#calls.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
