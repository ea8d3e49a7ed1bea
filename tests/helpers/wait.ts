/** Waits until a condition holds, looking again after each turn of the event loop; fails when the bound passes. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { withinMs = 10_000, everyMs = 5 } = {},
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** The value of a function once it has stayed the same for a while. */
export async function settled(read: () => number, { forMs = 300, withinMs = 10_000 } = {}): Promise<number> {
  const end = performance.now() + withinMs;
  let value = read();
  let since = performance.now();
  while (performance.now() - since < forMs) {
    if (performance.now() > end) throw new Error(`still changing after ${withinMs} ms: ${value}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const next = read();
    if (next !== value) [value, since] = [next, performance.now()];
  }
  return value;
}
