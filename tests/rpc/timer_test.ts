import { assertEquals } from "@std/assert";
import { startTimer } from "../../lib/rpc/timer.ts";

const LONGEST_MS = 2 ** 31 - 1;

/** Runs `use` with timers that are recorded and fired by hand. */
function withTimers(use: (fire: () => number, pending: () => number) => void): void {
  const { setTimeout, clearTimeout } = globalThis;
  const timers = new Map<number, { readonly delay: number; readonly callback: () => void }>();
  let ids = 0;
  globalThis.setTimeout = ((callback: () => void, delay: number) => {
    timers.set(++ids, { delay, callback });
    return ids;
  }) as unknown as typeof globalThis.setTimeout;
  globalThis.clearTimeout = ((id: number) => void timers.delete(id)) as typeof globalThis.clearTimeout;
  try {
    use(() => {
      const [id, { delay, callback }] = [...timers][0]!;
      timers.delete(id);
      callback();
      return delay;
    }, () => timers.size);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

Deno.test("a timer waits for as long as it was told, however long that is", () => {
  // The last is the longest deadline of gRPC, 99999999 hours.
  for (const delay of [0, 1, 1000, LONGEST_MS, LONGEST_MS + 1, 3 * LONGEST_MS, 2 ** 40, 99_999_999 * 3_600_000]) {
    withTimers((fire, pending) => {
      let calls = 0;
      let waited = 0;
      startTimer(delay, () => calls++);
      while (calls === 0) {
        const step = fire();
        assertEquals(step <= LONGEST_MS, true);
        waited += step;
      }
      assertEquals([waited, calls, pending()], [delay, 1, 0]);
    });
  }
});

Deno.test("a timer that is stopped never fires, in whichever of its steps", () => {
  for (const steps of [0, 1, 2]) {
    withTimers((fire, pending) => {
      const stop = startTimer(2.5 * LONGEST_MS, () => {
        throw new Error("it fired");
      });
      for (let step = 0; step < steps; step++) fire();
      assertEquals(pending(), 1);
      stop();
      assertEquals(pending(), 0);
    });
  }
});

Deno.test("a real timer beyond 2^31 milliseconds does not fire at once, a short one does", async () => {
  const fired: string[] = [];
  const stop = startTimer(2 ** 31 + 5, () => fired.push("long"));
  await new Promise<void>((resolve) =>
    startTimer(20, () => {
      fired.push("short");
      resolve();
    })
  );
  stop();
  assertEquals(fired, ["short"]);
});
