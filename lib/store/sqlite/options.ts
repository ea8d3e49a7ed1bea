/**
 * The store's settings, normalised once.
 *
 * @module
 */

/** Every limit of the store, with its unit in its name. */
export interface StoreLimits {
  /** Writes that may wait; one more is WRITE_QUEUE_FULL. */
  readonly maxQueuedOperations: number;
  /** Operations that one commit takes at most. */
  readonly commitMaxOperations: number;
  /** Bytes of requests that one commit takes at most; a single larger operation is committed alone. */
  readonly commitMaxBytes: number;
  /** Lists read at a time that are longer than a page. */
  readonly maxSnapshots: number;
  /** How long a list may stand still before its snapshot is taken away. */
  readonly snapshotIdleMs: number;
  /** Size of the write-ahead log from which on the lists that keep it from being reset lose their snapshots. */
  readonly maxWalBytes: number;
  readonly maxWatchers: number;
  /** Changes older than this leave the log. */
  readonly compactAgeMs: number;
  /** Revisions that the log keeps at most. */
  readonly compactRevisions: number;
  /** How long a request id is remembered. */
  readonly requestIdTtlMs: number;
  /** Between two rounds of compaction. */
  readonly maintenanceIntervalMs: number;
  /** Between two attempts to write while writing fails. */
  readonly probeIntervalMs: number;
  /** Recent changes kept in memory for watchers, in bytes of their JSON. */
  readonly recentChangesBytes: number;
}

export interface StoreOptions extends Partial<StoreLimits> {
  /** Where the files are; made when missing. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Takes what an operator should know, with the error if there is one. */
  readonly log?: (message: string, error?: unknown) => void;
  /** Called after each commit that succeeded, with how many operations it took and how long. */
  readonly onCommit?: (operations: number, ms: number) => void;
}

export type NormalOptions = StoreLimits & Required<Pick<StoreOptions, "directory" | "now" | "log" | "onCommit">>;

export const DEFAULTS: StoreLimits = {
  maxQueuedOperations: 10_000,
  commitMaxOperations: 256,
  commitMaxBytes: 1024 * 1024,
  maxSnapshots: 64,
  snapshotIdleMs: 60_000,
  maxWalBytes: 1024 * 1024 * 1024,
  maxWatchers: 10_000,
  compactAgeMs: 7 * 24 * 3600 * 1000,
  compactRevisions: 1_000_000,
  requestIdTtlMs: 24 * 3600 * 1000,
  maintenanceIntervalMs: 10_000,
  probeIntervalMs: 1000,
  recentChangesBytes: 8 * 1024 * 1024,
};

/** Fills in the defaults. Throws RangeError that names the limit and the value which is not a whole number above zero. */
export function normaliseOptions(options: StoreOptions): NormalOptions {
  const limits: Record<string, number> = {};
  for (const name of Object.keys(DEFAULTS) as (keyof StoreLimits)[]) {
    const value = options[name] ?? DEFAULTS[name];
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a whole number above 0, not ${value}`);
    }
    limits[name] = value;
  }
  return {
    ...limits as unknown as StoreLimits,
    directory: options.directory,
    now: options.now ?? Date.now,
    log: options.log ?? (() => {}),
    onCommit: options.onCommit ?? (() => {}),
  };
}
