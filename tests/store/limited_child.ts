/**
 * Writes to the store in the directory given until the storage fails, then waits until it is well and writes again.
 * Prints `written COUNT`, `failed REASON`, `read COUNT`, `well`, `written COUNT`, `closed REVISION`, a line each.
 *
 * @module
 */
import { openStore, type Store, StoreError } from "../../lib/store/mod.ts";
import { collect, item } from "./fixture.ts";

const text = "x".repeat(200);

async function writeUntilFailure(store: Store, most: number): Promise<string | null> {
  for (let i = 0; i < most; i++) {
    try {
      await store.items.add(item(`item ${store.status().revision}`, { location: text }));
    } catch (error) {
      if (error instanceof StoreError) return error.reason;
      throw error;
    }
  }
  return null;
}

const store = await openStore({ directory: Deno.args[0]!, probeIntervalMs: 20 });
const { promise: well, resolve } = Promise.withResolvers<void>();
const reason = await writeUntilFailure(store, 100_000);
console.log(`written ${store.status().revision}`);
console.log(`failed ${reason}`);
console.log(`read ${(await collect(await store.items.scan({}))).length}`);
store.onHealth((failure) => failure === null && resolve());
// The store's own timers let a process end that has nothing else to do.
const alive = setInterval(() => {}, 1000);
await well;
clearInterval(alive);
console.log("well");
if (await writeUntilFailure(store, 100) !== null) throw new Error("it failed again");
console.log(`written ${store.status().revision}`);
await store.close();
console.log(`closed ${store.status().revision}`);
