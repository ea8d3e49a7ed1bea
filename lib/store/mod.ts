/**
 * The durable store: what it keeps, what can go wrong, and how to open one.
 *
 * @module
 */
export * from "./types.ts";
export * from "./errors.ts";
export * from "./store.ts";
export { DATABASE_FILE, openStore } from "./sqlite/open.ts";
export { DEFAULTS, type StoreLimits, type StoreOptions } from "./sqlite/options.ts";
