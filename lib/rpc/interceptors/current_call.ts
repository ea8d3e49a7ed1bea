import { AsyncLocalStorage } from "node:async_hooks";
import type { Call } from "../call.ts";
import { type Batches, type Interceptor, serverStreams } from "../handler.ts";

const storage = new AsyncLocalStorage<Call>();

/** The call that the running code belongs to, also in what nobody waits for; undefined outside of calls. */
export function currentCall(): Call | undefined {
  return storage.getStore();
}

/** Makes {@linkcode currentCall} know the call, so that a fault that no handler catches can be logged with its id. */
export const trackCall: Interceptor = (next) => (call, input) => {
  const output = storage.run(call, next, call, input);
  return serverStreams(call.method) ? output.then((batches) => tracked(call, batches as Batches<unknown>)) : output;
};

/** A generator runs in the context of who asks it for the next batch. */
function tracked<T>(call: Call, batches: Batches<T>): Batches<T> {
  return {
    [Symbol.asyncIterator]() {
      const source = batches[Symbol.asyncIterator]();
      return {
        next: () => storage.run(call, () => source.next()),
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
