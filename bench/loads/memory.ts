/**
 * Memory of the server while clients behave, and while they do not. Each on a server of its own.
 *
 * @module
 */
import { type Content, type Context, type Load, type Sample, SEEDED_ITEMS } from "../bench.ts";
import { methodOf, seededName } from "../client/messages.ts";
import { h2load, h2loadCommand } from "../h2load.ts";
import { ownClient, ownCommand, type Task } from "../own_client.ts";
import { peakResidentMb, residentMb, sleep } from "../process.ts";

/** After its start a process gives some memory back. */
const SETTLE_MS = 500;
const CALLERS = 64;
/** Long enough for a server without backpressure to take all that a client sends, or read all that it asks for. */
const LEAST_SECONDS = 2;

export const memoryUnderCalls: Load = {
  name: `Memory, GetItem by ${CALLERS}`,
  generator: "h2load",
  command: (seconds) => h2loadCommand("/inventory.Inventory/GetItem", CALLERS, { seconds }),
  async run({ fresh, schema, seconds, scratch }) {
    const { address, pid } = await fresh("seeded");
    await sleep(SETTLE_MS);
    const idle = residentMb(pid);
    const method = methodOf(schema, "inventory.Inventory", "GetItem");
    const request = { name: seededName(500) };
    const extent = { seconds };
    const load = h2load({ address, serverPid: pid, method, request, callers: CALLERS, extent, scratch });
    return figures(idle, await peakResidentMb(pid, load));
  },
};

export const memoryWithStalledReader: Load = {
  oursOnly: true,
  name: `Memory, a reader of ${SEEDED_ITEMS.toLocaleString("en")} items that stops`,
  generator: "frame client",
  command: (seconds) => ownCommand(task("stall", seconds)),
  run: (context) => memoryDuring(context, "seeded", "stall"),
};

export const memoryWithFastSender: Load = {
  oursOnly: true,
  name: "Memory, an import that never waits",
  generator: "frame client",
  command: (seconds) => ownCommand(task("upload", seconds)),
  run: (context) => memoryDuring(context, "empty", "upload"),
};

const HELD_FIRST = 100;
const HELD_THEN = 1000;
const HELD_NAMES = { connections: "an idle connection", watchers: "a watcher of tasks" };

/** What each of a thousand more of something takes of a server that has a hundred already. */
export function memoryOf(what: keyof typeof HELD_NAMES): Load {
  const task: Task = { kind: "hold", what, first: HELD_FIRST, then: HELD_THEN };
  return {
    name: `Memory of ${HELD_NAMES[what]}`,
    generator: "frame client",
    command: () => ownCommand(task),
    async run({ fresh }): Promise<Sample> {
      const { kbEach = NaN } = await ownClient(await fresh("empty"), task);
      return [{ name: "each", unit: "kB", value: kbEach }];
    },
  };
}

type Misbehaviour = "stall" | "upload";

function task(kind: Misbehaviour, seconds: number): Task {
  return { kind, seconds: Math.max(LEAST_SECONDS, seconds) };
}

async function memoryDuring(context: Context, content: Content, kind: Misbehaviour): Promise<Sample> {
  const server = await context.fresh(content);
  await sleep(SETTLE_MS);
  const idle = residentMb(server.pid);
  const load = ownClient(server, task(kind, context.seconds));
  return figures(idle, await peakResidentMb(server.pid, load));
}

function figures(idle: number, peak: number): Sample {
  return [{ name: "idle", unit: "MB", value: idle }, { name: "peak", unit: "MB", value: peak }];
}
