/**
 * Loads made by grpc-js, the stack of our own client.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as grpc from "@grpc/grpc-js";
import type { Method, Schema } from "../../lib/schema/mod.ts";
import type { Job, ListJob, Report } from "./job.ts";
import { methodOf } from "./messages.ts";
import { Stopwatch } from "./stopwatch.ts";

type Target = Pick<Job, "address" | "serverPid">;

/** Connections with a channel each, so that they are not one. */
export function connect(address: string, connections: number): grpc.Client[] {
  return Array.from({ length: connections }, () =>
    new grpc.Client(address, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.max_receive_message_length": -1,
    }));
}

export function unaryCall(client: grpc.Client, method: Method, request: object): Promise<object> {
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(
      method.path,
      (message: object) => Buffer.from(method.input.encode(message)),
      (bytes: Buffer) => method.output.decode(bytes),
      request,
      (error, response) => error ? reject(error) : resolve(response!),
    )
  );
}

function serverStream(client: grpc.Client, method: Method, request: object) {
  return client.makeServerStreamRequest(
    method.path,
    (message: object) => Buffer.from(method.input.encode(message)),
    (bytes: Buffer) => ({ message: method.output.decode(bytes), bytes: bytes.length + 5 }),
    request,
  );
}

/** Reads the whole list, some times over. */
export async function list({ address, serverPid, times }: Target & ListJob, schema: Schema): Promise<Report> {
  const [client] = connect(address, 1) as [grpc.Client];
  const method = methodOf(schema, "inventory.Inventory", "ListItems");
  await new Promise<void>((resolve, reject) =>
    client.waitForReady(Date.now() + 5000, (error) => error ? reject(error) : resolve())
  );
  const stopwatch = new Stopwatch(serverPid);
  let items = 0;
  let bytes = 0;
  for (let time = 0; time < times; time++) {
    await new Promise<void>((resolve, reject) =>
      serverStream(client, method, {})
        .on("data", (data: { bytes: number }) => (items++, bytes += data.bytes))
        .on("error", reject)
        .on("end", resolve)
    );
  }
  const report = stopwatch.report({ calls: items, bytes });
  client.close();
  return report;
}
