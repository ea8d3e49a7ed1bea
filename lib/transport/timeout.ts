const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * Reads a `grpc-timeout`: up to 8 digits and a unit, such as `5S` or `250m`.
 *
 * @returns Milliseconds; undefined when it is absent; null when it is wrong.
 */
export function parseTimeout(value: string | null): number | undefined | null {
  if (value === null) return undefined;
  const match = /^(\d{1,8})([HMSmun])$/.exec(value);
  return match ? Number(match[1]) * UNIT_MS[match[2]!]! : null;
}

/** Reads a `connect-timeout-ms`: up to 10 digits. As {@linkcode parseTimeout}. */
export function parseTimeoutMs(value: string | null): number | undefined | null {
  if (value === null) return undefined;
  return /^\d{1,10}$/.test(value) ? Number(value) : null;
}
