/**
 * The server's entry: flags, then a server, then signals.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  commandOf,
  type Config,
  ConfigError,
  environmentOf,
  type Given,
  helpText,
  readConfig,
  VERSION,
  versionText,
} from "./lib/config/mod.ts";
import { createLogger, type Logger } from "./lib/log/logger.ts";
import { checkServer } from "./lib/server/check.ts";
import { backup, restore } from "./lib/server/copies.ts";
import { surviveFaults } from "./lib/server/faults.ts";
import { type Server, startServer } from "./lib/server/server.ts";

const PROTO = fileURLToPath(new URL("./proto", import.meta.url));
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<void> {
  const request = readConfig(args, environmentOf((variable) => Deno.env.get(variable)));
  if (request.command === "help") return console.log(helpText("steward-server", request.topic));
  if (request.command === "version") return console.log(versionText("steward-server"));
  if (request.command === "backup") return console.log(await backup(request));
  if (request.command === "restore") return console.log(await restore(request));
  const { config } = request;
  refuseOpenDoor(config);
  if (request.command === "check") return await check(config, request.given);
  const logger = createLogger({
    format: config.log,
    level: config.logLevel,
    color: Deno.stderr.isTerminal() && Deno.env.get("NO_COLOR") === undefined,
    write: (text) => writeAll(text),
    now: Date.now,
  });
  surviveFaults(logger);
  if (!isLoopback(config.listen.hostname)) {
    logger.log("warn", "whoever reaches this machine can read and change everything: there is no login");
  }
  const server = await startServer(config, logger, PROTO);
  // Who reads that it is ready may send a signal at once.
  stopOnSignals(server, logger);
  announce(server, config);
}

async function check(config: Config, given: readonly Given[]): Promise<void> {
  const { report, problems } = await checkServer(config, given);
  console.log(report);
  for (const problem of problems) console.error(`steward-server: ${problem}`);
  if (problems.length > 0) Deno.exit(EXIT_FAILURE);
}

function refuseOpenDoor({ listen: { hostname }, insecure }: Config): void {
  if (insecure || isLoopback(hostname)) return;
  throw new ConfigError(
    `--listen: '${hostname}' can be reached from other machines, and everybody there could read and change everything; ` +
      "give --insecure to allow it",
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function announce({ hostname, port, lane, store }: Server, { data, listen, tlsCert }: Config): void {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const scheme = tlsCert === "" ? "http" : "https";
  const reachable = /^(0\.0\.0\.0|\[::\])$/.test(host) ? "127.0.0.1" : host;
  const server = (listen.port === 50051 ? "" : `--server ${reachable}:${port} `) +
    (tlsCert === "" ? "" : `--ca ${tlsCert} `);
  console.log([
    `Steward ${VERSION} listening on ${scheme}://${host}:${port}`,
    `  lane      ${lane}`,
    `  database  ${join(resolve(data), "steward.db")} at revision ${store.status().revision}`,
    `  try       ${commandOf("client")} ${server}inventory add Widget --quantity 100 --price 9.99`,
  ].join("\n"));
}

/** The first signal lets calls finish; a second one does not wait. */
function stopOnSignals(server: Server, logger: Logger): void {
  let stopping = false;
  const stop = async (signal: Deno.Signal) => {
    if (stopping) Deno.exit(EXIT_FAILURE);
    stopping = true;
    logger.log("info", `${signal}: stopping`);
    const stopped = await server.stop().then(() => true, (error) => {
      logger.log("error", `stopping failed: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    });
    if (stopped) logger.log("info", "stopped");
    logger.flush();
    Deno.exit(stopped ? 0 : EXIT_FAILURE);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => void stop(signal));
}

/** A log that nobody can take any more, because its reader is gone or its disk is full, ends no server. */
function writeAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stderr.writeSync(bytes.subarray(written));
  } catch {
    // There is nowhere to say so.
  }
}

try {
  await main(Deno.args);
} catch (error) {
  console.error(`steward-server: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof ConfigError) console.error("Try --help.");
  else if (error instanceof TypeError || error instanceof ReferenceError) console.error(error.stack);
  Deno.exit(error instanceof ConfigError ? EXIT_USAGE : EXIT_FAILURE);
}
