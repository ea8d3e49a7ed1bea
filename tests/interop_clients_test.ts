/**
 * The clients that people have at hand: buf curl by every protocol, and grpcurl.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Ended, ROOT, TestProcess } from "./helpers/process.ts";
import { type ServerProcess, startServer } from "./helpers/server.ts";
import { testsWith } from "./helpers/toolchain.ts";

const testWithClients = await testsWith("clients");

const CALL_MS = 30_000;

function start(program: string, args: readonly string[]): TestProcess {
  return new TestProcess(null, { runtime: [program], args, cwd: ROOT });
}

async function run(program: string, args: readonly string[], input = ""): Promise<Ended> {
  await using process = start(program, args);
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  writer.releaseLock();
  return await process.end({ withinMs: CALL_MS });
}

/** The JSON values that follow each other in a text, each beginning on a line of its own. */
// deno-lint-ignore no-explicit-any -- what the answer says is what the test asserts
function values(text: string): any[] {
  return text.split(/^(?=\{)/m).filter((part) => part.trim() !== "").map((part) => JSON.parse(part));
}

for (const protocol of ["grpc", "grpcweb", "connect"]) {
  for (const schema of [["--reflect"], ["--schema", "proto"]]) {
    testWithClients(`buf curl calls by ${protocol} with ${schema.join(" ")}`, async (folder) => {
      await using server = await startServer();
      const call = (method: string, request: string, ...flags: string[]) =>
        run(`${folder}/bin/buf`, [
          ...["curl", "--http2-prior-knowledge", "--protocol", protocol, ...schema, ...flags],
          ...["-d", request, `http://${server.address}/${method}`],
        ]);
      const ask = async (method: string, request: object) => {
        const { code, stdout, stderr } = await call(method, JSON.stringify(request));
        assertEquals([code, stderr], [0, ""]);
        return values(stdout);
      };
      for (const name of ["Widget", "Bolt"]) {
        const [added] = await ask("inventory.Inventory/AddItem", { name, quantity: 3, price: 9.99 });
        assertEquals([added.name, added.status], [name, "created"]);
      }
      const [item] = await ask("inventory.Inventory/GetItem", { name: "Widget" });
      assertEquals([item.quantity, item.price], [3, 9.99]);
      const listed = await ask("inventory.Inventory/ListItems", {});
      assertEquals(listed.map(({ name }) => name), ["Bolt", "Widget"]);

      const failed = await call("inventory.Inventory/AddItem", '{"name":"","quantity":-1}');
      // buf's exit codes are 8 times the status.
      assertEquals([failed.code, failed.stdout], [3 * 8, ""]);
      const error = JSON.parse(failed.stderr);
      assertEquals(error.code, "invalid_argument");
      assertEquals(error.details.map(({ type }: { type: string }) => type.split(".").at(-1)), [
        "ErrorInfo",
        "BadRequest",
        "RequestInfo",
      ]);

      const rows = ["A", "B", "A"].map((name) => JSON.stringify({ rows: [{ item: { name } }] })).join("\n");
      const imported = await call("inventory.Inventory/ImportItems", rows);
      const [summary] = values(imported.stdout);
      assertEquals([summary.created, summary.failed, imported.code], ["2", "1", 0], imported.stderr);
    });
  }

  testWithClients(`buf curl watches by ${protocol} while items change`, async (folder) => {
    await using server = await startServer();
    await using watch = start(`${folder}/bin/buf`, [
      ...["curl", "--http2-prior-knowledge", "--protocol", protocol, "--schema", "proto", "-d", '{"snapshot":true}'],
      `http://${server.address}/inventory.Inventory/WatchItems`,
    ]);
    // An empty store's snapshot is a message without anything.
    await watch.seen(/\{\s*\}/);
    await addItem(server, "Widget");
    await watch.seen(/"ITEM_EVENT_TYPE_ADDED"[^]*"Widget"[^]*"revision": "1"/);
    await server.stop();
    const { code, stderr } = await watch.end();
    assertEquals(code, 14 * 8);
    assertEquals(JSON.parse(stderr).code, "unavailable");
  });
}

const grpcurl = (folder: string, { address }: ServerProcess, args: readonly string[], input?: string) =>
  run(`${folder}/bin/grpcurl`, ["-plaintext", ...args.slice(0, -1), address, ...args.slice(-1)], input);

testWithClients("grpcurl lists and describes all there is", async (folder) => {
  await using server = await startServer();
  const services = await grpcurl(folder, server, ["list"]);
  assertEquals(services.stdout.trim().split("\n"), [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "inventory.Inventory",
    "taskmanager.TaskManager",
  ]);
  const { stdout } = await run(`${folder}/bin/grpcurl`, [
    "-plaintext",
    server.address,
    "list",
    "taskmanager.TaskManager",
  ]);
  assertEquals(stdout.trim().split("\n").map((name) => name.split(".").at(-1)), [
    "CreateTask",
    "DeleteTask",
    "GetTask",
    "ListTasks",
    "UpdateTask",
    "WatchTasks",
  ]);
  for (const service of services.stdout.trim().split("\n")) {
    const described = await run(`${folder}/bin/grpcurl`, ["-plaintext", server.address, "describe", service]);
    assertEquals(described.code, 0, described.stderr);
    assertStringIncludes(described.stdout, `${service} is a service:`);
  }
  const method = await run(`${folder}/bin/grpcurl`, [
    ...["-plaintext", server.address, "describe", "inventory.Inventory.ImportItems"],
  ]);
  assertStringIncludes(method.stdout, "rpc ImportItems ( stream .inventory.ImportItemsRequest )");
  const message = await run(`${folder}/bin/grpcurl`, [
    ...["-plaintext", "-msg-template", server.address, "describe", "taskmanager.CreateTaskRequest"],
  ]);
  assertMatch(message.stdout, /oneof assignee \{\s+int64 user_id = 6;/);
  assertStringIncludes(message.stdout, '"dueAt":');
});

testWithClients("grpcurl calls every kind of method", async (folder) => {
  await using server = await startServer();
  const call = (method: string, input: string, ...flags: string[]) =>
    grpcurl(folder, server, [...flags, "-d", "@", method], input);
  const added = await call("inventory.Inventory/AddItem", '{"name":"Widget","quantity":3,"price":9.99}');
  assertEquals([added.code, values(added.stdout)[0].status], [0, "created"], added.stderr);
  const imported = await call(
    "inventory.Inventory/ImportItems",
    '{"rows":[{"item":{"name":"A"}}]} {"rows":[{"item":{"name":"B"}}]}',
  );
  assertEquals([imported.code, values(imported.stdout)[0].created], [0, "2"], imported.stderr);
  const listed = await call("inventory.Inventory/ListItems", '{"filter":"quantity < 5"}');
  assertEquals(values(listed.stdout).map(({ name }) => name), ["A", "B", "Widget"]);
  const reflected = await call(
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    '{"list_services":""} {"file_containing_symbol":"inventory.Inventory"} {"file_by_filename":"none.proto"}',
  );
  const [list, file, none] = values(reflected.stdout);
  assertEquals(list.listServicesResponse.service.length, 5);
  assert(file.fileDescriptorResponse.fileDescriptorProto.length > 0);
  assertEquals(none.errorResponse.errorCode, 5);
  const known = await grpcurl(
    folder,
    server,
    ["-import-path", "proto", "-proto", "inventory.proto", "-d", '{"name":"A"}', "inventory.Inventory/GetItem"],
  );
  assertEquals([known.code, values(known.stdout)[0].name], [0, "A"], known.stderr);
});

testWithClients("grpcurl watches while items change", async (folder) => {
  await using server = await startServer();
  await using watch = start(`${folder}/bin/grpcurl`, [
    ...["-plaintext", "-d", '{"snapshot":true}', server.address, "inventory.Inventory/WatchItems"],
  ]);
  await watch.seen(/\{\s*\}/);
  await addItem(server, "Widget");
  await watch.seen(/"ITEM_EVENT_TYPE_ADDED"[^]*"Widget"[^]*"revision": "1"/);
  await server.stop();
  const { code, stderr } = await watch.end();
  assertEquals(code, 64 + 14);
  assertStringIncludes(stderr, "Code: Unavailable");
});

testWithClients("grpcurl shows errors with every detail", async (folder) => {
  await using server = await startServer();
  const missing = await grpcurl(folder, server, ["-d", '{"name":"Nothing"}', "inventory.Inventory/GetItem"]);
  assertEquals([missing.code, missing.stdout], [64 + 5, ""]);
  for (const said of ["Code: NotFound", "Message: item 'Nothing' not found", '"reason": "ITEM_NOT_FOUND"']) {
    assertStringIncludes(missing.stderr, said);
  }
  const wrong = await grpcurl(folder, server, ["-d", '{"quantity":-1}', "inventory.Inventory/AddItem"]);
  assertEquals(wrong.code, 64 + 3);
  for (const said of ["google.rpc.BadRequest", '"field": "name"', '"field": "quantity"', "google.rpc.RequestInfo"]) {
    assertStringIncludes(wrong.stderr, said);
  }
  const late = await grpcurl(folder, server, ["-max-time", "0.5", "-d", "{}", "taskmanager.TaskManager/WatchTasks"]);
  assertEquals(late.code, 64 + 4);
});

async function addItem({ address }: ServerProcess, name: string): Promise<void> {
  const { ok } = await fetch(`http://${address}/inventory.Inventory/AddItem`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  }).then(async (response) => (await response.body?.cancel(), response));
  assert(ok);
}
