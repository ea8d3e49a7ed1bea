/**
 * Every setting of the server, once: its flag and environment variable follow from its name, its unit and check from
 * its kind.
 *
 * @module
 */
import {
  addressOf,
  bytesOf,
  choiceOf,
  countOf,
  durationOf,
  fileOf,
  type Kind,
  originsOf,
  pathOf,
  switchOf,
} from "./kinds.ts";

interface Setting<T> {
  readonly kind: Kind<T>;
  /** As it would be typed. */
  readonly default: string;
  /** One line for the help. */
  readonly doc: string;
}

function setting<T>(kind: Kind<T>, byDefault: string, doc: string): Setting<T> {
  return { kind, default: byDefault, doc };
}

export const SETTINGS = {
  listen: setting(addressOf, "127.0.0.1:50051", "where to listen; port 0 picks a free one"),
  data: setting(pathOf, "./data", "the folder of the database, made if it is missing"),
  transport: setting(choiceOf("native", "grpc-js"), "native", "the lane that serves gRPC"),
  tlsCert: setting(fileOf, "", "serve TLS with this certificate chain, PEM; with --tls-key"),
  tlsKey: setting(fileOf, "", "the private key of --tls-cert, PEM"),
  insecure: setting(switchOf, "false", "allow listening beyond this machine without TLS"),
  corsOrigins: setting(originsOf, "", "web pages that may call, such as https://example.org, or * for all"),
  log: setting(choiceOf("pretty", "json"), "pretty", "how log lines look"),
  logLevel: setting(choiceOf("debug", "info", "warn", "error"), "info", "the least level that is logged"),
  grace: setting(durationOf(0, 3_600_000), "10s", "how long calls may go on after a signal to stop"),
  maxMessageBytes: setting(bytesOf(1024, 1 << 30), "4MiB", "the largest message, in and out"),
  compressFromBytes: setting(
    bytesOf(0, 1 << 30),
    "1KiB",
    "the least message that is sent compressed to who takes gzip",
  ),
  maxConcurrentCalls: setting(countOf(1, 1_000_000), "20000", "calls at once, open streams among them"),
  maxQueuedWrites: setting(countOf(1, 1_000_000), "10000", "writes that may wait for the disk"),
  maxWatchers: setting(countOf(1, 1_000_000), "10000", "watches at once"),
  maxSnapshots: setting(countOf(1, 1000), "64", "long lists read at once"),
  snapshotIdle: setting(durationOf(1000, 86_400_000), "60s", "how long a list may stand still before it is given up"),
  commitOperations: setting(countOf(1, 100_000), "256", "writes that share one transaction"),
  commitBytes: setting(bytesOf(1024, 1 << 28), "1MiB", "bytes that share one transaction"),
  compactAge: setting(durationOf(1000, 3650 * 86_400_000), "7d", "how long changes are kept for watches to resume"),
  compactRevisions: setting(countOf(1, 1_000_000_000), "1000000", "how many changes are kept for watches to resume"),
} as const;

export type SettingName = keyof typeof SETTINGS;
/** Every setting with its value, in the unit of its kind: milliseconds, bytes. */
export type Config = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends Setting<infer T> ? T : never;
};

/** `maxMessageBytes` is given as `--max-message-bytes`. */
export function flagOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxMessageBytes` is given as `STEWARD_MAX_MESSAGE_BYTES`. */
export function variableOf(name: SettingName): string {
  return `STEWARD_${flagOf(name).replaceAll("-", "_").toUpperCase()}`;
}

/** The variables that settings are read from, and no others: an executable may not look at more. */
export function environmentOf(get: (variable: string) => string | undefined): Record<string, string | undefined> {
  return Object.fromEntries(
    (Object.keys(SETTINGS) as SettingName[]).map(variableOf).map((variable) => [variable, get(variable)]),
  );
}
