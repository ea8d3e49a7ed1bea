/**
 * What the client puts on the wire, and what it makes of what comes back.
 *
 * @module
 */
import { create, fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runClient } from "../helpers/client.ts";
import { contract, message } from "../helpers/contract.ts";
import { ROOT } from "../helpers/process.ts";
import { wireServer } from "../helpers/wire.ts";

const NOT_FOUND = 5;
const UNAVAILABLE = 14;
const CERT = `${ROOT}tests/fixtures/tls/cert.pem`;

function certificate() {
  return { cert: Deno.readTextFileSync(CERT), key: Deno.readTextFileSync(`${ROOT}tests/fixtures/tls/key.pem`) };
}

for (
  const args of [["inventory", "get", "x"], ["inventory", "add", "x"], ["tasks", "update", "x", "--status", "done"]]
) {
  Deno.test(`${args.slice(0, 2).join(" ")} is tried again on UNAVAILABLE, the same request each time`, async () => {
    await using server = wireServer((before) => ({ code: before < 2 ? UNAVAILABLE : NOT_FOUND }));
    const { code } = await runClient(args, { server: server.address });
    assertEquals(code, 64 + NOT_FOUND);
    assertEquals(server.seen.length, 3);
    for (const { body } of server.seen) assertEquals(body, server.seen[0]!.body);
  });
}

Deno.test("an import, which has no request_id, is not tried again", async () => {
  await using server = wireServer(() => ({ code: UNAVAILABLE }));
  const { code } = await runClient(["inventory", "import", "-"], { server: server.address, stdin: "name\na\n" });
  assertEquals([code, server.seen.length], [64 + UNAVAILABLE, 1]);
});

Deno.test("two mutations have different request ids", async () => {
  await using server = wireServer(() => ({ code: NOT_FOUND }));
  for (let round = 0; round < 2; round++) await runClient(["inventory", "remove", "x"], { server: server.address });
  const [first, second] = server.seen.map(({ body }) => new TextDecoder().decode(body));
  assert(first !== second);
});

Deno.test("metadata, token, deadline and compression go with the call", async () => {
  await using server = wireServer(() => ({ code: NOT_FOUND }));
  const args = ["inventory", "get", "x", "-H", "x-shop: north", "--deadline", "5s", "--gzip"];
  await runClient(args, { server: server.address, env: { STEWARD_TOKEN: "secret" } });
  const { headers, path } = server.seen[0]!;
  assertEquals(path, "/inventory.Inventory/GetItem");
  assertEquals(headers.get("x-shop"), "north");
  assertEquals(headers.get("authorization"), "Bearer secret");
  assertEquals(headers.get("grpc-encoding"), "gzip");
  assert(/^\d+[mSn]$/.test(headers.get("grpc-timeout") ?? ""), headers.get("grpc-timeout") ?? "none");
});

Deno.test("several servers take turns", async () => {
  await using one = wireServer(() => ({ code: 0 }));
  await using two = wireServer(() => ({ code: 0 }));
  const requests = '{"service":"a"}'.repeat(6);
  // A watch may end without any message, so each of these calls succeeds.
  const { code } = await runClient(["health", "watch", "-d", requests], { server: `${one.address},${two.address}` });
  assertEquals([code, one.seen.length + two.seen.length], [0, 6]);
  assert(one.seen.length >= 2 && two.seen.length >= 2, `${one.seen.length} and ${two.seen.length}`);
});

Deno.test("every standard detail of a status is shown", async () => {
  const { registry } = contract();
  const details: [string, JsonObject][] = [
    ["BadRequest", { fieldViolations: [{ field: "price", description: "is too high" }] }],
    ["PreconditionFailure", { violations: [{ type: "STOCK_SHORT", subject: "Bolt", description: "needs 4, has 3" }] }],
    ["QuotaFailure", { violations: [{ subject: "user 7", description: "too many calls" }] }],
    ["ErrorInfo", { reason: "ODD", domain: "steward", metadata: { name: "Bolt" } }],
    ["RetryInfo", { retryDelay: "1.5s" }],
    ["ResourceInfo", { resourceType: "inventory.Item", resourceName: "Bolt", description: "gone" }],
    ["RequestInfo", { requestId: "r-1" }],
    ["Help", { links: [{ description: "the manual", url: "https://example.org/manual" }] }],
    ["LocalizedMessage", { locale: "de", message: "Leider nein" }],
    ["DebugInfo", { detail: "deep", stackEntries: ["at a", "at b"] }],
  ];
  const status = create(message("google.rpc.Status"), {
    code: NOT_FOUND,
    details: [
      ...details.map(([name, json]) => {
        const type = message(`google.rpc.${name}`);
        return anyPack(type, fromJson(type, json, { registry }));
      }),
      { $typeName: "google.protobuf.Any", typeUrl: "type.googleapis.com/foreign.Thing", value: new Uint8Array(3) },
    ],
  });
  const bytes = toBinary(message("google.rpc.Status"), status);
  await using server = wireServer(() => ({ code: NOT_FOUND, message: "no Bolt", details: bytes }));
  const { stderr } = await runClient(["inventory", "get", "Bolt"], { server: server.address });
  assertEquals(
    stderr,
    [
      "error: GetItem: no Bolt (NOT_FOUND)",
      "  price: is too high",
      "  Bolt: needs 4, has 3 (STOCK_SHORT)",
      "  user 7: too many calls",
      "  reason: ODD (steward) name=Bolt",
      "  try again in 1.500s",
      "  resource: inventory.Item 'Bolt': gone",
      "  request id: r-1",
      "  the manual: https://example.org/manual",
      "  Leider nein (de)",
      "  deep",
      "  at a",
      "  at b",
      "  foreign.Thing: 3 bytes that this client cannot read",
      "",
    ].join("\n"),
  );
});

Deno.test("the exit code is 64 and the status", async () => {
  for (let status = 1; status <= 16; status++) {
    await using server = wireServer(() => ({ code: status, message: "because" }));
    const { code, stderr } = await runClient(["inventory", "import-items", "-d", "{}"], { server: server.address });
    assertEquals(code, 64 + status);
    assertStringIncludes(stderr, "ImportItems: because");
  }
});

Deno.test("plaintext against TLS, TLS against plaintext and an unknown authority are told apart", async () => {
  await using open = wireServer(() => ({ code: NOT_FOUND }));
  await using closed = wireServer(() => ({ code: NOT_FOUND }), certificate());
  const said = async (server: string, ...flags: string[]) => {
    const { code, stderr } = await runClient(["inventory", "get", "x", ...flags], { server });
    assertEquals(code, 64 + UNAVAILABLE);
    return stderr;
  };
  assertStringIncludes(await said(closed.address), `hint: ${closed.address} speaks TLS: add --tls`);
  assertStringIncludes(await said(open.address, "--tls"), `hint: ${open.address} does not speak TLS`);
  assertStringIncludes(await said(closed.address, "--tls"), "name the authority that signed it with --ca");
});

Deno.test("a certificate holds for the address as for the name it was made for, and for no other", async () => {
  await using server = wireServer(() => ({ code: NOT_FOUND }), certificate());
  const port = server.address.split(":")[1]!;
  const code = async (address: string) =>
    (await runClient(["inventory", "get", "x", "--ca", CERT], { server: address })).code;
  assertEquals(await code(`127.0.0.1:${port}`), 64 + NOT_FOUND);
  assertEquals(await code(`https://localhost:${port}`), 64 + NOT_FOUND);
  assertEquals(await code(`127.0.0.1:${port},localhost:${port}`), 64 + NOT_FOUND);
});

Deno.test("a certificate for another name is refused", async () => {
  await using server = wireServer(() => ({ code: NOT_FOUND }), certificate());
  const port = server.address.split(":")[1]!;
  // An IPv4 address in another spelling: it leads there, and no certificate has it as a name.
  const { code, stderr } = await runClient(["inventory", "get", "x", "--ca", CERT], { server: `127.1:${port}` });
  assertEquals(code, 64 + UNAVAILABLE);
  assertStringIncludes(stderr, "127.1");
  assertEquals(server.seen.length, 0);
});
