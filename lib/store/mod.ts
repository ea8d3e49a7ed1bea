/**
 * The durable store: what it keeps, what can go wrong, and how to open one.
 *
 * @module
 */
export * from "./types.ts";
export * from "./errors.ts";
export * from "./store.ts";
export { DATABASE_FILE } from "./sqlite/database.ts";
export { openStore } from "./sqlite/open.ts";
export { DEFAULTS, type StoreLimits, type StoreOptions } from "./sqlite/options.ts";
export { backupDatabase, type Copy, restoreDatabase } from "./sqlite/backup.ts";
export { type Inspection, inspectStore, type Surroundings } from "./sqlite/inspect.ts";
