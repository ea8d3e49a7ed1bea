import { fileURLToPath } from "node:url";
import type { RunningLane } from "./bench.ts";
import type { Job, Report } from "./client/job.ts";
import { output } from "./process.ts";

const LOAD_CLIENT = fileURLToPath(new URL("./load_client.ts", import.meta.url));

type Of<J> = J extends unknown ? Omit<J, "address" | "serverPid"> : never;
/** What a load client is to do, but not where. */
export type Task = Of<Job>;

/** The command line of a job, as a person would type it. */
export function ownCommand(task: Task): string {
  const argument = JSON.stringify({ address: "ADDRESS", serverPid: 0, ...task }).replace(
    '"serverPid":0',
    '"serverPid":PID',
  );
  return `deno run -A bench/load_client.ts '${argument}'`;
}

/** Has a load client of its own process do something. @throws With what it said when it fails. */
export async function ownClient({ address, pid }: RunningLane, task: Task): Promise<Report> {
  const argument = JSON.stringify({ ...task, address, serverPid: pid });
  return JSON.parse(await output(Deno.execPath(), ["run", "-A", LOAD_CLIENT, argument])) as Report;
}
