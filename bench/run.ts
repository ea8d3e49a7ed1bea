import { join } from "node:path";
import type { Lane, Load, Sample } from "./bench.ts";
import type { Schema } from "../lib/schema/mod.ts";
import { Disturbance } from "./disturbance.ts";
import { Servers } from "./servers.ts";

export interface RunOptions {
  readonly lanes: readonly Lane[];
  readonly loads: readonly Load[];
  readonly rounds: number;
  readonly seconds: number;
  /** How often a run that others disturb is repeated. */
  readonly patience: number;
  readonly schema: Schema;
  /** Told of every run, for whoever waits. */
  readonly progress: (line: string) => void;
}

/** The figures of one load on one lane, a sample a round. */
export interface Result {
  readonly load: Load;
  readonly lane: string;
  readonly samples: Sample[];
  /** What others used of the machine in each of them, in percent of one core. */
  readonly othersPercent: number[];
  readonly failures: string[];
}

/** Others that use less than this, in percent of one core, do not make a run worth repeating. */
const QUIET_PERCENT = 15;

/** Whether a load can be made on a lane. */
function takes(lane: Lane, load: Load): boolean {
  return !(lane.peer && load.oursOnly);
}

/** Runs every load on every lane, lane after lane, so that what disturbs the machine disturbs all alike. */
export async function runAll(options: RunOptions): Promise<Result[]> {
  const { lanes, loads, rounds, patience, progress } = options;
  const directory = await Deno.makeTempDir({ prefix: "steward-bench-" });
  const servers = new Servers(directory);
  const results = loads.flatMap((load) =>
    lanes.filter((lane) => takes(lane, load)).map((lane): Result => ({
      load,
      lane: lane.name,
      samples: [],
      othersPercent: [],
      failures: [],
    }))
  );
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const load of loads) {
        // Every other round goes the other way: the second lane finds the machine as the first one left it.
        const able = lanes.filter((lane) => takes(lane, load));
        for (const lane of round % 2 === 1 ? able : able.toReversed()) {
          const result = results.find((each) => each.load === load && each.lane === lane.name)!;
          progress(`round ${round}/${rounds}  ${lane.name}  ${load.name}  (${load.generator})`);
          try {
            const run = () => runOnce(load, lane, servers, join(directory, "scratch"), options);
            const { sample, othersPercent } = await quietest(run, patience, progress);
            result.samples.push(sample);
            result.othersPercent.push(othersPercent);
          } catch (error) {
            const failure = error instanceof Error ? error.message : String(error);
            result.failures.push(failure);
            progress(`failed: ${failure}`);
            await servers.replaceShared(lane);
          }
        }
      }
    }
    return results;
  } finally {
    await servers.stopAll();
    await Deno.remove(directory, { recursive: true });
  }
}

interface Run {
  readonly sample: Sample;
  readonly othersPercent: number;
}

/** Repeats a run that others disturb, within patience, and gives the one that was disturbed least. */
async function quietest(run: () => Promise<Run>, patience: number, progress: RunOptions["progress"]): Promise<Run> {
  let best = await run();
  for (let again = 0; again < patience && best.othersPercent > QUIET_PERCENT; again++) {
    progress(`  again: others used ${Math.round(best.othersPercent)} % of a core`);
    const next = await run();
    if (next.othersPercent < best.othersPercent) best = next;
  }
  return best;
}

async function runOnce(
  load: Load,
  lane: Lane,
  servers: Servers,
  scratch: string,
  { schema, seconds }: RunOptions,
): Promise<Run> {
  await Deno.mkdir(scratch, { recursive: true });
  try {
    const disturbance = await Disturbance.begin(servers);
    const sample = await load.run({
      ...{ schema, seconds, scratch },
      server: (content) => servers.shared(lane, content),
      fresh: (content) => servers.fresh(lane, content),
    });
    await servers.stopFresh();
    return { sample, othersPercent: await disturbance.percent() };
  } finally {
    await servers.stopFresh();
    await Deno.remove(scratch, { recursive: true });
  }
}
