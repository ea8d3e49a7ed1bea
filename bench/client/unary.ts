/**
 * Callers that call again as soon as they are answered, over one of two client stacks.
 *
 * @module
 */
import type { Schema } from "../../lib/schema/mod.ts";
import { SEEDED_ITEMS } from "../bench.ts";
import { FrameConnection } from "./frames.ts";
import { connect, unaryCall } from "./grpc_js.ts";
import type { Job, Report, UnaryJob } from "./job.ts";
import { framed, methodOf, seededName } from "./messages.ts";
import { Stopwatch } from "./stopwatch.ts";

const MAX_CONNECTIONS = 8;

/** One call at a time; rejects when it fails. */
type Caller = (request: object) => Promise<unknown>;

export async function unary(job: UnaryJob & Pick<Job, "address" | "serverPid">, schema: Schema): Promise<Report> {
  const connections = Math.min(MAX_CONNECTIONS, job.callers);
  const { callers, close } = await (job.stack === "frames" ? overFrames : overGrpcJs)(job, schema, connections);
  let added = 0;
  const request = job.method === "AddItem"
    ? () => ({ name: `${job.prefix}-${++added}`, quantity: 5, price: 9.99 })
    : () => ({ name: seededName(Math.floor(Math.random() * SEEDED_ITEMS)) });
  let stopwatch: Stopwatch | undefined = undefined;
  let going = true;
  const run = async (call: Caller) => {
    while (going) {
      const startedAt = performance.now();
      await call(request());
      if (going) stopwatch?.add(performance.now() - startedAt);
    }
  };
  const running = Promise.all(Array.from({ length: job.callers }, (_, index) => run(callers[index % connections]!)));
  await within(job.warmUpSeconds, running);
  stopwatch = new Stopwatch(job.serverPid);
  await within(job.seconds, running);
  const report = stopwatch.report();
  going = false;
  await running;
  close();
  return report;
}

/** Waits so long, or fails as soon as the calls do. */
async function within(seconds: number, running: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([running, new Promise((resolve) => timer = setTimeout(resolve, seconds * 1000))]);
  clearTimeout(timer);
}

function overGrpcJs({ address, method: name }: UnaryJob & { address: string }, schema: Schema, connections: number) {
  const clients = connect(address, connections);
  const method = methodOf(schema, "inventory.Inventory", name);
  return Promise.resolve({
    callers: clients.map((client): Caller => (request) => unaryCall(client, method, request)),
    close: () => clients.forEach((client) => client.close()),
  });
}

async function overFrames({ address, method: name }: UnaryJob & { address: string }, schema: Schema, count: number) {
  const connections = await Promise.all(Array.from({ length: count }, () => FrameConnection.connect(address)));
  const method = methodOf(schema, "inventory.Inventory", name);
  return {
    callers: connections.map((connection): Caller => {
      const headers = connection.headerBlock(method.path);
      return (request) => {
        const body = framed(method.input.encode(request));
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        connection.failed.catch(reject);
        connection.unary(headers, body, ({ whole }) => {
          if (whole) resolve();
          else reject(new Error(`a call of ${name} was not answered with a message`));
        });
        return promise;
      };
    }),
    close: () => connections.forEach((connection) => connection.close()),
  };
}
