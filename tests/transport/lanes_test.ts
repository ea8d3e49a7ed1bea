/**
 * What every lane must do, run against each of them: one contract, two implementations.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { status } from "@grpc/grpc-js";
import { listenGrpcJs } from "../../lib/transport/grpc_js.ts";
import { listenNative } from "../../lib/transport/native.ts";
import { type EchoServer, type Listen, startEcho, UNENCODABLE } from "../helpers/echo.ts";
import { detailsOf, TestClient } from "../helpers/grpc_client.ts";
import { until } from "../helpers/wait.ts";

const LANES: Record<string, Listen> = { native: listenNative, "grpc-js": listenGrpcJs };

function laneTest(name: string, body: (server: EchoServer, client: TestClient) => Promise<void>) {
  for (const [lane, listen] of Object.entries(LANES)) {
    Deno.test(`${lane} lane: ${name}`, async () => {
      const server = await startEcho(listen);
      const client = new TestClient(server.address, server.schema);
      try {
        await body(server, client);
      } finally {
        client.close();
        await server.stop();
      }
    });
  }
}

laneTest("a unary call is answered with its message", async (_server, client) => {
  const { messages, status: { code } } = await client.call("echo.Echo/Unary", { text: "hello, wörld" });
  assertEquals(code, status.OK);
  assertEquals(messages[0]!.text, "hello, wörld");
});

laneTest("a server stream comes whole and in order", async (_server, client) => {
  const { messages, status: { code } } = await client.call("echo.Echo/ServerStream", { count: 1000 });
  assertEquals(code, status.OK);
  assertEquals(messages.map(({ number }) => number), Array.from({ length: 1000 }, (_, index) => index + 1));
});

laneTest("an empty server stream ends well", async (_server, client) => {
  const { messages, status: { code } } = await client.call("echo.Echo/ServerStream", { count: 0 });
  assertEquals([messages.length, code], [0, status.OK]);
});

laneTest("a client stream is read to its end", async (_server, client) => {
  const requests = Array.from({ length: 500 }, (_, index) => ({ text: String(index % 10) }));
  const { messages, status: { code } } = await client.call("echo.Echo/ClientStream", requests);
  assertEquals(code, status.OK);
  assertEquals(messages[0]!.number, 500);
  assertEquals(messages[0]!.text, "0123456789".repeat(50));
});

laneTest("an empty client stream is answered", async (_server, client) => {
  const { messages, status: { code } } = await client.call("echo.Echo/ClientStream", []);
  assertEquals([code, messages[0]!.number], [status.OK, 0]);
});

laneTest("a bidirectional stream answers while the client goes on sending", async (_server, client) => {
  const call = client.open("echo.Echo/Bidi");
  for (let turn = 1; turn <= 20; turn++) {
    call.send({ text: `turn ${turn}` });
    await call.count(turn);
    assertEquals(call.messages[turn - 1]!.text, `turn ${turn}`);
  }
  call.finish();
  assertEquals((await call.received).status.code, status.OK);
});

laneTest("metadata goes both ways, text and bytes, in headers and trailers", async (_server, client) => {
  const bytes = Uint8Array.of(0, 1, 127, 128, 255);
  const { headers, status: { metadata } } = await client.call("echo.Echo/Unary", { text: "x" }, {
    metadata: { "echo-text": "plain value", "echo-bytes-bin": bytes },
  });
  assertEquals(headers!.get("echo-text"), ["plain value"]);
  assertEquals([...headers!.get("echo-bytes-bin")[0]!], [...bytes]);
  assertEquals(metadata.get("trailing-echo-text"), ["plain value"]);
  assertEquals([...metadata.get("trailing-echo-bytes-bin")[0]!], [...bytes]);
});

laneTest("an error brings its code, its message in any script and its details", async (server, client) => {
  const text = "100% schiefgegangen: größer als 5 µm, 漢字\nsecond line";
  const { status: ended } = await client.call("echo.Echo/Unary", { fail_code: status.ABORTED, text });
  assertEquals([ended.code, ended.details], [status.ABORTED, text]);
  const details = detailsOf(ended, server.schema);
  assertEquals(details["google.rpc.ErrorInfo"]!.reason, "ASKED");
  assertEquals(details["google.rpc.RequestInfo"]!.request_id, "test-1");
});

laneTest("an error after messages keeps the messages", async (_server, client) => {
  const call = client.open("echo.Echo/Bidi");
  for (const text of ["a", "b", "c"]) call.send({ text });
  // grpc-js drops what it has not handed on when an error arrives, so the error waits for that.
  await call.count(3);
  call.send({ fail_code: status.DATA_LOSS, text: "x" });
  const { messages, status: { code } } = await call.received;
  assertEquals([messages.length, code], [3, status.DATA_LOSS]);
});

laneTest("an error in the middle of a client stream ends the call", async (_server, client) => {
  const requests = [{ text: "a" }, { fail_code: status.OUT_OF_RANGE, text: "b" }, { text: "c" }];
  const { status: { code } } = await client.call("echo.Echo/ClientStream", requests);
  assertEquals(code, status.OUT_OF_RANGE);
});

laneTest(
  "a handler that crashes says INTERNAL and an id, nothing more, and the server goes on",
  async (server, client) => {
    for (const method of ["Unary", "ServerStream", "ClientStream", "Bidi"]) {
      const { status: ended } = await client.call(`echo.Echo/${method}`, { crash: true });
      assertEquals(ended.code, status.INTERNAL);
      assertMatch(ended.details, /^internal error \(request test-\d+\)$/);
      assert(!JSON.stringify(detailsOf(ended, server.schema)).includes("secret"));
    }
    assertEquals((await client.ask("echo.Echo/Unary", { text: "alive" })).text, "alive");
    assert(server.log.lines.some((line) => line.includes("a secret of the server") && line.includes("test-1")));
  },
);

laneTest("an unknown method is UNIMPLEMENTED", async (_server, client) => {
  for (const path of ["echo.Echo/Missing", "echo.Missing/Unary", "nonsense/x"]) {
    assertEquals((await client.call(path)).status.code, status.UNIMPLEMENTED);
  }
});

laneTest("bytes that are no message are INVALID_ARGUMENT", async (server) => {
  const broken = { ...server.schema, services: new Map(server.schema.services) };
  const service = broken.services.get("echo.Echo")!;
  const input = { type: "x", encode: () => Uint8Array.of(0x0a, 0xff), decode: () => ({}) };
  broken.services.set("echo.Echo", { ...service, methods: service.methods.map((method) => ({ ...method, input })) });
  const client = new TestClient(server.address, broken);
  for (const method of ["Unary", "ServerStream", "ClientStream", "Bidi"]) {
    const { status: { code, details } } = await client.call(`echo.Echo/${method}`, {});
    assertEquals(code, status.INVALID_ARGUMENT, method);
    assertMatch(details, /not a valid echo\.EchoRequest/);
  }
  client.close();
});

laneTest("the deadline ends a call and its handler learns of it", async (server, client) => {
  for (const method of ["Unary", "ServerStream", "ClientStream", "Bidi"]) {
    const { status: { code } } = await client.call(`echo.Echo/${method}`, { hang: true }, {
      deadline: Date.now() + 100,
    });
    assertEquals(code, status.DEADLINE_EXCEEDED, method);
  }
  await until("every handler has ended", () => server.log.aborted.length === 4);
});

laneTest("a client that cancels aborts the handler", async (server, client) => {
  for (const [index, method] of ["Unary", "ServerStream", "ClientStream", "Bidi"].entries()) {
    const call = client.open(`echo.Echo/${method}`);
    call.send({ hang: true });
    if (method === "Unary" || method === "ServerStream") call.finish();
    await until("the handler runs", () => server.log.calls.length === index + 1);
    call.cancel();
    assertEquals((await call.received).status.code, status.CANCELLED);
    await until(`${method} was aborted`, () => server.log.aborted.length === index + 1);
  }
  await until("no call is left", () => server.live.size === 0);
});

laneTest("a client that cancels an endless stream stops it", async (server, client) => {
  const call = client.open("echo.Echo/ServerStream");
  call.send({ count: -1 });
  call.finish();
  await call.count(10);
  call.cancel();
  await until("the stream has stopped", () => server.live.size === 0 && server.log.aborted.length === 1);
});

laneTest("a connection that breaks aborts its calls", async (server) => {
  const client = new TestClient(server.address, server.schema);
  const call = client.open("echo.Echo/Unary");
  call.send({ hang: true });
  call.finish();
  await until("the handler runs", () => server.log.calls.length === 1);
  client.close();
  call.cancel();
  await until("the handler was aborted", () => server.log.aborted.length === 1);
});

laneTest("unary calls whose callers have left before the answer are not counted for ever", async (server, client) => {
  const calls = Array.from({ length: 20 }, () => {
    const call = client.open("echo.Echo/Unary");
    call.send({ text: "wait", delay_ms: 50 });
    call.finish();
    return call;
  });
  await until("all run", () => server.log.calls.length === 20);
  for (const call of calls) call.cancel();
  await until("no call is left", () => server.live.size === 0);
});

laneTest("a message above the limit is refused, one at the limit is not", async (_server, client) => {
  const fits = await client.call("echo.Echo/Unary", { payload: new Uint8Array(64 * 1024 - 20) });
  assertEquals(fits.status.code, status.OK);
  for (const method of ["Unary", "ClientStream", "Bidi"]) {
    const { status: { code } } = await client.call(`echo.Echo/${method}`, { payload: new Uint8Array(64 * 1024 + 1) });
    assertEquals(code, status.RESOURCE_EXHAUSTED, method);
  }
});

laneTest("a message that is compressed with gzip is read", async (server) => {
  const client = new TestClient(server.address, server.schema, { "grpc.default_compression_algorithm": 2 });
  const text = "compress me ".repeat(1000);
  assertEquals((await client.ask("echo.Echo/Unary", { text })).text, text);
  const { messages } = await client.call("echo.Echo/ClientStream", [{ text }, { text }]);
  assertEquals(messages[0]!.text, text + text);
  client.close();
});

laneTest("a compressed message that is too large when unpacked is refused", async (server) => {
  const client = new TestClient(server.address, server.schema, { "grpc.default_compression_algorithm": 2 });
  const { status: { code } } = await client.call("echo.Echo/Unary", { payload: new Uint8Array(10 * 1024 * 1024) });
  assertEquals(code, status.RESOURCE_EXHAUSTED);
  client.close();
});

laneTest("headers arrive before the first message", async (_server, client) => {
  const call = client.open("echo.Echo/Bidi", { metadata: { "echo-early": "yes" } });
  await call.headers;
  assertEquals(call.messages.length, 0);
  call.send({ text: "now" });
  await call.count(1);
  call.finish();
  await call.received;
});

laneTest("many calls at once keep apart", async (_server, client) => {
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => client.ask("echo.Echo/Unary", { text: `call ${index}` })),
  );
  assertEquals(answers.map(({ text }) => text), Array.from({ length: 300 }, (_, index) => `call ${index}`));
});

laneTest("draining ends streams with UNAVAILABLE and lets unary calls finish", async (server, client) => {
  const stream = client.open("echo.Echo/ServerStream");
  stream.send({ hang: true });
  stream.finish();
  const unary = client.open("echo.Echo/Unary");
  unary.send({ hang: true });
  unary.finish();
  await until("both run", () => server.live.size === 2);
  assertEquals(await server.live.drain(50), 1);
  assertEquals((await stream.received).status.code, status.UNAVAILABLE);
  assertEquals((await unary.received).status.code, status.UNAVAILABLE);
  assertEquals((await client.call("echo.Echo/Unary", {})).status.code, status.UNAVAILABLE);
});

laneTest("a call that does not listen is cut off too when the grace time is over", async (server, client) => {
  const call = client.open("echo.Echo/Unary");
  call.send({ delay_ms: 700 });
  call.finish();
  await until("it runs", () => server.live.size === 1);
  assertEquals(await server.live.drain(20), 1);
  assertEquals(server.live.size, 0);
  assertEquals((await call.received).status.code, status.UNAVAILABLE);
});

laneTest("what fails while an answer is written is told of with its call, and the caller learns no more", async (
  server,
  client,
) => {
  for (const method of ["Unary", "ServerStream"]) {
    server.log.lines.length = 0;
    const { status: { code, details } } = await client.call(`echo.Echo/${method}`, { text: UNENCODABLE, count: 1 });
    const id = /^internal error \(request (\S+)\)$/.exec(details)?.[1];
    assertEquals(code, status.INTERNAL);
    assertEquals(server.log.lines, [`${id}: TypeError: a bug in a message`]);
  }
});
