import { type Batches, share } from "../rpc/mod.ts";

/** Batches with each entry turned into one message. */
export function mapBatches<A, B>(batches: Batches<A>, map: (entry: A) => B): Batches<B> {
  return eachBatch(batches, (batch) => batch.map(map));
}

/** Batches with each entry turned into any number of messages. */
export function flatMapBatches<A, B>(batches: Batches<A>, map: (entry: A) => readonly B[]): Batches<B> {
  return eachBatch(batches, (batch) => batch.flatMap(map));
}

/** By hand, for it is on the way of every event of every watcher: a generator waits several turns for each. */
function eachBatch<A, B>(batches: Batches<A>, map: (batch: readonly A[]) => readonly B[]): Batches<B> {
  return {
    [Symbol.asyncIterator]() {
      const source = batches[Symbol.asyncIterator]();
      return {
        next: () =>
          source.next().then((step): IteratorResult<readonly B[], undefined> => {
            if (step.done) return { done: true, value: undefined };
            try {
              return { done: false, value: map(step.value) };
            } catch (error) {
              // Whoever reads may take the error for the end.
              source.return?.().then(undefined, () => {});
              throw error;
            }
          }),
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** Messages of what many watchers are given, made once: the same things give the same messages. */
export class SharedMessages<A extends object, B extends object> {
  readonly #made = new WeakMap<A, readonly B[]>();
  readonly #make: (thing: A) => readonly B[];

  constructor(make: (thing: A) => readonly B[]) {
    this.#make = make;
  }

  of(thing: A): readonly B[] {
    let messages = this.#made.get(thing);
    if (!messages) this.#made.set(thing, messages = this.#make(thing).map(share));
    return messages;
  }
}
