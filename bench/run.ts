import { join } from "node:path";
import type { Context, Lane, Load, Measurement } from "./bench.ts";
import type { Schema } from "../lib/schema/mod.ts";
import { Servers } from "./servers.ts";

export interface RunOptions {
  readonly lanes: readonly Lane[];
  readonly loads: readonly Load[];
  readonly rounds: number;
  readonly seconds: number;
  readonly schema: Schema;
  /** Told of every run, for whoever waits. */
  readonly progress: (line: string) => void;
}

/** The figures of one load on one lane, a sample a round. */
export interface Result {
  readonly load: Load;
  readonly lane: string;
  readonly samples: (readonly Measurement[])[];
  readonly failures: string[];
}

/** Runs every load on every lane, lane after lane, so that what disturbs the machine disturbs all alike. */
export async function runAll({ lanes, loads, rounds, seconds, schema, progress }: RunOptions): Promise<Result[]> {
  const directory = await Deno.makeTempDir({ prefix: "steward-bench-" });
  const servers = new Servers(directory);
  const results = loads.flatMap((load) =>
    lanes.map((lane): Result => ({ load, lane: lane.name, samples: [], failures: [] }))
  );
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const load of loads) {
        // Every other round goes the other way: the second lane finds the machine as the first one left it.
        for (const lane of round % 2 === 1 ? lanes : lanes.toReversed()) {
          const result = results.find((each) => each.load === load && each.lane === lane.name)!;
          const scratch = join(directory, "scratch");
          await Deno.mkdir(scratch, { recursive: true });
          const context: Context = {
            ...{ schema, seconds, scratch },
            server: (content) => servers.shared(lane, content),
            fresh: (content) => servers.fresh(lane, content),
          };
          progress(`round ${round}/${rounds}  ${lane.name}  ${load.name}  (${load.generator})`);
          try {
            result.samples.push(await load.run(context));
          } catch (error) {
            const failure = error instanceof Error ? error.message : String(error);
            result.failures.push(failure);
            progress(`failed: ${failure}`);
            await servers.replaceShared(lane);
          } finally {
            await servers.stopFresh();
            await Deno.remove(scratch, { recursive: true });
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
