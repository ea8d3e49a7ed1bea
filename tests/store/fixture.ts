/**
 * What the tests of stores share.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError, type StoreFailures, type StoreReason } from "../../lib/store/errors.ts";
import { openStore, type StoreOptions } from "../../lib/store/mod.ts";
import type { Store, WatchEvent, WatchOptions } from "../../lib/store/store.ts";
import type { Change, ItemInput, Kind, Kinds, TaskInput } from "../../lib/store/types.ts";

export function item(name: string, over: Partial<ItemInput> = {}): ItemInput {
  return { name, quantity: 0, priceMicros: 0, location: "", tags: [], reorderLevel: 0, attributes: {}, ...over };
}

export function task(title: string, over: Partial<TaskInput> = {}): TaskInput {
  return { title, description: "", priority: "normal", tags: [], dueAt: null, assignee: null, materials: [], ...over };
}

/** Fails unless the operation is rejected for the reason with these facts. */
export async function assertReason<R extends StoreReason>(
  operation: () => PromiseLike<unknown>,
  reason: R,
  facts?: StoreFailures[R],
): Promise<void> {
  const error = await assertRejects(operation, StoreError);
  assertEquals(error.reason, reason);
  if (facts !== undefined) assertEquals(error.facts as StoreFailures[R], facts);
}

/** A new directory, gone after `use`. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "steward-store-" });
  try {
    return await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A store in a directory of its own, closed after `use`. */
export function withStore<T>(
  use: (store: Store, directory: string) => Promise<T>,
  options: Omit<StoreOptions, "directory"> = {},
): Promise<T> {
  return withDirectory(async (directory) => {
    const store = await openStore({ directory, ...options });
    try {
      return await use(store, directory);
    } finally {
      await store.close();
    }
  });
}

/** Everything of an iteration in batches. */
export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) {
    assert(batch.length > 0, "a batch is empty");
    all.push(...batch);
  }
  return all;
}

/** Numbers that are the same for the same seed, from 0 to below `limit`. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    // Marsaglia's xorshift with the shifts 13, 17 and 5; the seed 0 would stay 0.
    state = (state || 1) >>> 0;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** A watch with its reader. */
export class Watch<K extends Kind> {
  #pending: WatchEvent<K>[] = [];

  private constructor(
    private readonly events: AsyncIterator<readonly WatchEvent<K>[]>,
    private readonly controller: AbortController,
  ) {}

  static async open<K extends Kind>(store: Store, options: Omit<WatchOptions<K>, "signal">): Promise<Watch<K>> {
    const controller = new AbortController();
    const events = await store.watch<K>({ ...options, signal: controller.signal });
    return new Watch<K>(events[Symbol.asyncIterator](), controller);
  }

  /** The next event. */
  async next(): Promise<WatchEvent<K>> {
    while (this.#pending.length === 0) {
      const { done, value } = await this.events.next();
      assert(!done, "the watch ended");
      this.#pending = [...value];
    }
    return this.#pending.shift()!;
  }

  /** The changes of the next event, which must be changes. */
  async changes(): Promise<readonly Change<K>[]> {
    const event = await this.next();
    assert(event.type === "changes", `expected changes, got ${event.type}`);
    return event.changes;
  }

  /** What existed and at which revision. */
  async snapshot(): Promise<{ entries: Kinds[K][]; revision: number }> {
    const entries: Kinds[K][] = [];
    for (;;) {
      const event = await this.next();
      if (event.type === "progress") return { entries, revision: event.revision };
      assert(event.type === "snapshot", `expected a snapshot, got ${event.type}`);
      entries.push(...event.entries);
    }
  }

  abort(reason?: unknown): void {
    this.controller.abort(reason);
  }

  async return(): Promise<void> {
    await this.events.return?.();
  }
}
