/**
 * Python as a peer: its clients against our server in both lanes, our client against its server.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadSchema } from "../lib/schema/mod.ts";
import { runClient, startClient } from "./helpers/client.ts";
import { TestClient } from "./helpers/grpc_client.ts";
import type { TestProcess } from "./helpers/process.ts";
import { runPytest, startPython, testWithPython } from "./helpers/python.ts";
import { startServer } from "./helpers/server.ts";

const LANES = ["native", "grpc-js"];

/** One line of the report of the Python suite. */
interface Outcome {
  readonly module: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly detail: string;
}

for (const lane of LANES) {
  testWithPython(`clients in Python get what the contract says from the ${lane} lane`, async (executable, t) => {
    const report = await Deno.makeTempFile({ suffix: ".jsonl" });
    try {
      // More watches than that only open when the cancelled ones are gone, which the suite tries.
      await using server = await startServer({ args: ["--transport", lane, "--max-watchers", "32"] });
      const args = ["--server", server.address, "--lane", lane, "--report", report];
      const { code, stdout, stderr } = await runPytest(executable, args);
      const outcomes = (await Deno.readTextFile(report)).split("\n").filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Outcome);
      for (const { module, name, outcome, detail } of outcomes) {
        await t.step({
          name: `${module.replace("test_", "")}: ${name.replace("test_", "")}`.replaceAll("_", " "),
          ignore: outcome === "skipped",
          fn() {
            if (outcome === "failed") throw new Error(detail);
          },
        });
      }
      assertEquals(code, 0, stdout + stderr);
      assertStringIncludes(stdout, `${outcomes.length} passed`);
      console.log(`${outcomes.length} tests in Python passed against the ${lane} lane`);
    } finally {
      await Deno.remove(report);
    }
  });

  testWithPython(`a watch in Python goes on where it was when the ${lane} lane restarts`, async (executable) => {
    const data = await Deno.makeTempDir({ prefix: "steward-" });
    const args = ["--transport", lane];
    let server = await startServer({ args, data });
    try {
      await addItems(server.address, ["a", "b"]);
      await using follower = startPython(executable, "follow.py", [server.address]);
      await follower.seen(/"b", 1/);
      for (const [before, after] of [["c", "d"], ["e", "f"]] as const) {
        await addItems(server.address, [before]);
        await follower.seen(new RegExp(`"${before}", 1`));
        if (before === "c") await server.kill();
        else await server.stop();
        server = await startServer({ args, data, port: server.port });
        await addItems(server.address, [after]);
        await follower.seen(new RegExp(`"${after}", 1`), { withinMs: 30_000 });
      }
      await server.stop();
      const steps = follower.stdout.trim().split("\n")
        .map((line) =>
          JSON.parse(line) as { revision: number; events: [type: string, name: string, quantity: number][] }
        );
      assertEquals(steps.map(({ revision }) => revision), [2, 3, 4, 5, 6]);
      assertEquals(steps.flatMap(({ events }) => events.map(([type, name]) => `${type.slice(16)} ${name}`)), [
        "SNAPSHOT a",
        "SNAPSHOT b",
        "ADDED c",
        "ADDED d",
        "ADDED e",
        "ADDED f",
      ]);
    } finally {
      await server.kill();
      await Deno.remove(data, { recursive: true });
    }
  });
}

testWithPython("the client adds, gets and lists items on a server in Python", async (executable) => {
  await using peer = await startPeer(executable);
  const added = await runClient(["inventory", "add", "Wid⚙et", "--quantity", "100", "--price", "9.99"], peer);
  assertEquals([added.code, JSON.parse(added.stdout)], [0, { name: "Wid⚙et", status: "created" }]);
  await runClient(["inventory", "add", "--name", "Bolt", "--quantity", "3"], peer);
  const got = await runClient(["inventory", "get", "Wid⚙et"], peer);
  const { name, quantity, price } = JSON.parse(got.stdout);
  assertEquals([name, quantity, price], ["Wid⚙et", 100, 9.99]);
  const listed = await runClient(["inventory", "list", "-o", "jsonl"], peer);
  assertEquals(listed.stdout.trim().split("\n").map((line) => JSON.parse(line).name), ["Bolt", "Wid⚙et"]);
});

testWithPython("the client shows the code, the sentence and the details of errors from Python", async (executable) => {
  await using peer = await startPeer(executable);
  await runClient(["inventory", "add", "Widget"], peer);
  const duplicate = await runClient(["inventory", "add", "Widget"], peer);
  assertEquals([duplicate.code, duplicate.stdout], [70, ""]);
  assertStringIncludes(duplicate.stderr, "item 'Widget' already exists (ALREADY_EXISTS)");
  assertStringIncludes(duplicate.stderr, "ITEM_EXISTS");
  const missing = await runClient(["inventory", "get", "Schräubchen 100%"], peer);
  assertEquals([missing.code, missing.stdout], [69, ""]);
  assertStringIncludes(missing.stderr, "item 'Schräubchen 100%' not found (NOT_FOUND)");
  const untitled = await runClient(["tasks", "create", "--title", "", "-o", "json", "--envelope"], peer);
  assertEquals(untitled.code, 67);
  const { status } = JSON.parse(untitled.stdout);
  assertEquals([status.name, status.message], ["INVALID_ARGUMENT", "Title is required"]);
  assertEquals(status.details.map((detail: { "@type": string }) => detail["@type"].split(".").at(-1)), [
    "ErrorInfo",
    "BadRequest",
  ]);
  assertEquals(status.details[1].fieldViolations[0].field, "title");
});

testWithPython("the client says what an older server does not offer", async (executable) => {
  await using peer = await startPeer(executable);
  const { code, stderr } = await runClient(["inventory", "adjust-stock", "Widget", "--delta", "1"], peer);
  assertEquals(code, 76);
  assertStringIncludes(stderr, "UNIMPLEMENTED");
});

testWithPython("the client lists, describes and calls a server in Python by reflection", async (executable) => {
  await using peer = await startPeer(executable);
  const services = await runClient(["list"], peer);
  assertEquals(services.stdout.trim().split("\n"), [
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
    "inventory.Inventory",
    "taskmanager.TaskManager",
  ]);
  const methods = await runClient(["list", "taskmanager.TaskManager"], peer);
  assertMatch(methods.stdout, /WatchTasks +\(WatchTasksRequest\) returns \(stream TaskEvent\)/);
  const message = await runClient(["describe", "inventory.AddItemRequest"], peer);
  assertStringIncludes(message.stdout, "int32 reorder_level = 6;");
  const method = await runClient(["describe", "inventory.Inventory/AddItem"], peer);
  assertEquals(method.code, 0, method.stderr);
  assertStringIncludes(method.stdout, "rpc AddItem(AddItemRequest) returns (AddItemResponse);");
  const request = JSON.stringify({ title: "By reflection", materials: [{ item: "Widget", quantity: 1 }] });
  const created = await runClient(["call", "taskmanager.TaskManager/CreateTask", "-d", request], peer);
  assertEquals(created.code, 0, created.stderr);
  const { task } = JSON.parse(created.stdout);
  assertEquals([task.title, task.status], ["By reflection", "TASK_STATUS_TODO"]);
  const failed = await runClient(["call", "inventory.Inventory/GetItem", "-d", '{"name":"Nothing"}'], peer);
  assertEquals(failed.code, 69);
  assertStringIncludes(failed.stderr, "ITEM_NOT_FOUND");
});

testWithPython("the client watches a server in Python until it is interrupted", async (executable) => {
  await using peer = await startPeer(executable);
  await using watch = startClient(["tasks", "watch", "-o", "jsonl"], peer);
  // Nothing says from outside that the watch stands, so tasks are created until it sees one.
  let seen = false;
  const first = watch.seen(/CREATED/).then(() => seen = true);
  for (let tries = 0; !seen && tries < 20; tries++) {
    await runClient(["tasks", "create", "Early"], peer);
  }
  await first;
  const created = await runClient(["tasks", "create", "Watched"], peer);
  const { id } = JSON.parse(created.stdout).task;
  await runClient(["tasks", "update", id, "--status", "done"], peer);
  await runClient(["tasks", "delete", id], peer);
  await watch.seen(/DELETED/);
  watch.kill("SIGINT");
  const { code, stdout } = await watch.end();
  assertEquals(code, 0);
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ task }) => task.id === id);
  assertEquals(events.map(({ eventType, task }) => [eventType.slice(16), task.status.slice(12)]), [
    ["CREATED", "TODO"],
    ["UPDATED", "DONE"],
    ["DELETED", "DONE"],
  ]);
});

testWithPython("the client checks the health of a server in Python", async (executable) => {
  await using peer = await startPeer(executable);
  const serving = await runClient(["health", "check", "inventory.Inventory"], peer);
  assertEquals([serving.code, JSON.parse(serving.stdout)], [0, { status: "SERVING" }]);
  const unknown = await runClient(["health", "check", "nothing.Nothing"], peer);
  assertEquals([unknown.code, unknown.stdout], [69, ""]);
});

testWithPython("the demo walks through a server in Python", async (executable) => {
  await using peer = await startPeer(executable);
  const { code, stdout, stderr } = await runClient(["demo"], peer);
  assertEquals(code, 0, stdout + stderr);
  for (const met of ["ALREADY_EXISTS", "NOT_FOUND", "INVALID_ARGUMENT"]) assertStringIncludes(stdout, met);
  for (const event of ["created", "updated", "deleted"]) assertMatch(stdout, new RegExp(`eventType ${event}`));
});

/** A server in Python that is ready, as the client wants to be told of it. */
interface Peer extends AsyncDisposable {
  readonly server: string;
}

async function startPeer(executable: string): Promise<Peer> {
  const peer: TestProcess = startPython(executable, "server.py", ["127.0.0.1:0"]);
  try {
    const [, server = ""] = await peer.seen(/listening on (\S+)/);
    return {
      server,
      async [Symbol.asyncDispose]() {
        peer.kill("SIGTERM");
        const { code, stderr } = await peer.end();
        assertEquals([code, stderr], [0, ""]);
      },
    };
  } catch (error) {
    await peer[Symbol.asyncDispose]();
    throw error;
  }
}

async function addItems(address: string, names: readonly string[]): Promise<void> {
  const client = new TestClient(address, loadSchema(fileURLToPath(new URL("../proto", import.meta.url))));
  try {
    for (const name of names) {
      const { status } = await client.ask("inventory.Inventory/AddItem", { name, quantity: 1 });
      assert(status === "created");
    }
  } finally {
    client.close();
  }
}
