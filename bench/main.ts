/**
 * `deno task bench`: every load on every lane, one table.
 *
 * @module
 */
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { loadSchema } from "../lib/schema/mod.ts";
import type { Lane, Load } from "./bench.ts";
import { DEFAULT_LANES, LANES } from "./lanes.ts";
import { adjustStockByH2load, callsByOwnClient, getItemByH2load } from "./loads/calls.ts";
import { memoryOf, memoryUnderCalls, memoryWithFastSender, memoryWithStalledReader } from "./loads/memory.ts";
import { importByCommand, startUp } from "./loads/start.ts";
import { importByFrames, listByH2load, listByOwnClient, watchByMany } from "./loads/streams.ts";
import { PEERS } from "./peers/peers.ts";
import { output } from "./process.ts";
import { summarize, table } from "./report.ts";
import { type Result, runAll } from "./run.ts";
import { median } from "./statistics.ts";

const LOADS: readonly Load[] = [
  getItemByH2load(64),
  callsByOwnClient("GetItem", "grpc-js", 64),
  ...[1, 64, 256].map((callers) => callsByOwnClient("AddItem", "frames", callers)),
  callsByOwnClient("AddItem", "grpc-js", 64),
  ...[1, 64, 256].map(adjustStockByH2load),
  listByH2load,
  listByOwnClient,
  importByFrames,
  importByCommand,
  watchByMany,
  memoryUnderCalls,
  memoryOf("connections"),
  memoryOf("watchers"),
  memoryWithStalledReader,
  memoryWithFastSender,
  startUp("empty"),
  startUp("seeded"),
];

const ALL_LANES = [...LANES, ...PEERS];
const DEFAULT = [...DEFAULT_LANES, ...PEERS.map(({ name }) => name)];

const HELP = `deno task bench [flags]

  --rounds N       how often each load runs on each lane (default 3)
  --seconds N      how long a timed load takes (default 1)
  --patience N     how often a run is repeated while others use the machine; the quietest counts (default 0)
  --lanes A,B      the lanes; ratios are to the first one; known, and default but for the last of ours:
                   ${ALL_LANES.map(({ name }) => name).join(", ")}
  --ours           only our own lanes
  --only TEXT      only loads whose name or generator has this in it; can be given again
  --json FILE      also write every sample as JSON
  --list           name the loads and end`;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly patience: number;
  readonly lanes: readonly string[];
  readonly only: readonly string[];
  readonly json: string | undefined;
}

function options(args: readonly string[]): Options | "help" | "list" {
  const flags = parseArgs(args, {
    boolean: ["help", "list", "ours"],
    string: ["rounds", "seconds", "patience", "lanes", "json", "only"],
    collect: ["only"],
    default: { rounds: "3", seconds: "1", patience: "0", lanes: DEFAULT.join(",") },
    unknown: (argument) => {
      throw new Error(`unknown argument ${argument}; see --help`);
    },
  });
  if (flags.help) return "help";
  if (flags.list) return "list";
  return {
    rounds: numberOf("rounds", flags.rounds, (value) => Number.isInteger(value) && value > 0),
    seconds: numberOf("seconds", flags.seconds, (value) => Number.isFinite(value) && value > 0),
    patience: numberOf("patience", flags.patience, (value) => Number.isInteger(value) && value >= 0),
    lanes: flags.ours ? DEFAULT_LANES : String(flags.lanes).split(","),
    only: (flags.only as unknown[]).map((text) => String(text).toLowerCase()),
    json: flags.json === undefined ? undefined : String(flags.json),
  };
}

function numberOf(flag: string, value: unknown, fits: (value: number) => boolean): number {
  const number = value === "" ? NaN : Number(value);
  if (!fits(number)) throw new Error(`--${flag}: it cannot be '${value}'`);
  return number;
}

async function main(args: readonly string[]): Promise<void> {
  const asked = options(args);
  if (asked === "help") return console.log(HELP);
  if (asked === "list") return console.log(LOADS.map(({ name, generator }) => `${name}  (${generator})`).join("\n"));
  const { rounds, seconds, patience, only, json } = asked;
  const wanted = asked.lanes.map((name) => {
    const lane = ALL_LANES.find((candidate) => candidate.name === name);
    if (!lane) {
      throw new Error(`--lanes: there is no lane '${name}'; known: ${ALL_LANES.map(({ name }) => name).join(", ")}`);
    }
    return lane;
  });
  const loads = LOADS.filter(({ name, generator }) =>
    only.length === 0 || only.some((text) => `${name} ${generator}`.toLowerCase().includes(text))
  );
  if (loads.length === 0) throw new Error("--only: no load has that in its name; see --list");
  const generators = await checkGenerators(loads);
  const { lanes, left } = await buildPeers(wanted);
  const startedAt = performance.now();
  const results = await runAll({
    ...{ lanes, loads, rounds, seconds, patience },
    schema: loadSchema(fileURLToPath(new URL("../proto", import.meta.url))),
    progress: (line) => console.error(line),
  });
  const rows = summarize(results);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}`;
  console.log([
    `${machine}; Deno ${Deno.version.deno}; ${generators}; ${new Date().toISOString().slice(0, 10)}`,
    `Median (least–most) of ${rounds} rounds, timed loads of ${seconds} s, ` +
    `${Math.round((performance.now() - startedAt) / 1000)} s in all. ` +
    `Others used ${percents(results)} of one core meanwhile.`,
    "",
    table(rows, lanes.map(({ name }) => name)),
    "",
    "Made by:",
    `  deno task bench ${args.join(" ")}`.trimEnd(),
    ...lanes.map(({ name, command }) => `  lane ${name}: ${command}`),
    ...left.map((line) => `  ${line}`),
    ...loads.map((load) => `  ${load.name}: ${load.command(seconds)}`),
  ].join("\n"));
  const failures = results.filter(({ failures }) => failures.length > 0);
  for (const { lane, load, failures: [first = "", ...more] } of failures) {
    console.log(`failed ${more.length + 1} of ${rounds}: ${lane}, ${load.name}: ${first.split("\n")[0]}`);
  }
  if (json !== undefined) {
    const samples = results.map(({ load: { name, generator }, lane, samples, othersPercent, failures }) => ({
      ...{ load: name, generator, lane, samples, othersPercent, failures },
    }));
    await Deno.writeTextFile(json, JSON.stringify({ machine, rounds, seconds, args, rows, samples }, null, 2) + "\n");
  }
  if (failures.length > 0) Deno.exit(1);
}

/** Makes the peers ready. Those that cannot be are left out, each with a line that says why. */
async function buildPeers(wanted: readonly Lane[]): Promise<{ lanes: Lane[]; left: string[] }> {
  const lanes: Lane[] = [];
  const left: string[] = [];
  for (const lane of wanted) {
    try {
      if (lane.peer) console.error(`building ${lane.name}`);
      await lane.peer?.build();
      lanes.push(lane);
    } catch (error) {
      left.push(`lane ${lane.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
      console.error(left.at(-1));
    }
  }
  return { lanes, left };
}

function percents(results: readonly Result[]): string {
  const all = results.flatMap(({ othersPercent }) => othersPercent);
  return all.length === 0 ? "?" : `${Math.round(median(all))} % (at most ${Math.round(Math.max(...all))} %)`;
}

/** @throws When a load cannot be made for want of a program, before anything is started. */
async function checkGenerators(loads: readonly Load[]): Promise<string> {
  if (!loads.some(({ generator }) => generator === "h2load")) return "no h2load";
  try {
    return (await output("h2load", ["--version"])).trim();
  } catch {
    throw new Error("h2load is missing (Debian: apt-get install nghttp2-client); --only grpc-js does without it");
  }
}

try {
  await main(Deno.args);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  Deno.exit(2);
}
