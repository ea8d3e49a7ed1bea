/**
 * `watch` against real servers that come and go.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runClient, startClient } from "../helpers/client.ts";
import { startServer } from "../helpers/server.ts";

async function add(server: string, ...names: string[]): Promise<void> {
  for (const name of names) assertEquals((await runClient(["inventory", "add", name], { server })).code, 0);
}

function names(stdout: string): string[] {
  return stdout.trim().split("\n").flatMap((line) =>
    (JSON.parse(line) as { events: { item: { name: string } }[] }).events.map(({ item }) => item.name)
  );
}

for (const end of ["stop", "kill"] as const) {
  Deno.test(`a watch survives a server that ${end === "stop" ? "is restarted" : "is killed"}, without loss or repeat`, async () => {
    const data = await Deno.makeTempDir();
    try {
      const first = await startServer({ data });
      const server = first.address;
      await using watch = startClient(["inventory", "watch", "--snapshot", "-o", "jsonl"], { server });
      await add(server, "a");
      await watch.seen(/"name":"a"/);
      await watch.seen(/"events":\[\],"revision":"[1-9]|ADDED/);
      await add(server, "b");
      await watch.seen(/"name":"b"/);
      await first[end]();
      await watch.seen(/the server has gone/, { on: "stderr" });
      await using second = await startServer({ data, port: first.port });
      // Written before or after the watch is back: both must be seen.
      await add(second.address, "c");
      await watch.seen(/connected again/, { on: "stderr" });
      await add(second.address, "d");
      await watch.seen(/"name":"d"/);
      watch.kill("SIGINT");
      const { code, stdout } = await watch.end();
      assertEquals(code, 0);
      assertEquals(names(stdout), ["a", "b", "c", "d"]);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

Deno.test("a watch ends with 0 on Ctrl-C while its server is away", async () => {
  const server = await startServer();
  await runClient(["tasks", "create", "Sweep"], { server: server.address });
  await using watch = startClient(["tasks", "watch", "--snapshot"], { server: server.address });
  await watch.seen(/Sweep/);
  await server.kill();
  await watch.seen(/the server has gone/, { on: "stderr" });
  watch.kill("SIGINT");
  assertEquals((await watch.end()).code, 0);
});

Deno.test("a watch from a revision in the future ends loudly with the server's sentence and a hint", async () => {
  await using server = await startServer();
  const { code, stderr } = await runClient(["tasks", "watch", "--since-revision", "99"], { server: server.address });
  assertEquals(code, 64 + 11);
  assertStringIncludes(stderr, "revision 99 is ahead of the store");
  assertStringIncludes(stderr, "--snapshot");
});

Deno.test("a watch of a server that is not there says so at once", async () => {
  const { code, stderr } = await runClient(["tasks", "watch"], { server: "127.0.0.1:1" });
  assertEquals(code, 64 + 14);
  assertStringIncludes(stderr, "nothing listens on 127.0.0.1:1");
});

Deno.test("a watch with a deadline ends when it passes", async () => {
  await using server = await startServer();
  const { code } = await runClient(["inventory", "watch", "--deadline", "300ms"], { server: server.address });
  assertEquals(code, 64 + 4);
});

Deno.test("a watch whose server is killed within the snapshot starts the snapshot anew and says so", async () => {
  const data = await Deno.makeTempDir();
  try {
    const first = await startServer({ data });
    const count = 30_000;
    const rows = Array.from({ length: count }, (_, index) => `Part ${index}`).join("\n");
    const imported = await runClient(["inventory", "import", "-"], { server: first.address, stdin: `name\n${rows}\n` });
    assertEquals(imported.code, 0);
    await using watch = startClient(["inventory", "watch", "--snapshot", "-o", "jsonl"], { server: first.address });
    await watch.seen(/SNAPSHOT/);
    await first.kill();
    await watch.seen(/the snapshot was not complete/, { on: "stderr" });
    const partial = names(watch.stdout.slice(0, watch.stdout.lastIndexOf("\n"))).length;
    assert(partial < count);
    await using _second = await startServer({ data, port: first.port });
    await watch.seen(/"events":\[\],"revision":"[1-9]/);
    watch.kill("SIGINT");
    const { code, stdout } = await watch.end();
    assertEquals(code, 0);
    const again = names(stdout).slice(-count);
    assertEquals(new Set(again).size, count);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("on a terminal's table each change is a line with what changed", async () => {
  await using server = await startServer();
  await runClient(["inventory", "add", "Bolt", "--quantity", "5"], { server: server.address });
  await using watch = startClient(["inventory", "watch", "--snapshot", "-o", "table"], { server: server.address });
  await watch.seen(/snapshot +Bolt +quantity 5\n#\d+ +up to date\n/);
  await runClient(["inventory", "adjust", "Bolt", "--delta", "-2"], { server: server.address });
  await watch.seen(/^#\d+ +updated +Bolt +quantity 5 -> 3$/m);
  await runClient(["inventory", "remove", "Bolt"], { server: server.address });
  await watch.seen(/^#\d+ +removed +Bolt/m);
  watch.kill("SIGTERM");
  const { code, stdout } = await watch.end();
  assertEquals([code, stdout.trim().split("\n").length], [0, 4], stdout);
});
