/**
 * Watchers by bare frames: so many that decoding what they get would cost more than serving them.
 *
 * @module
 */
import type { Schema } from "../../lib/schema/mod.ts";
import { residentMb, sleep } from "../process.ts";
import { FrameConnection } from "./frames.ts";
import type { HoldJob, Job, Report, WatchJob } from "./job.ts";
import { framed, methodOf } from "./messages.ts";
import { Stopwatch } from "./stopwatch.ts";

type Target = Pick<Job, "address" | "serverPid">;
const SERVICE = "taskmanager.TaskManager";
/** Below what servers allow by default. */
const WATCHERS_A_CONNECTION = 100;
const WARM_UP_SECONDS = 0.5;
/** Servers that fall behind get so long to catch up. */
const CATCH_UP_MS = 5000;
const SETTLE_MS = 1000;

/**
 * Many watch all tasks while one task changes at a steady rate. Events come in the order of the changes, each once: so the
 * place of an event says which change it tells of, and it need not be decoded.
 */
export async function watch(job: Target & WatchJob, schema: Schema): Promise<Report> {
  const control = await FrameConnection.connect(job.address);
  const call = (name: string, request: object) => unaryCall(control, schema, name, request);
  const { task } = await call("CreateTask", { title: "watched" }) as { task: { id: string } };
  const sentAt: number[] = [];
  let stopwatch: Stopwatch | undefined = undefined;
  let events = 0;
  let expected = Infinity;
  let caughtUp = () => {};
  const connections = await openWatchers(job.address, schema, job.watchers, () => {
    const counter = new MessageCounter();
    let seen = 0;
    return (piece) => {
      const now = performance.now();
      for (let count = counter.push(piece); count > 0; count--) {
        stopwatch?.add(now - sentAt[seen]!);
        seen++;
        if (++events === expected) caughtUp();
      }
    };
  });
  const change = async (seconds: number) => {
    const startedAt = performance.now();
    const count = Math.round(job.eventsPerSecond * seconds);
    expected = events + count * job.watchers;
    const delivered = new Promise<void>((resolve) => caughtUp = resolve);
    for (let sent = 0; sent < count; sent++) {
      const due = startedAt + sent * 1000 / job.eventsPerSecond;
      if (performance.now() < due) await sleep(due - performance.now());
      sentAt.push(performance.now());
      call("UpdateTask", { id: task.id, title: `change ${sentAt.length}` }).catch(() => {});
    }
    await Promise.race([delivered, sleep(CATCH_UP_MS)]);
    return count * job.watchers;
  };
  const warmUp = await change(WARM_UP_SECONDS);
  if (events < warmUp) throw new Error(`${events} of ${warmUp} events came of a warm-up`);
  stopwatch = new Stopwatch(job.serverPid);
  const report = { expected: await change(job.seconds) };
  const result = stopwatch.report(report);
  for (const connection of [...connections, control]) connection.close();
  return result;
}

/** What each of many idle connections, or watchers that get nothing, takes of the server. */
export async function hold(job: Target & HoldJob, schema: Schema): Promise<Report> {
  const stopwatch = new Stopwatch(job.serverPid);
  const open = async (count: number) => {
    if (job.what === "watchers") return await openWatchers(job.address, schema, count, () => () => {});
    const connections: FrameConnection[] = [];
    for (let index = 0; index < count; index++) {
      const connection = await FrameConnection.connect(job.address);
      connections.push(connection);
      await answered(connection, schema);
    }
    return connections;
  };
  const first = await open(job.first);
  await sleep(SETTLE_MS);
  const before = residentMb(job.serverPid);
  const then = await open(job.then);
  await sleep(SETTLE_MS);
  const kbEach = (residentMb(job.serverPid) - before) * 1000 / job.then;
  const report = stopwatch.report({ calls: job.then, kbEach });
  for (const connection of [...first, ...then]) connection.close();
  return report;
}

/** Opens watches, some on each connection; they stand when it resolves. */
async function openWatchers(
  address: string,
  schema: Schema,
  count: number,
  receiver: () => (piece: Uint8Array) => void,
): Promise<FrameConnection[]> {
  const method = methodOf(schema, SERVICE, "WatchTasks");
  const body = framed(method.input.encode({}));
  const connections: FrameConnection[] = [];
  for (let opened = 0; opened < count; opened += WATCHERS_A_CONNECTION) {
    const connection = await FrameConnection.connect(address);
    connections.push(connection);
    const headers = connection.headerBlock(method.path);
    const standing = Array.from({ length: Math.min(WATCHERS_A_CONNECTION, count - opened) }, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      connection.unary(headers, body, () => {}, { opened: resolve, data: receiver() });
      return promise;
    });
    await Promise.race([Promise.all(standing), connection.failed]);
  }
  return connections;
}

/** One call whatever its answer, so that a connection is set up on both sides. */
async function answered(connection: FrameConnection, schema: Schema): Promise<void> {
  const method = methodOf(schema, "inventory.Inventory", "GetItem");
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = framed(method.input.encode({ name: "nothing" }));
  connection.unary(connection.headerBlock(method.path), body, () => resolve());
  await Promise.race([promise, connection.failed]);
}

async function unaryCall(
  connection: FrameConnection,
  schema: Schema,
  name: string,
  request: object,
): Promise<object> {
  const method = methodOf(schema, SERVICE, name);
  const { promise, resolve, reject } = Promise.withResolvers<object>();
  connection.unary(
    connection.headerBlock(method.path),
    framed(method.input.encode(request)),
    ({ whole, first }) =>
      whole ? resolve(method.output.decode(first!.subarray(5))) : reject(new Error(`${name} was not answered`)),
  );
  return await Promise.race([promise, connection.failed]);
}

/** Counts length-prefixed messages in pieces that may be cut anywhere. */
class MessageCounter {
  #prefix = 0;
  #length = 0;
  #left = 0;

  /** How many messages are whole with this piece. */
  push(piece: Uint8Array): number {
    let count = 0;
    for (let offset = 0; offset < piece.length;) {
      if (this.#prefix < 5) {
        this.#length = this.#length * 256 + (this.#prefix === 0 ? 0 : piece[offset]!);
        offset++;
        if (++this.#prefix < 5) continue;
        this.#left = this.#length;
      } else {
        const taken = Math.min(this.#left, piece.length - offset);
        this.#left -= taken;
        offset += taken;
      }
      if (this.#left > 0) continue;
      count++;
      this.#prefix = this.#length = 0;
    }
    return count;
  }
}
