/**
 * The wires by hand: plain curl, and frames made here, sent by fetch.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { curl, whyNoCurl } from "./helpers/curl.ts";
import { allFrames, framed, framesOf } from "./helpers/frames.ts";
import { type ServerProcess, startServer } from "./helpers/server.ts";
import { contractSchema } from "./helpers/steward.ts";
import { until } from "./helpers/wait.ts";

const JSON_TYPE = ["-H", "content-type: application/json"];
const ORIGIN = "https://shop.example";

/** A test that needs curl is ignored where there is none. */
function testWithCurl(sentence: string, fn: (server: ServerProcess) => Promise<void>, args: readonly string[] = []) {
  Deno.test({
    name: whyNoCurl === null ? sentence : `${sentence} (ignored: ${whyNoCurl})`,
    ignore: whyNoCurl !== null,
    fn: () => withServer(fn, args),
  });
}

function test(sentence: string, fn: (server: ServerProcess) => Promise<void>, args: readonly string[] = []) {
  Deno.test(sentence, () => withServer(fn, args));
}

async function withServer(use: (server: ServerProcess) => Promise<void>, args: readonly string[]): Promise<void> {
  await using server = await startServer({ args });
  await use(server);
}

const post = ({ address }: ServerProcess, method: string, request: object, ...flags: string[]) =>
  curl(...JSON_TYPE, ...flags, "-d", JSON.stringify(request), `http://${address}/${method}`);

const ask = async (server: ServerProcess, method: string, request: object) => {
  const { status, headers, body, json } = await post(server, method, request);
  assertEquals([status, headers.get("content-type")], [200, "application/json"], body);
  return json();
};

const addWidget = (server: ServerProcess) =>
  fetch(`http://${server.address}/inventory.Inventory/AddItem`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Widget", quantity: 100, price: 9.99 }),
  }).then((response) => response.json());

testWithCurl("curl with JSON calls every unary method of the inventory", async (server) => {
  const inventory = (method: string, request: object) => ask(server, `inventory.Inventory/${method}`, request);
  const added = await inventory("AddItem", { name: "Widget", quantity: 100, price: 9.99, tags: ["a"] });
  assertEquals([added.name, added.status, added.item.revision], ["Widget", "created", "1"]);
  const got = await inventory("GetItem", { name: "Widget" });
  assertEquals([got.name, got.quantity, got.price, got.tags], ["Widget", 100, 9.99, ["a"]]);
  assertMatch(got.createdAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const updated = await inventory("UpdateItem", {
    item: { name: "Widget", price: 0.1 },
    updateMask: "price",
    etag: got.etag,
  });
  assertEquals([updated.item.price, updated.item.quantity], [0.1, 100]);
  const adjusted = await inventory("AdjustStock", { name: "Widget", delta: -40, reason: "sold", reference: "A1" });
  assertEquals([adjusted.item.quantity, adjusted.movement.delta, adjusted.movement.id], [60, -40, "2"]);
  const removed = await inventory("RemoveItem", { name: "Widget" });
  assertEquals(removed.item.quantity, 60);
  const { movements } = await inventory("ListMovements", { name: "Widget" });
  assertEquals(movements.map(({ reason, delta }: { reason: string; delta: number }) => [reason, delta]), [
    ["removed", -60],
    ["sold", -40],
    ["added", 100],
  ]);
  const page = await inventory("ListMovements", { name: "Widget", pageSize: 2 });
  const rest = await inventory("ListMovements", { name: "Widget", pageSize: 2, pageToken: page.nextPageToken });
  assertEquals([page.movements.length, rest.movements.length, rest.nextPageToken], [2, 1, undefined]);
});

testWithCurl("curl with JSON calls every unary method of the tasks", async (server) => {
  const tasks = (method: string, request: object) => ask(server, `taskmanager.TaskManager/${method}`, request);
  const { task } = await tasks("CreateTask", {
    title: "Mend the pump",
    description: "It drips",
    priority: "TASK_PRIORITY_HIGH",
    team: "workshop",
    dueAt: "2030-01-02T03:04:05Z",
  });
  assertEquals([task.title, task.status, task.team], ["Mend the pump", "TASK_STATUS_TODO", "workshop"]);
  const { id } = task;
  assertEquals(await tasks("GetTask", { id }), { task });
  const updated = await tasks("UpdateTask", { id, status: "TASK_STATUS_DONE" });
  assertEquals([updated.task.status, updated.task.title], ["TASK_STATUS_DONE", "Mend the pump"]);
  await tasks("CreateTask", { title: "Second" });
  const done = await tasks("ListTasks", { filter: "status = DONE" });
  assertEquals(done, { tasks: [updated.task] });
  assertEquals(await tasks("DeleteTask", { id }), { task: updated.task });
  const { tasks: left } = await tasks("ListTasks", {});
  assertEquals(left.map(({ title }: { title: string }) => title), ["Second"]);
});

testWithCurl("curl asks by GET what has no side effects, and nothing else", async (server) => {
  await addWidget(server);
  const get = (method: string, request: object) => {
    const message = `message=${JSON.stringify(request)}`;
    return curl("-G", "-d", "encoding=json", "--data-urlencode", message, `http://${server.address}/${method}`);
  };
  const item = await get("inventory.Inventory/GetItem", { name: "Widget" });
  assertEquals([item.status, item.json().quantity], [200, 100]);
  assertStringIncludes(item.headers.get("vary")!, "accept-encoding");
  const movements = await get("inventory.Inventory/ListMovements", {});
  assertEquals(movements.json().movements.length, 1);
  const tasks = await get("taskmanager.TaskManager/ListTasks", {});
  assertEquals([tasks.status, tasks.json()], [200, {}]);
  const task = await get("taskmanager.TaskManager/GetTask", { id: "none" });
  assertEquals([task.status, task.json().code], [404, "not_found"]);
  const base64 = Buffer.from('{"name":"Widget"}').toString("base64url");
  const coded = await curl(
    `http://${server.address}/inventory.Inventory/GetItem?connect=v1&encoding=json&base64=1&message=${base64}`,
  );
  assertEquals(coded.json().name, "Widget");
  const writing = await get("inventory.Inventory/RemoveItem", { name: "Widget" });
  assertEquals([writing.status, writing.headers.get("allow")], [405, "POST"]);
  assertEquals((await get("inventory.Inventory/GetItem", { name: "Widget" })).status, 200);
});

testWithCurl(
  "curl gets errors as JSON, with the HTTP status that goes with the code and readable details",
  async (server) => {
    await addWidget(server);
    const cases: [method: string, request: object, status: number, code: string, message: RegExp, reason: string][] = [
      ["inventory.Inventory/GetItem", { name: "X" }, 404, "not_found", /^item 'X' not found$/, "ITEM_NOT_FOUND"],
      ["inventory.Inventory/AddItem", { name: "Widget" }, 409, "already_exists", /already exists/, "ITEM_EXISTS"],
      ["inventory.Inventory/RemoveItem", { name: "Widget", etag: "9" }, 409, "aborted", /etag/, "ETAG_MISMATCH"],
      [
        "inventory.Inventory/AdjustStock",
        { name: "Widget", delta: -101 },
        400,
        "failed_precondition",
        /not enough/,
        "STOCK_SHORT",
      ],
      [
        "taskmanager.TaskManager/CreateTask",
        { title: "" },
        400,
        "invalid_argument",
        /^Title is required$/,
        "INVALID_REQUEST",
      ],
      ["inventory.Inventory/GetItem", { name: 7 }, 400, "invalid_argument", /name/, "MALFORMED_MESSAGE"],
    ];
    for (const [method, request, status, code, message, reason] of cases) {
      const answer = await post(server, method, request);
      const error = answer.json();
      assertEquals([answer.status, error.code, answer.headers.get("content-type")], [status, code, "application/json"]);
      assertMatch(error.message, message);
      const [info] = error.details;
      assertEquals([info.type, info.debug.reason, info.debug.domain], ["google.rpc.ErrorInfo", reason, "steward"]);
      const read = contractSchema().codec("google.rpc.ErrorInfo").decode(Buffer.from(info.value, "base64"));
      assertEquals((read as { reason: string }).reason, reason);
    }
    const wrong = await post(server, "inventory.Inventory/AddItem", { name: "", quantity: -1, price: -1 });
    const fields = wrong.json().details.find(({ type }: { type: string }) => type === "google.rpc.BadRequest");
    assertEquals(fields.debug.fieldViolations.map(({ field }: { field: string }) => field), [
      "name",
      "quantity",
      "price",
    ]);
  },
);

testWithCurl("curl is told what to do when it is wrong about a path, a verb, a type or a stream", async (server) => {
  const to = (path: string) => `http://${server.address}${path}`;
  const nowhere = await curl(to("/nothing"));
  assertEquals(nowhere.status, 404);
  assertStringIncludes(nowhere.body, "/package.Service/Method");
  const unknown = await post(server, "inventory.Inventory/Nothing", {});
  assertEquals([unknown.status, unknown.json().code], [404, "unimplemented"]);
  assertStringIncludes(unknown.json().message, "inventory.Inventory/Nothing");
  for (const [verb, path] of [["GET", "AddItem"], ["PUT", "GetItem"], ["DELETE", "RemoveItem"]] as const) {
    const answer = await curl("-X", verb, to(`/inventory.Inventory/${path}`));
    assertEquals([answer.status, answer.headers.get("allow")], [405, "POST"], verb);
  }
  // What curl says of -d when nobody tells it the type.
  const form = await curl("-d", "{}", to("/inventory.Inventory/GetItem"));
  assertEquals(form.status, 415);
  assertStringIncludes(form.headers.get("accept-post")!, "application/json");
  const stream = await post(server, "inventory.Inventory/ListItems", {});
  assertEquals([stream.status, stream.json().code], [501, "unimplemented"]);
  assertStringIncludes(stream.json().message, "ListItems streams: call it with content-type application/connect+json");
});

testWithCurl("curl speaks HTTP/1.1 and h2c, with prior knowledge", async (server) => {
  await addWidget(server);
  const first = await post(server, "inventory.Inventory/GetItem", { name: "Widget" }, "--http1.1");
  const second = await post(server, "inventory.Inventory/GetItem", { name: "Widget" }, "--http2-prior-knowledge");
  assertEquals([first.httpVersion, first.status], ["1.1", 200]);
  assertEquals([second.httpVersion, second.status], ["2", 200]);
  assertEquals(first.body, second.body);
});

testWithCurl(
  "curl gets long answers compressed when it asks for that, and may compress what it sends",
  async (server) => {
    const description = "long ".repeat(1000);
    await ask(server, "taskmanager.TaskManager/CreateTask", { title: "Long", description });
    const request = ["taskmanager.TaskManager/ListTasks", {}] as const;
    const plain = await post(server, ...request);
    const packed = await post(server, ...request, "--compressed");
    assertEquals([plain.headers.get("content-encoding"), packed.headers.get("content-encoding")], [null, "gzip"]);
    assertEquals(packed.body, plain.body);
    assert(Number(packed.headers.get("content-length")) < Number(plain.headers.get("content-length")) / 5);
    const body = new Blob(['{"title":"Packed"}']).stream().pipeThrough(new CompressionStream("gzip"));
    const sent = await fetch(`http://${server.address}/taskmanager.TaskManager/CreateTask`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: await new Response(body).bytes(),
    });
    assertEquals([sent.status, (await sent.json()).task.title], [200, "Packed"]);
    const odd = await post(server, ...request, "-H", "content-encoding: br");
    assertEquals([odd.status, odd.json().code], [501, "unimplemented"]);
    assertStringIncludes(odd.json().message, "br");
  },
);

const streamed = (
  server: ServerProcess,
  method: string,
  request: object,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) =>
  fetch(`http://${server.address}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/connect+json", "connect-protocol-version": "1", ...headers },
    body: framed(JSON.stringify(request)),
    ...(signal && { signal }),
  });

test("a stream by application/connect+json is framed JSON that ends with its status", async (server) => {
  await addWidget(server);
  const listed = await streamed(server, "inventory.Inventory/ListItems", {});
  assertEquals([listed.status, listed.headers.get("content-type")], [200, "application/connect+json"]);
  const frames = await Array.fromAsync(framesOf(listed.body!));
  assertEquals(frames.map(({ flags }) => flags), [0, 2]);
  assertEquals([JSON.parse(frames[0]!.text).name, JSON.parse(frames[1]!.text)], ["Widget", {}]);

  const failed = await streamed(server, "inventory.Inventory/ListItems", { filter: "price >" });
  const [end, ...more] = await Array.fromAsync(framesOf(failed.body!));
  const { error } = JSON.parse(end!.text);
  assertEquals([failed.status, end!.flags, more.length, error.code], [200, 2, 0, "invalid_argument"]);
  assertEquals(error.details[0].debug.reason, "INVALID_REQUEST");

  const unknown = await streamed(server, "inventory.Inventory/Nothing", {});
  const [told] = await Array.fromAsync(framesOf(unknown.body!));
  assertEquals(JSON.parse(told!.text).error.code, "unimplemented");
  const single = await streamed(server, "inventory.Inventory/GetItem", { name: "Widget" });
  const [hint] = await Array.fromAsync(framesOf(single.body!));
  assertStringIncludes(
    JSON.parse(hint!.text).error.message,
    "does not stream: call it with content-type application/json",
  );
});

test("a watch by application/connect+json ends when its deadline passes", async (server) => {
  const watch = await streamed(server, "inventory.Inventory/WatchItems", {}, { "connect-timeout-ms": "200" });
  const [end] = await Array.fromAsync(framesOf(watch.body!));
  assertEquals([end!.flags, JSON.parse(end!.text).error.code], [2, "deadline_exceeded"]);
});

test("a watch by application/connect+json gives each change while it stays open", async (server) => {
  const abort = new AbortController();
  const watch = await streamed(server, "inventory.Inventory/WatchItems", {}, {}, abort.signal);
  const events = framesOf(watch.body!);
  await addWidget(server);
  const { value } = await events.next();
  const { events: [event], revision } = JSON.parse(value!.text);
  assertEquals([event.eventType, event.item.name, revision], ["ITEM_EVENT_TYPE_ADDED", "Widget", "1"]);
  abort.abort();
  await events.next().catch(() => {});
  await until("the watch is gone", async () => (await metrics(server)).get("steward_store_watchers") === 0);
});

test("rows are imported by a stream of application/connect+json", async (server) => {
  const rows = ["A", "B", "A"].map((name) => framed(JSON.stringify({ rows: [{ item: { name, quantity: 1 } }] })));
  const response = await fetch(`http://${server.address}/inventory.Inventory/ImportItems`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body: Buffer.concat(rows),
  });
  const [summary, end] = (await Array.fromAsync(framesOf(response.body!))).map(({ text }) => JSON.parse(text));
  assertEquals([summary.created, summary.failed, end], ["2", "1", {}]);
  assertEquals(summary.outcomes.map(({ line, reason }: { line: string; reason: string }) => [line, reason]), [
    ["3", "ITEM_EXISTS"],
  ]);
});

for (const text of [false, true]) {
  const type = text ? "application/grpc-web-text" : "application/grpc-web+proto";
  const call = async (server: ServerProcess, method: string, message: Uint8Array) => {
    const request = Buffer.from(framed(message));
    const response = await fetch(`http://${server.address}/${method}`, {
      method: "POST",
      headers: { "content-type": type, "x-grpc-web": "1" },
      body: text ? request.toString("base64") : request,
    });
    const body = await response.bytes();
    assertEquals([response.status, response.headers.get("content-type")], [200, type]);
    // Each piece is base64 for itself, so padding stands within the text.
    const decoded = text
      ? Buffer.concat(Buffer.from(body).toString().split(/(?<==)(?=[^=])/).map((part) => Buffer.from(part, "base64")))
      : body;
    const frames = await allFrames(Uint8Array.from(decoded));
    const last = frames.at(-1)!;
    assertEquals(last.flags, 0x80, "the trailers come last");
    const trailers = new Headers(last.text.trim().split("\r\n").map((line) => line.split(": ", 2) as [string, string]));
    return { messages: frames.slice(0, -1), trailers };
  };
  const codec = (type: string) => contractSchema().codec(type);

  test(`frames made by hand get their answers by ${type}`, async (server) => {
    const name = codec("inventory.GetItemRequest").encode({ name: "Widget" });
    const missing = await call(server, "inventory.Inventory/GetItem", name);
    assertEquals([missing.messages.length, missing.trailers.get("grpc-status")], [0, "5"]);
    assertEquals(missing.trailers.get("grpc-message"), "item 'Widget' not found");
    const status = codec("google.rpc.Status").decode(
      Buffer.from(missing.trailers.get("grpc-status-details-bin")!, "base64"),
    ) as { details: { type_url: string }[] };
    assertEquals(status.details[0]!.type_url, "type.googleapis.com/google.rpc.ErrorInfo");
    await addWidget(server);
    const got = await call(server, "inventory.Inventory/GetItem", name);
    assertEquals(got.trailers.get("grpc-status"), "0");
    const item = codec("inventory.GetItemResponse").decode(got.messages[0]!.bytes) as { name: string; price: number };
    assertEquals([got.messages.length, item.name, item.price], [1, "Widget", 9.99]);
    const listed = await call(server, "inventory.Inventory/ListItems", new Uint8Array());
    assertEquals([listed.messages.length, listed.trailers.get("grpc-status")], [1, "0"]);
  });
}

testWithCurl("a preflight is answered for the origins that may call", async (server) => {
  const preflight = (origin: string) =>
    curl(
      ...["-X", "OPTIONS", "-H", `origin: ${origin}`, "-H", "access-control-request-method: POST"],
      ...["-H", "access-control-request-headers: content-type,connect-protocol-version,x-own"],
      `http://${server.address}/inventory.Inventory/GetItem`,
    );
  const allowed = await preflight(ORIGIN);
  assertEquals([allowed.status, allowed.headers.get("access-control-allow-origin")], [204, ORIGIN]);
  assertEquals(allowed.headers.get("access-control-allow-methods"), "GET, POST");
  assertEquals(allowed.headers.get("access-control-allow-headers"), "content-type,connect-protocol-version,x-own");
  assert(Number(allowed.headers.get("access-control-max-age")) > 0);
  assertStringIncludes(allowed.headers.get("vary")!, "origin");
  for (const origin of ["https://other.example", "http://shop.example", `${ORIGIN}.evil.example`, "null"]) {
    const refused = await preflight(origin);
    assertEquals(refused.headers.get("access-control-allow-origin"), null, origin);
    assertEquals(refused.headers.get("access-control-allow-methods"), null, origin);
  }
  const called = await post(server, "inventory.Inventory/GetItem", { name: "X" }, "-H", `origin: ${ORIGIN}`);
  assertEquals(called.headers.get("access-control-allow-origin"), ORIGIN, "also when the call fails");
  assertEquals(called.headers.get("access-control-expose-headers"), "*");
  const other = await post(server, "inventory.Inventory/GetItem", { name: "X" }, "-H", "origin: https://other.example");
  assertEquals(other.headers.get("access-control-allow-origin"), null);
}, ["--cors-origins", `${ORIGIN},http://localhost:8080`]);

testWithCurl("no page of another origin may call unless the server is told so", async (server) => {
  const origin = ["-H", `origin: ${ORIGIN}`];
  const url = `http://${server.address}/inventory.Inventory/GetItem`;
  const asked = await curl("-X", "OPTIONS", ...origin, "-H", "access-control-request-method: POST", url);
  assertEquals(asked.headers.get("access-control-allow-origin"), null);
  const called = await curl(...origin, ...JSON_TYPE, "-d", "{}", url);
  assertEquals(called.headers.get("access-control-allow-origin"), null);
});

testWithCurl("every page may call with --cors-origins '*'", async (server) => {
  const called = await post(server, "inventory.Inventory/GetItem", { name: "X" }, "-H", `origin: ${ORIGIN}`);
  assertEquals(called.headers.get("access-control-allow-origin"), "*");
}, ["--cors-origins", "*"]);

testWithCurl(
  "/healthz and /readyz say that all is well, and /readyz says 503 while the server drains",
  async (server) => {
    const page = async (path: string) => {
      const { status, body } = await curl(`http://${server.address}${path}`);
      return [status, body];
    };
    assertEquals(await page("/healthz"), [200, "ok\n"]);
    assertEquals(await page("/readyz"), [200, "ok\n"]);
    // A call whose request does not end holds the server up.
    const open = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    const head = "POST /inventory.Inventory/GetItem HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    const request = '{"name":"X"}';
    await open.write(new TextEncoder().encode(`${head}content-length: ${request.length}\r\n\r\n{`));
    await until("the call runs", async () => (await metrics(server)).get("steward_calls_in_flight") === 1);
    server.process.kill("SIGTERM");
    await until("the server drains", async () => (await page("/readyz"))[0] === 503);
    assertEquals(await page("/readyz"), [503, "not serving: shutdown\n"]);
    assertEquals(await page("/healthz"), [200, "ok\n"]);
    const refused = await post(server, "inventory.Inventory/GetItem", { name: "X" });
    assertEquals([refused.status, refused.json().code], [503, "unavailable"]);
    await open.write(new TextEncoder().encode(request.slice(1)));
    const answer = await new Response(open.readable).text();
    assertMatch(answer, /^HTTP\/1\.1 404 .*item 'X' not found/s);
    assertEquals((await server.process.end()).code, 0);
  },
  ["--grace", "20s"],
);

test("/metrics is what Prometheus reads, and its figures move", async (server) => {
  const before = await metrics(server);
  assertEquals(before.get("steward_store_revision"), 0);
  assertEquals(before.get("steward_store_watchers"), 0);
  assert(before.get("process_resident_memory_bytes")! > 1e7);
  await addWidget(server);
  await addWidget(server);
  const abort = new AbortController();
  const watch = await streamed(server, "inventory.Inventory/WatchItems", {}, {}, abort.signal);
  const after = await metrics(server);
  const method = 'method="/inventory.Inventory/AddItem"';
  assertEquals(after.get(`steward_calls_total{${method},code="OK"}`), 1);
  assertEquals(after.get(`steward_calls_total{${method},code="ALREADY_EXISTS"}`), 1);
  assertEquals(after.get(`steward_call_seconds_count{${method}}`), 2);
  assert(after.get(`steward_call_seconds_sum{${method}}`)! > 0);
  assert(after.get(`steward_message_bytes_total{${method},direction="in"}`)! > 20);
  assert(after.get(`steward_message_bytes_total{${method},direction="out"}`)! > 20);
  assert(after.get("steward_commit_seconds_count")! >= 1);
  assert(after.get("steward_commit_operations_sum")! >= 1);
  assertEquals(after.get("steward_store_revision"), 1);
  assertEquals(after.get("steward_store_watchers"), 1);
  assertEquals(after.get("steward_calls_in_flight"), 1);
  abort.abort();
  await watch.body!.cancel().catch(() => {});
  await until("the watch is gone", async () => (await metrics(server)).get("steward_calls_in_flight") === 0);
});

/** The samples by name and labels. @throws When a line is none. */
async function metrics({ address }: ServerProcess): Promise<Map<string, number>> {
  const response = await fetch(`http://${address}/metrics`);
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of (await response.text()).split("\n")) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (type) typed.add(type[1]!);
    if (line === "" || line.startsWith("#")) continue;
    const [, name, labels = "", value] = /^([a-z_]+)(\{[^}]*\})? (\S+)$/.exec(line) ?? [];
    assert(name !== undefined && !Number.isNaN(Number(value)), line);
    assert(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, "")), `${name} has no type`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}
