/**
 * The client as people and scripts run it, against a real server.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type ClientOptions, runClient, startClient } from "../helpers/client.ts";
import { ROOT } from "../helpers/process.ts";
import { startServer } from "../helpers/server.ts";
import { until } from "../helpers/wait.ts";

async function good(args: string[], options: ClientOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runClient(args, options);
  assertEquals(code, 0, `${args.join(" ")}\n${stderr}`);
  return stdout;
}

Deno.test("help fits a screen, names every command and needs no server", async () => {
  const overview = await good([]);
  for (const name of ["inventory", "tasks", "health", "call", "list", "describe", "demo", "completions", "--server"]) {
    assertStringIncludes(overview, name);
  }
  assertEquals(await good(["help"]), overview);
  for (
    const args of [["inventory", "--help"], ["inventory", "add", "-h"], ["help", "tasks", "watch"], ["help", "demo"]]
  ) {
    const text = await good(args);
    assert(text.split("\n").length <= 40, `${args.join(" ")} has ${text.split("\n").length} lines`);
    for (const line of text.split("\n")) {
      assert(line.length <= 100 || line.startsWith("  steward "), `${args.join(" ")}: ${line}`);
    }
    assertMatch(text, /Usage: steward/);
  }
});

Deno.test("help comes from the contract's comments", async () => {
  assertStringIncludes(await good(["help", "inventory", "add"]), "Pieces in stock, 0 to 2147483647.");
});

const WRONG: [string[], string, string?][] = [
  [["inventry", "list"], "unknown command 'inventry'", "`steward inventory`"],
  [["inventory", "ad"], "inventory has no command 'ad'", "`steward inventory add`"],
  [["inventory", "add", "x", "--prize", "1"], "unknown flag --prize", "--price"],
  [["--nonsense"], "unknown flag --nonsense"],
  [["inventory", "get", "x", "-d", "{"], "-d is not valid JSON"],
  [["inventory", "get", "-d", '{"nme":"x"}'], "-d: cannot decode"],
  [["inventory", "import"], "import needs a file"],
  [["completions", "tcsh"], "completions takes a shell: bash, zsh, fish"],
  [["call"], "call needs SERVICE/METHOD"],
  [["tasks", "watch", "-d", "{}{}"], "a watch takes one request, not 2"],
  [["tasks", "watch", "--envelope"], "--envelope shows one call"],
  [["tasks", "list", "--all", "--envelope"], "--envelope shows one call"],
];

for (const [args, sentence, hint] of WRONG) {
  Deno.test(`wrong usage exits with 2: ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await runClient(args, { server: "127.0.0.1:1" });
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, sentence);
    if (hint !== undefined) assertStringIncludes(stderr, hint);
  });
}

Deno.test("a server that is not running is named, with what to do", async () => {
  const { code, stdout, stderr } = await runClient(["inventory", "list"], { server: "127.0.0.1:1" });
  assertEquals([code, stdout], [78, ""]);
  assertMatch(stderr, /^error: ListItems: .*ECONNREFUSED.* \(UNAVAILABLE\)\nhint: nothing listens on 127\.0\.0\.1:1/);
});

Deno.test("commands, formats and errors against a real server", async (test) => {
  await using started = await startServer();
  const server = started.address;

  await test.step("a new item comes back as JSON in a pipe", async () => {
    const args = ["inventory", "add", "Widget", "--quantity", "100", "--price", "9.99", "--tags", "a,b"];
    const { name, status, item } = JSON.parse(await good(args, { server }));
    assertEquals([name, status, item.quantity, item.price, item.tags, item.reorderLevel], [
      "Widget",
      "created",
      100,
      9.99,
      ["a", "b"],
      0,
    ]);
  });

  await test.step("the same again is ALREADY_EXISTS, with its reason", async () => {
    const { code, stderr } = await runClient(["inventory", "add-item", "--name", "Widget"], { server });
    assertEquals(code, 70);
    assertStringIncludes(
      stderr,
      "error: AddItem: item 'Widget' already exists (ALREADY_EXISTS)\n  reason: ITEM_EXISTS",
    );
  });

  await test.step("every field that is wrong is listed", async () => {
    const { code, stderr } = await runClient(["inventory", "add", "", "--quantity", "-1", "--price", "-1"], { server });
    assertEquals(code, 67);
    for (const field of ["name", "quantity", "price"]) assertMatch(stderr, new RegExp(`^  ${field}`, "m"));
  });

  await test.step("a flag can set a field to nothing", async () => {
    const updated = JSON.parse(
      await good(["inventory", "update", "Widget", "--quantity", "0", "--tags", ""], { server }),
    );
    assertEquals([updated.item.quantity, updated.item.tags, updated.item.price], [0, [], 9.99]);
  });

  await test.step("streams are JSON lines in a pipe, one array with -o json, documents with -o yaml", async () => {
    await good(["inventory", "add", "Bolt", "--price", "0.5"], { server });
    const lines = (await good(["inventory", "list"], { server })).trim().split("\n").map((line) =>
      JSON.parse(line).name
    );
    assertEquals(lines, ["Bolt", "Widget"]);
    const array = JSON.parse(await good(["inventory", "list", "-o", "json"], { server }));
    assertEquals(array.map(({ name }: { name: string }) => name), lines);
    assertEquals(JSON.parse(await good(["inventory", "list", "-o", "json", "--prefix", "zz"], { server })), []);
    assertMatch(await good(["inventory", "list", "-o", "yaml"], { server }), /^name: Bolt\n[\s\S]*---\nname: Widget\n/);
  });

  await test.step("a table has titles, aligned columns and readable money", async () => {
    const table = (await good(["inventory", "list", "-o", "table"], { server })).split("\n");
    assertMatch(table[0]!, /^NAME +QUANTITY +PRICE +REORDER LEVEL +CREATED AT/);
    assertMatch(table[1]!, /^Bolt +0 +0\.50 +0 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/);
    assertEquals(table[1]!.indexOf("0.50") + 4, table[2]!.indexOf("9.99") + 4);
  });

  await test.step("an empty list says so on stderr", async () => {
    const { code, stdout, stderr } = await runClient(["inventory", "list", "--prefix", "zz", "-o", "table"], {
      server,
    });
    assertEquals([code, stdout, stderr], [0, "", "nothing found\n"]);
  });

  await test.step("an envelope holds all of a call, also of one that fails", async () => {
    const bad = await runClient(["inventory", "get", "Nut", "--envelope"], { server });
    assertEquals(bad.code, 69);
    const { messages, status } = JSON.parse(bad.stdout);
    assertEquals([messages, status.code, status.name, status.message], [[], 5, "NOT_FOUND", "item 'Nut' not found"]);
    assertEquals(status.details[0].reason, "ITEM_NOT_FOUND");
    const well = JSON.parse(await good(["inventory", "get", "Bolt", "--envelope"], { server }));
    assertEquals([well.messages[0].name, well.status.code], ["Bolt", 0]);
    assertEquals(well.headers["content-type"].length, 1);
  });

  await test.step("-d takes JSON, a file and standard input; several values are several calls; flags come on top", async () => {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, '{"name":"Bolt"}\n{"name":"Widget"}\n');
    const get = ["inventory", "get", "-d"];
    const several = (await good([...get, `@${path}`], { server })).trim().split("\n").map((line) =>
      JSON.parse(line).name
    );
    assertEquals(several, ["Bolt", "Widget"]);
    assertEquals(JSON.parse(await good([...get, "@-"], { server, stdin: '{"name":"Bolt"}' })).name, "Bolt");
    assertEquals(JSON.parse(await good([...get, '{"name":"Bolt"}', "Widget"], { server })).name, "Widget");
    await Deno.remove(path);
  });

  await test.step("--all fetches every page", async () => {
    for (let index = 0; index < 5; index++) await good(["inventory", "adjust", "Bolt", "--delta", "1"], { server });
    const args = ["inventory", "list-movements", "Bolt", "--page-size", "2"];
    const one = JSON.parse(await good(args, { server }));
    assertEquals([one.movements.length, one.nextPageToken !== ""], [2, true]);
    const pages = (await good([...args, "--all"], { server })).trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(pages.flatMap(({ movements }) => movements).length, 5);
    const { stderr } = await runClient([...args, "-o", "table"], { server });
    assertMatch(stderr, /there is more: --page-token \S+/);
  });

  await test.step("health is a command of its own, and a service that does not exist fails", async () => {
    assertEquals(JSON.parse(await good(["health"], { server })), { status: "SERVING" });
    assertEquals((await runClient(["health", "check", "nope.Nope"], { server })).code, 69);
    assertMatch(await good(["health", "list", "-o", "table"], { server }), /inventory\.Inventory +serving/);
  });

  await test.step("tasks take times, enums, materials and a oneof", async () => {
    const args = [
      "tasks",
      "create",
      "Fix",
      "--priority",
      "high",
      "--due-at",
      "2026-12-24",
      "--team",
      "shop",
      "--materials",
      "item=Bolt,quantity=2",
    ];
    const { task } = JSON.parse(await good(args, { server }));
    assertEquals([task.priority, task.dueAt, task.team, task.materials], [
      "TASK_PRIORITY_HIGH",
      "2026-12-24T00:00:00Z",
      "shop",
      [{ item: "Bolt", quantity: 2 }],
    ]);
    const done = JSON.parse(await good(["tasks", "update", task.id, "--status", "done"], { server }));
    assertEquals(done.task.status, "TASK_STATUS_DONE");
    assertEquals(JSON.parse(await good(["inventory", "get", "Bolt"], { server })).quantity, 3);
  });

  await test.step("call, list and describe ask the server", async () => {
    assertMatch(await good(["list"], { server }), /^inventory\.Inventory$/m);
    assertMatch(
      await good(["list", "inventory.Inventory"], { server }),
      /ListItems +\(ListItemsRequest\) returns \(stream ListItemsResponse\)/,
    );
    assertMatch(
      await good(["describe", "taskmanager.TaskStatus"], { server }),
      /enum taskmanager\.TaskStatus \{\n[\s\S]*TASK_STATUS_DONE = 3;/,
    );
    assertMatch(await good(["describe", "inventory.Item"], { server }), /map<string, string> attributes = 7;/);
    assertEquals(
      JSON.parse(await good(["call", "inventory.Inventory/GetItem", "-d", '{"name":"Bolt"}'], { server })).name,
      "Bolt",
    );
    const wrong = await runClient(["call", "inventory.Inventory/GetItm"], { server });
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, "did you mean inventory.Inventory/GetItem?");
  });

  await test.step("a profile names the server", async () => {
    const directory = await Deno.makeTempDir();
    const env = { STEWARD_CONFIG: `${directory}/config.json` };
    await good(["config", "set", "lab", "server", server], { env });
    await good(["config", "set", "lab", "token", "secret"], { env });
    assertEquals(JSON.parse(await good(["inventory", "get", "Bolt", "--profile", "lab"], { env })).name, "Bolt");
    const shown = await good(["config", "show"], { env });
    assertStringIncludes(shown, server);
    assert(!shown.includes("secret"));
    assertEquals(await good(["config", "path"], { env }), `${directory}/config.json\n`);
    await Deno.remove(directory, { recursive: true });
  });

  await test.step("the demo passes, beside data that is there, and leaves nothing behind", async () => {
    const before = await good(["inventory", "list"], { server });
    const told = await good(["demo"], { server });
    for (
      const code of [
        "OK",
        "ALREADY_EXISTS",
        "NOT_FOUND",
        "INVALID_ARGUMENT",
        "FAILED_PRECONDITION",
        "ABORTED",
        "CANCELLED",
      ]
    ) {
      assertMatch(told, new RegExp(`Status codes met: .*\\b${code} \\d`));
    }
    for (const kind of ["created", "updated", "deleted"]) assertStringIncludes(told, `eventType ${kind}`);
    assertEquals(await good(["inventory", "list"], { server }), before);
    assertEquals((await good(["tasks", "list"], { server })).includes("demo-"), false);
  });
});

Deno.test("a reader of the output that leaves, as in `| head`, ends the client quietly", async () => {
  await using server = await startServer();
  const rows = Array.from({ length: 20_000 }, (_, index) => `Part ${index},1`).join("\n");
  await good(["inventory", "import", "-"], { server: server.address, stdin: `name,quantity\n${rows}\n` });
  const list = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `${ROOT}client.ts`, "inventory", "list", "--server", server.address],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = list.stdout.getReader();
  assertEquals((await reader.read()).done, false);
  await reader.cancel();
  const [{ code }, stderr] = await Promise.all([list.status, new Response(list.stderr).text()]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("Ctrl-C cancels a call and exits with 130", async () => {
  await using server = await startServer();
  // Its requests come from standard input, which stays open.
  await using call = startClient(["inventory", "import-items", "-d", "@-"], { server: server.address });
  const writer = call.stdin.getWriter();
  await writer.write(new TextEncoder().encode('{"rows":[{"line":1,"item":{"name":"Early"}}]}\n'));
  await until("the first row is there", async () => {
    return (await runClient(["inventory", "get", "Early"], { server: server.address })).code === 0;
  });
  call.kill("SIGINT");
  assertEquals((await call.end()).code, 130);
});
