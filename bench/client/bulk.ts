/**
 * Loads of bare frames on streams: filling a store, a reader that stops, a sender that does not.
 *
 * @module
 */
import type { Schema } from "../../lib/schema/mod.ts";
import { sleep } from "../process.ts";
import { FrameConnection } from "./frames.ts";
import type { Job, Report, SeedJob, StallJob, UploadJob } from "./job.ts";
import { framed, importMessages, methodOf } from "./messages.ts";
import { Stopwatch } from "./stopwatch.ts";

type Target = Pick<Job, "address" | "serverPid">;
const SERVICE = "inventory.Inventory";
const IMPORT_MODE_REPLACE = 3;
/** Without what the frozen contract has not. */
const FROZEN_ONLY = { location: "", tags: [] };

export async function seed({ address, serverPid, rows, frozen }: Target & SeedJob, schema: Schema): Promise<Report> {
  const method = methodOf(schema, SERVICE, "ImportItems");
  const connection = await FrameConnection.connect(address);
  const stopwatch = new Stopwatch(serverPid);
  const stream = connection.stream(connection.headerBlock(method.path));
  let bytes = 0;
  for (const message of importMessages(rows, frozen ? FROZEN_ONLY : {})) {
    const body = framed(method.input.encode(message));
    bytes += body.length;
    await stream.send(body);
  }
  stream.end();
  const { whole, first } = await Promise.race([stream.answer, connection.failed]);
  if (!whole) throw new Error("ImportItems failed");
  const { created } = method.output.decode(first!.subarray(5)) as { created: number };
  if (created !== rows) throw new Error(`ImportItems created ${created} of ${rows} items`);
  const report = stopwatch.report({ calls: rows, bytes });
  connection.close();
  return report;
}

export async function stall({ address, serverPid, seconds }: Target & StallJob, schema: Schema): Promise<Report> {
  const method = methodOf(schema, SERVICE, "ListItems");
  const connection = await FrameConnection.connect(address, { grant: false });
  const stopwatch = new Stopwatch(serverPid);
  let ended = false;
  connection.unary(
    connection.headerBlock(method.path),
    framed(method.input.encode({})),
    () => ended = true,
  );
  await Promise.race([sleep(seconds * 1000), connection.failed]);
  if (ended) throw new Error("the list ended although nobody read it");
  const report = stopwatch.report({ calls: 1 });
  connection.close();
  return report;
}

export async function upload({ address, serverPid, seconds }: Target & UploadJob, schema: Schema): Promise<Report> {
  const method = methodOf(schema, SERVICE, "ImportItems");
  const connection = await FrameConnection.connect(address);
  const options = framed(method.input.encode({ options: { mode: IMPORT_MODE_REPLACE } }));
  // Every item changes each time, or there would be nothing to write.
  const messages = [1, 2].flatMap((quantity) => [...importMessages(5000, { quantity })]);
  const bodies = messages.map((message) => framed(method.input.encode(message)));
  const stopwatch = new Stopwatch(serverPid);
  const stream = connection.stream(connection.headerBlock(method.path));
  await stream.send(options);
  let bytes = 0;
  const end = performance.now() + seconds * 1000;
  for (let index = 0; performance.now() < end; index++) {
    const body = bodies[index % bodies.length]!;
    await Promise.race([stream.send(body), sleep(end - performance.now())]);
    bytes += body.length;
  }
  const report = stopwatch.report({ calls: 1, bytes });
  connection.close();
  return report;
}
