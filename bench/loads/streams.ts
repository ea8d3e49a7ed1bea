/**
 * Streams: a long list, an import, a watch by many.
 *
 * @module
 */
import { type Load, type Sample, SEEDED_ITEMS } from "../bench.ts";
import { methodOf } from "../client/messages.ts";
import { h2load, h2loadCommand } from "../h2load.ts";
import { busy, type Timed } from "../measurements.ts";
import { ownClient, ownCommand, type Task } from "../own_client.ts";

const LIST = "/inventory.Inventory/ListItems";
const NAME = `ListItems of ${SEEDED_ITEMS.toLocaleString("en")}`;
/** A name, a quantity and a price with their tags, and the prefix. */
const LEAST_BYTES_OF_ITEM = 25;

export const listByH2load: Load = {
  name: NAME,
  generator: "h2load",
  command: (seconds) => h2loadCommand(LIST, 1, { requests: timesIn(seconds) }),
  async run({ server, schema, seconds, scratch }) {
    const { address, pid } = await server("seeded");
    const method = methodOf(schema, "inventory.Inventory", "ListItems");
    const extent = { requests: timesIn(seconds) };
    const result = await h2load({ address, serverPid: pid, method, request: {}, callers: 1, extent, scratch });
    const items = result.calls * SEEDED_ITEMS;
    if (result.bytes < items * LEAST_BYTES_OF_ITEM) throw new Error(`only ${result.bytes} bytes for ${items} items`);
    return listFigures({ ...result, calls: items });
  },
};

const listTask = (seconds: number): Task => ({ kind: "list", times: timesIn(seconds) });

export const listByOwnClient: Load = {
  oursOnly: true,
  name: NAME,
  generator: "grpc-js client",
  command: (seconds) => ownCommand(listTask(seconds)),
  async run({ server, seconds }) {
    const report = await ownClient(await server("seeded"), listTask(seconds));
    if (report.calls !== timesIn(seconds) * SEEDED_ITEMS) throw new Error(`the lists had ${report.calls} items`);
    return listFigures({ ...report, bytes: report.bytes ?? NaN });
  },
};

const IMPORT_TASK: Task = { kind: "seed", rows: SEEDED_ITEMS, frozen: false };

export const importByFrames: Load = {
  oursOnly: true,
  name: `ImportItems of ${SEEDED_ITEMS.toLocaleString("en")}`,
  generator: "frame client",
  command: () => ownCommand(IMPORT_TASK),
  async run({ fresh }) {
    const report = await ownClient(await fresh("empty"), IMPORT_TASK);
    return [{ name: "rows", unit: "/s", value: report.calls / report.seconds }, busy(report)];
  },
};

const WATCHERS = 1000;
const EVENTS_PER_SECOND = 100;
const watchTask = (seconds: number): Task => ({
  ...{ kind: "watch", watchers: WATCHERS, eventsPerSecond: EVENTS_PER_SECOND, seconds },
});

export const watchByMany: Load = {
  name: `WatchTasks, ${WATCHERS.toLocaleString("en")} watchers, ${EVENTS_PER_SECOND} changes/s`,
  generator: "frame client",
  command: (seconds) => ownCommand(watchTask(seconds)),
  async run({ server, seconds }) {
    const report = await ownClient(await server("empty"), watchTask(seconds));
    return [
      { name: "events", unit: "/s", value: report.calls / report.seconds },
      { name: "delivered", unit: "%", value: 100 * report.calls / (report.expected ?? NaN) },
      { name: "p50 from change to event", unit: "ms", value: report.p50Ms ?? NaN },
      { name: "p99 from change to event", unit: "ms", value: report.p99Ms ?? NaN },
      { name: "server CPU per event", unit: "µs", value: report.serverCpuSeconds * 1e6 / report.calls },
      busy(report),
    ];
  },
};

function timesIn(seconds: number): number {
  return Math.max(1, Math.round(seconds * 2));
}

function listFigures(result: Timed & { readonly bytes: number }): Sample {
  const { calls: items, seconds, serverCpuSeconds, bytes } = result;
  return [
    { name: "items", unit: "/s", value: items / seconds },
    { name: "messages", unit: "MB/s", value: bytes / seconds / 1e6 },
    { name: "server CPU per item", unit: "µs", value: serverCpuSeconds * 1e6 / items },
    busy(result),
  ];
}
