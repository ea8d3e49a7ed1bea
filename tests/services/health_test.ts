/**
 * The standard health service over the wire.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { status as codes } from "@grpc/grpc-js";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../lib/schema/mod.ts";
import { eachLane, LANES, type Steward, withDirectory, withSteward } from "../helpers/steward.ts";
import { run, testIf, whyNoFreezing, whyNoSmallDisk, withSmallDisk } from "../helpers/disk.ts";
import { until } from "../helpers/wait.ts";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const FLAGSHIPS = ["inventory.Inventory", "taskmanager.TaskManager"];
const ALWAYS = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

function check({ client }: Steward, service = "") {
  return client.ask<{ status: number }>("grpc.health.v1.Health/Check", { service }).then(({ status }) => status);
}

function watchHealth({ client }: Steward, service = "") {
  const call = client.open("grpc.health.v1.Health/Watch");
  call.send({ service });
  call.finish();
  return { ...call, statuses: () => call.messages.map(({ status }) => status) };
}

eachLane("the server and each of its services are SERVING", async (steward) => {
  for (const service of ["", ...FLAGSHIPS, ...ALWAYS]) assertEquals(await check(steward, service), SERVING, service);
});

eachLane("List names the server and every service", async ({ client }) => {
  const { statuses } = await client.ask<{ statuses: Record<string, { status: number }> }>("grpc.health.v1.Health/List");
  assertEquals(
    Object.fromEntries(Object.entries(statuses).map(([name, { status }]) => [name, status])),
    Object.fromEntries(["", ...FLAGSHIPS, ...ALWAYS].map((name) => [name, SERVING])),
  );
});

eachLane("an unknown service is NOT_FOUND to Check, and SERVICE_UNKNOWN to Watch, which stays", async (steward) => {
  const { code, message, reason } = await steward.refusal("grpc.health.v1.Health/Check", { service: "inventory" });
  assertEquals([code, message, reason], ["NOT_FOUND", "unknown service 'inventory'", "SERVICE_NOT_FOUND"]);
  const watching = watchHealth(steward, "nobody.Knows");
  await watching.count(1);
  assertEquals(watching.statuses(), [SERVICE_UNKNOWN]);
  watching.cancel();
  assertEquals((await watching.received).status.code, codes.CANCELLED);
});

eachLane("Watch says NOT_SERVING when the server stops, then ends with UNAVAILABLE", async (steward) => {
  const watching = ["", ...FLAGSHIPS].map((service) => watchHealth(steward, service));
  for (const one of watching) await one.count(1);
  const stopped = steward.server.stop();
  for (const one of watching) {
    const { status } = await one.received;
    assertEquals([one.statuses(), status.code], [[SERVING, NOT_SERVING], codes.UNAVAILABLE]);
  }
  await stopped;
});

eachLane("Check says NOT_SERVING while calls in flight finish, and nothing new is begun", async (steward) => {
  const { client, server, refusal } = steward;
  const upload = client.open("inventory.Inventory/ImportItems");
  upload.send({ rows: [{ item: { name: "in flight" } }] });
  await until("the import runs", () => server.store.status().revision === 1);
  const stopped = server.stop();
  assertEquals(await check(steward), NOT_SERVING);
  assertEquals(await check(steward, "inventory.Inventory"), NOT_SERVING);
  assertEquals(await check(steward, "grpc.health.v1.Health"), SERVING);
  const { code, reason } = await refusal("inventory.Inventory/GetItem", { name: "in flight" });
  assertEquals([code, reason], ["UNAVAILABLE", "SHUTTING_DOWN"]);
  upload.send({ rows: [{ item: { name: "the last" } }] });
  upload.finish();
  const { messages, status } = await upload.received;
  assertEquals([status.code, messages[0]?.created], [codes.OK, 2]);
  await stopped;
});

for (const lane of LANES) {
  testIf(
    whyNoSmallDisk(),
    `${lane} lane: a full disk is NOT_SERVING and a clear error to the caller, and over without a restart`,
    () =>
      withSmallDisk(4, (disk) =>
        withSteward(lane, `${disk}/data`, [], async (steward) => {
          const { inventory, refusal, server } = steward;
          const watching = watchHealth(steward);
          await watching.count(1);
          await inventory.AddItem({ name: "first" });
          await fill(`${disk}/ballast`);
          const rows = Array.from(
            { length: 500 },
            (_, n) => ({ item: { name: `item ${n}`, location: "x".repeat(200) } }),
          );
          const { code, reason, details } = await refusal("inventory.Inventory/ImportItems", [{ rows }]);
          assertEquals([code, reason], ["RESOURCE_EXHAUSTED", "STORAGE_FULL"]);
          assert(details["google.rpc.RetryInfo"] !== undefined);
          await watching.count(2);
          for (const service of ["", ...FLAGSHIPS]) assertEquals(await check(steward, service), NOT_SERVING, service);
          for (const service of ALWAYS) assertEquals(await check(steward, service), SERVING, service);
          // Reading goes on.
          assertEquals((await inventory.GetItem({ name: "first" })).name, "first");
          await Deno.remove(`${disk}/ballast`);
          await until("serving again", async () => await check(steward) === SERVING);
          await inventory.AddItem({ name: "last" });
          await watching.count(3);
          assertEquals(watching.statuses(), [SERVING, NOT_SERVING, SERVING]);
          assert(steward.log.some((line) => line.includes("no space is left")));
          assertEquals(server.store.status().failure, null);
          watching.cancel();
          await watching.received;
        })),
  );

  testIf(
    whyNoFreezing(),
    `${lane} lane: files that turn read-only are UNAVAILABLE, and over when they can be written again`,
    () =>
      withDirectory((data) =>
        withSteward(lane, data, [], async (steward) => {
          await steward.inventory.AddItem({ name: "first" });
          const files = ["steward.db", "steward.db-wal"].map((name) => `${data}/${name}`);
          assertEquals(run("chattr", "+i", ...files), null);
          try {
            const { code, reason } = await steward.refusal("inventory.Inventory/AddItem", { name: "second" });
            assertEquals([code, reason], ["UNAVAILABLE", "STORAGE_UNAVAILABLE"]);
            assertEquals(await check(steward), NOT_SERVING);
          } finally {
            assertEquals(run("chattr", "-i", ...files), null);
          }
          await until("serving again", async () => await check(steward) === SERVING);
          await steward.inventory.AddItem({ name: "second" });
        })
      ),
  );
}

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true });
  try {
    for (let size = 64 * 1024; size >= 1;) {
      try {
        await file.write(new Uint8Array(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  } finally {
    file.close();
  }
}
