/**
 * The commands that copy the data: backup and restore, and what they say when they are done.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Request } from "../config/mod.ts";
import { backupDatabase, type Copy, restoreDatabase } from "../store/mod.ts";
import { bytesText, holdingText } from "./figures.ts";

/**
 * Copies the database into a file.
 *
 * @returns What was done, for people.
 * @throws StoreOpenError or CopyError with a sentence for people.
 */
export async function backup({ data, file, force }: Request & { readonly command: "backup" }): Promise<string> {
  const started = performance.now();
  const copy = await backupDatabase({ directory: data, file, overwrite: force });
  return [
    `Backup of ${resolve(data)} at revision ${copy.revision}`,
    ...linesOf(copy, performance.now() - started),
  ].join("\n");
}

/**
 * Puts a backup into an empty data folder.
 *
 * @returns What was done, for people.
 * @throws StoreOpenError or CopyError with a sentence for people.
 */
export async function restore({ data, file }: Request & { readonly command: "restore" }): Promise<string> {
  const started = performance.now();
  const copy = await restoreDatabase({ file, directory: data });
  return [
    `Restored ${resolve(file)} at revision ${copy.revision}`,
    ...linesOf(copy, performance.now() - started),
    "  watches   begin again with a snapshot: the revisions after this one will be others than before",
  ].join("\n");
}

function linesOf(copy: Copy, ms: number): string[] {
  return [
    `  file      ${resolve(copy.file)}, ${bytesText(copy.bytes)}`,
    `  holds     ${holdingText(copy)}`,
    `  verified  pages, ledger and log hold together`,
    `  took      ${(ms / 1000).toFixed(2)} s`,
  ];
}
