/**
 * Lets everything else have its turn between two stretches of work: sockets, timers and immediates.
 *
 * On Deno 2.9.3 no single way does. A loop over `setImmediate` or a MessageChannel never lets the thread rest, and
 * then sockets are looked at only once in 61 turns: with 2 ms of work a turn, a request on the side took 120 ms.
 * `setTimeout(0)` is fair but sleeps for 1 to 2 ms. Something done on another thread, such as a digest, lets this one
 * go to its sockets meanwhile, but when it is done at once immediates wait for many turns. An immediate and a digest
 * together cost 25 us, and nothing waits for longer than about a turn.
 *
 * @module
 */
const NOTHING = new Uint8Array(1);

/** Resolves once the event loop has been around. */
export async function ioTurn(): Promise<void> {
  await Promise.all([
    crypto.subtle.digest("SHA-1", NOTHING),
    new Promise<void>((resolve) => void setImmediate(resolve)),
  ]);
}
