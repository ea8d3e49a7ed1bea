/** The longest delay that setTimeout takes: 2^31 - 1 ms, not quite 25 days. Anything longer fires at once. */
const LONGEST_MS = 0x7fff_ffff;

/**
 * A timer without an upper bound, which gRPC's deadlines need: they go up to 99999999 hours.
 *
 * @returns How to stop it.
 */
export function startTimer(delayMs: number, callback: () => void): () => void {
  let left = delayMs;
  let timer: ReturnType<typeof setTimeout>;
  const arm = () => {
    const step = Math.min(left, LONGEST_MS);
    left -= step;
    timer = setTimeout(left > 0 ? arm : callback, step);
  };
  arm();
  return () => clearTimeout(timer);
}
