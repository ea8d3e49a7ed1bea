import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../../lib/log/logger.ts";
import { Code, errors, fail, type Invoke, RpcError } from "../../../lib/rpc/mod.ts";
import { BIDI, collect, newCall, SERVER_STREAM, UNARY } from "../../helpers/calls.ts";

class Known extends Error {}

function around(next: Invoke): { invoke: Invoke; log: string[] } {
  const log: string[] = [];
  const logger = createLogger({
    format: "json",
    level: "debug",
    color: false,
    write: (text) => log.push(...text.trim().split("\n")),
    now: () => 0,
  });
  const translate = (error: unknown) => error instanceof Known ? fail("ITEM_NOT_FOUND", { name: "X" }) : undefined;
  return { invoke: errors({ logger, translate })(next), log };
}

async function failure(thrown: unknown, path = UNARY) {
  const { invoke, log } = around(() => {
    throw thrown;
  });
  const call = newCall(path);
  call.requestId = "id-7";
  const error = await assertRejects(() => invoke(call, {}), RpcError);
  return { error, log };
}

Deno.test("an RpcError and one that is known below pass with the request id, and are not logged as faults", async () => {
  for (const thrown of [new RpcError(Code.ABORTED, "again"), new Known()]) {
    const { error, log } = await failure(thrown);
    assertEquals(error.code, thrown instanceof Known ? Code.NOT_FOUND : Code.ABORTED);
    assertEquals(error.details.at(-1), { type: "google.rpc.RequestInfo", value: { request_id: "id-7" } });
    assertEquals(log, []);
  }
});

Deno.test("anything else is INTERNAL with the id and nothing more; the log has the rest", async () => {
  for (const thrown of [new TypeError("a secret"), "a secret", { secret: 1 }, undefined]) {
    const { error, log } = await failure(thrown);
    assertEquals([error.code, error.message], [Code.INTERNAL, "internal error (request id-7)"]);
    assert(!JSON.stringify(error.details).includes("secret"));
    assertEquals(log.length, 1);
    const line = JSON.parse(log[0]!);
    assertEquals([line.level, line.request], ["error", "id-7"]);
    if (thrown instanceof Error) assert(line.error.includes("a secret") && line.error.includes("errors_test"));
  }
});

Deno.test("what a stream throws after messages is answered alike", async () => {
  for (const path of [SERVER_STREAM, BIDI]) {
    const { invoke, log } = around(() =>
      Promise.resolve((async function* () {
        yield [1, 2];
        throw new Error("a secret");
      })())
    );
    const call = newCall(path);
    call.requestId = "id-8";
    const seen: unknown[] = [];
    const output = await invoke(call, {}) as AsyncIterable<readonly unknown[]>;
    const error = await assertRejects(async () => {
      for await (const batch of output) seen.push(...batch);
    }, RpcError);
    assertEquals([seen, error.message], [[1, 2], "internal error (request id-8)"]);
    assertEquals(log.length, 1);
  }
});

Deno.test("a stream that goes well comes through", async () => {
  const { invoke } = around(() =>
    Promise.resolve((async function* () {
      yield [1];
      yield [2, 3];
    })())
  );
  assertEquals(await collect(await invoke(newCall(SERVER_STREAM), {}) as AsyncIterable<readonly number[]>), [1, 2, 3]);
});
