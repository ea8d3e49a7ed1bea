/**
 * The command that looks at settings and data without serving.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { type Config, flagOf, type Given, SETTINGS } from "../config/mod.ts";
import { DATABASE_FILE, inspectStore, StoreOpenError, type Surroundings } from "../store/mod.ts";
import { bytesText, holdingText } from "./figures.ts";
import { readTls } from "./tls.ts";

/** What was found. */
export interface Findings {
  /** For people, in lines. */
  readonly report: string;
  /** What would not go well, a sentence each; none when all would. */
  readonly problems: readonly string[];
}

/**
 * Tests a configuration and the data that it names. Changes nothing.
 *
 * @param given The settings that are not at their defaults.
 * @throws ConfigError when the certificate or the key cannot be used.
 */
export async function checkServer(config: Config, given: readonly Given[]): Promise<Findings> {
  const { tls } = readTls(config);
  const lines = [
    ...settingLines(given),
    `TLS        ${tls === undefined ? "off" : "on, the certificate and its key were read"}`,
    `folder     ${resolve(config.data)}`,
  ];
  const problems: string[] = [];
  try {
    const found = await inspectStore(config.data);
    lines.push(...dataLines(found));
    problems.push(...found.database?.problems.map((problem) => `${found.path}: ${problem}`) ?? []);
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    problems.push(error.message);
  }
  const folder = folderProblem(config.data, [DATABASE_FILE, "steward.lock"].map((name) => join(config.data, name)));
  if (folder !== null) problems.push(folder);
  return { report: lines.join("\n"), problems };
}

function settingLines(given: readonly Given[]): string[] {
  if (given.length === 0) return ["settings   all at their defaults"];
  const rows = given.map(({ name, source, text }) => {
    const { default: byDefault } = SETTINGS[name];
    return [`--${flagOf(name)} ${text}`, source, byDefault === "" ? "" : `default ${byDefault}`];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    `settings   ${given.length} not at their defaults`,
    ...rows.map(([setting, source, byDefault]) =>
      `  ${setting!.padEnd(widths[0]!)}  from ${source!.padEnd(widths[1]!)}  ${byDefault}`.trimEnd()
    ),
  ];
}

function dataLines({ path, server, database, currentVersion }: Surroundings): string[] {
  const running = server === null ? "none has the folder" : `process ${server || "unknown"} has the folder`;
  if (database === null) return [`server     ${running}`, "database   none yet; the server makes it when it starts"];
  const { version, revision, oldestRevision, bytes, problems } = database;
  const coming = version < currentVersion ? `, which the server will bring to ${currentVersion}` : "";
  return [
    `server     ${running}`,
    `database   ${resolve(path)}, ${bytesText(bytes)}, version ${version}${coming}`,
    `revision   ${revision}; watches can resume from ${oldestRevision}`,
    `holds      ${holdingText(database)}`,
    `integrity  ${problems.length === 0 ? "ok: pages, ledger and log hold together" : `${problems.length} problems`}`,
  ];
}

/** Why the server could not use the folder, as far as that can be told without making anything in it. */
function folderProblem(data: string, files: readonly string[]): string | null {
  for (const file of files) {
    try {
      Deno.openSync(file, { write: true }).close();
    } catch (error) {
      if (!isMissing(error)) return `${file} cannot be written by this user: ${(error as Error).message}`;
    }
  }
  for (let path = resolve(data);; path = dirname(path)) {
    try {
      return Deno.statSync(path).isDirectory ? null : `${path} is not a directory`;
    } catch (error) {
      if (!isMissing(error) || path === dirname(path)) return `${path} cannot be used: ${(error as Error).message}`;
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
