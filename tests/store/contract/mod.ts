/**
 * What every store must hold, written against the interface alone.
 *
 * @module
 */
import type { Store } from "../../../lib/store/store.ts";
import { itemContract } from "./items.ts";
import { taskContract } from "./tasks.ts";
import { watchContract } from "./watch.ts";
import { writeContract } from "./writes.ts";

export interface ContractOptions {
  readonly now: () => number;
  readonly maxWatchers?: number;
  readonly requestIdTtlMs?: number;
}

/** Declares that something holds of a new, empty store. */
export type Holds = (
  sentence: string,
  test: (store: Store) => Promise<void>,
  options?: Partial<ContractOptions>,
) => void;

/** The store's clock. It stands still until it is moved. */
export interface Clock {
  now: number;
}

/** Declares the tests. `use` gives a new, empty store and closes it when the function is done. */
export function storeContract(
  name: string,
  use: (test: (store: Store) => Promise<void>, options: ContractOptions) => Promise<void>,
): void {
  const clock: Clock = { now: 0 };
  const holds: Holds = (sentence, test, options = {}) => {
    Deno.test(`${name}: ${sentence}`, () => {
      clock.now = Date.UTC(2026, 0, 1);
      return use(test, { now: () => clock.now, ...options });
    });
  };
  itemContract(holds, clock);
  taskContract(holds, clock);
  writeContract(holds, clock);
  watchContract(holds, clock);
}
