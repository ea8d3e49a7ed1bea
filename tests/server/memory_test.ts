/**
 * The memory of the real server, on the native lane, while clients do not keep up with it or it not with them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { status as codes } from "@grpc/grpc-js";
import { ImportMode } from "../../lib/schema/mod.ts";
import type * as pb from "../../lib/schema/mod.ts";
import { TestClient } from "../helpers/grpc_client.ts";
import { type ServerProcess, startServer } from "../helpers/server.ts";
import { stalledCall } from "../helpers/stalled.ts";
import { contractSchema } from "../helpers/steward.ts";
import { settled } from "../helpers/wait.ts";

const LIST = "inventory.Inventory/ListItems";
const IMPORT = "inventory.Inventory/ImportItems";
const ITEMS = 100_000;

/** Resident memory of a process in MiB, as Linux tells it. */
function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return Math.round(Number(kib) / 1024);
}

/** The most that the server takes while `work` runs. */
async function peakDuring(server: ServerProcess, work: () => Promise<void>): Promise<number> {
  let peak = residentMiB(server.process.pid);
  const timer = setInterval(() => peak = Math.max(peak, residentMiB(server.process.pid)), 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(peak, residentMiB(server.process.pid));
}

async function withServer(use: (server: ServerProcess, client: TestClient) => Promise<void>): Promise<void> {
  await using server = await startServer({ args: ["--log-level", "warn"] });
  const client = new TestClient(server.address, contractSchema(), { "grpc.max_receive_message_length": -1 });
  try {
    await use(server, client);
  } finally {
    client.close();
  }
}

/** Sends the messages, waiting whenever the transport asks for it. */
async function upload(client: TestClient, messages: Iterable<object>): Promise<pb.ImportItemsResponse> {
  const call = client.open(IMPORT);
  for (const message of messages) {
    if (!call.send(message)) await new Promise((resolve) => call.stream.once("drain", resolve));
  }
  call.finish();
  const { status, messages: [summary] } = await call.received;
  assertEquals(status.code, codes.OK, status.details);
  return summary as unknown as pb.ImportItemsResponse;
}

/** 100,000 items of about 600 bytes. */
function* itemRows(): Generator<object> {
  const attributes = { note: "x".repeat(500) };
  for (let start = 0; start < ITEMS; start += 500) {
    yield { rows: Array.from({ length: 500 }, (_, n) => ({ item: { name: `item ${start + n}`, attributes } })) };
  }
}

const onLinux = { ignore: Deno.build.os !== "linux" };
const listRequest = contractSchema().codec("inventory.ListItemsRequest").encode({});

Deno.test(
  "readers that stop in the middle of a long list leave the server's memory flat",
  onLinux,
  () =>
    withServer(async (server, client) => {
      assertEquals((await upload(client, itemRows())).created, ITEMS);
      // What listing takes at all, with a reader that reads.
      const before = await peakDuring(server, async () => void await client.call(LIST));
      const stalled: Deno.TcpConn[] = [];
      try {
        const peak = await peakDuring(server, async () => {
          for (let count = 0; count < 30; count++) {
            stalled.push(await stalledCall(server.port, `/${LIST}`, listRequest));
          }
          await settled(() => residentMiB(server.process.pid), { forMs: 500 });
        });
        console.log(`30 stalled readers of 60 MiB each: ${before} MiB before, ${peak} MiB at most`);
        assert(peak - before < 400, `${before} MiB before, ${peak} MiB at most`);
        // And others are served meanwhile.
        assertEquals((await client.call(LIST)).messages.length, ITEMS);
        await client.ask("inventory.Inventory/AddItem", { name: "one more" });
      } finally {
        for (const connection of stalled) connection.close();
      }
    }),
);

Deno.test(
  "uploads that are faster than the store leave the server's memory flat",
  onLinux,
  () =>
    withServer(async (server, client) => {
      // Each row is a real write: the names are the same, the values differ.
      const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`note ${n}`, "x".repeat(1000)]));
      function* messages(caller: number, turns: number): Generator<object> {
        yield { options: { mode: ImportMode.IMPORT_MODE_REPLACE } };
        for (let turn = 1; turn <= turns; turn++) {
          yield {
            rows: Array.from(
              { length: 50 },
              (_, n) => ({ item: { name: `${caller} ${n}`, quantity: turn, attributes } }),
            ),
          };
        }
      }
      const uploads = (turns: number) =>
        peakDuring(server, async () => {
          const summaries = await Promise.all([1, 2, 3, 4].map((caller) => upload(client, messages(caller, turns))));
          for (const { failed } of summaries) assertEquals(failed, 0);
        });
      const before = await uploads(20);
      const peak = await uploads(150);
      console.log(`16 MiB uploaded: ${before} MiB at most; 120 MiB uploaded: ${peak} MiB at most`);
      assert(peak - before < 150, `${before} MiB with few, ${peak} MiB with many`);
    }),
);
