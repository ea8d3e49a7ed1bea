/**
 * Ends waiting when a signal aborts.
 *
 * @module
 */
import type { Batches } from "./handler.ts";

/** The promise, or the signal's reason if that comes first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/**
 * The batches, until the signal aborts: then a waiting or later `next` rejects with its reason, and the source is told
 * to return. One listener serves the whole stream, so that a long one does not pile up reactions.
 */
export function abortableBatches<T>(batches: Batches<T>, signal: AbortSignal): Batches<T> {
  return {
    [Symbol.asyncIterator]() {
      const source = batches[Symbol.asyncIterator]();
      let waiting: ((reason: unknown) => void) | undefined;
      const onAbort = () => {
        waiting?.(signal.reason);
        waiting = undefined;
        ignoreFailure(source.return?.());
      };
      const release = () => signal.removeEventListener("abort", onAbort);
      signal.addEventListener("abort", onAbort, { once: true });
      return {
        next: () =>
          new Promise<IteratorResult<readonly T[]>>((resolve, reject) => {
            if (signal.aborted) return reject(signal.reason);
            waiting = reject;
            source.next().then((result) => {
              waiting = undefined;
              if (result.done) release();
              resolve(result);
            }, (error) => {
              waiting = undefined;
              release();
              reject(error);
            });
          }),
        async return() {
          release();
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** What a source that is being left still throws is of no interest to anybody. */
function ignoreFailure(promise: Promise<unknown> | undefined): void {
  promise?.catch(() => {});
}
