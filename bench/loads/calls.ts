/**
 * Single calls: a read, a durable write.
 *
 * @module
 */
import type { Context, Load } from "../bench.ts";
import { connect, unaryCall } from "../client/grpc_js.ts";
import type { Stack, UnaryJob } from "../client/job.ts";
import { methodOf, seededName } from "../client/messages.ts";
import { h2load, h2loadCommand, type H2loadResult } from "../h2load.ts";
import { callFigures } from "../measurements.ts";
import { ownClient, ownCommand, type Task } from "../own_client.ts";

const INVENTORY = "inventory.Inventory";
const WARM_UP_SECONDS = 0.5;
const ITEM = seededName(500);

/** Many of the same read. */
export function getItemByH2load(callers: number): Load {
  return {
    name: `GetItem, ${callersOf(callers)}`,
    generator: "h2load",
    command: (seconds) => h2loadCommand(`/${INVENTORY}/GetItem`, callers, { seconds }),
    async run(context) {
      const { address, pid } = await context.server("seeded");
      const method = methodOf(context.schema, INVENTORY, "GetItem");
      const answer = await ask(context, address, "GetItem", { name: ITEM });
      const result = await timed(context, address, pid, "GetItem", { name: ITEM }, callers);
      // h2load reads no trailers: an answer without the right number of bytes was an error.
      const size = 5 + method.output.encode(answer).length;
      const whole = result.bytes / size;
      if (whole < result.calls || whole > result.calls + callers) {
        throw new Error(`${result.calls} answers, but ${result.bytes} bytes where an item takes ${size}`);
      }
      return callFigures(result);
    },
  };
}

/** A durable write with a body that need not vary: one piece more. */
export function adjustStockByH2load(callers: number): Load {
  return {
    oursOnly: true,
    name: `AdjustStock (+1), ${callersOf(callers)}`,
    generator: "h2load",
    command: (seconds) => h2loadCommand(`/${INVENTORY}/AdjustStock`, callers, { seconds }),
    async run(context) {
      const { address, pid } = await context.server("seeded");
      const quantity = async () => (await ask(context, address, "GetItem", { name: ITEM })).quantity as number;
      const before = await quantity();
      let asked = 0;
      const result = await timed(context, address, pid, "AdjustStock", { name: ITEM, delta: 1 }, callers, (calls) => {
        asked += calls;
      });
      const adjusted = await quantity() - before;
      if (adjusted < asked) throw new Error(`${asked} answers, but the quantity went up by ${adjusted}`);
      return callFigures(result);
    },
  };
}

/** Calls that differ: random names to read, new names to add. */
export function callsByOwnClient(method: UnaryJob["method"], stack: Stack, callers: number): Load {
  let runs = 0;
  const task = (seconds: number, prefix: string): Task => ({
    ...{ kind: "unary", stack, method, callers, warmUpSeconds: WARM_UP_SECONDS, seconds, prefix },
  });
  return {
    ...(stack === "grpc-js" && { oursOnly: true }),
    name: `${method}, ${callersOf(callers)}`,
    generator: stack === "frames" ? "frame client" : "grpc-js client",
    command: (seconds) => ownCommand(task(seconds, "added")),
    async run(context) {
      const server = await context.server(method === "GetItem" ? "seeded" : "empty");
      const prefix = `added-${stack}-${callers}-${++runs}-${server.pid}`;
      const report = await ownClient(server, task(context.seconds, prefix));
      if (method === "AddItem") {
        const last = await ask(context, server.address, "GetItem", { name: `${prefix}-${report.calls}` });
        if (last.quantity !== 5) throw new Error("an item that was added is not as it was sent");
      }
      return callFigures(report);
    },
  };
}

async function timed(
  { seconds, schema, scratch }: Context,
  address: string,
  serverPid: number,
  name: string,
  request: object,
  callers: number,
  done: (calls: number) => void = () => {},
): Promise<H2loadResult> {
  const run = { address, serverPid, method: methodOf(schema, INVENTORY, name), request, callers, scratch };
  done((await h2load({ ...run, extent: { seconds: WARM_UP_SECONDS } })).calls);
  const result = await h2load({ ...run, extent: { seconds } });
  done(result.calls);
  return result;
}

/** One call whose status is looked at. @throws When it is not OK. */
async function ask({ schema }: Context, address: string, name: string, request: object) {
  const [client] = connect(address, 1);
  try {
    return await unaryCall(client!, methodOf(schema, INVENTORY, name), request) as Record<string, unknown>;
  } finally {
    client!.close();
  }
}

function callersOf(callers: number): string {
  return callers === 1 ? "1 caller" : `${callers} callers`;
}
