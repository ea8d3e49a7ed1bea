import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Batches, Code, deadline, fail, type Invoke, RpcError, SUCCESS } from "../../../lib/rpc/mod.ts";
import { BIDI, CLIENT_STREAM, collect, KINDS, newCall, SERVER_STREAM, UNARY } from "../../helpers/calls.ts";

const never = new Promise<never>(() => {});
const hanging: Invoke = () => never;

/** Batches that never come. */
async function* silence(): AsyncGenerator<readonly never[]> {
  await never;
  yield [];
}

Deno.test("a deadline ends a call of any kind whose handler does not listen", async () => {
  for (const path of KINDS) {
    const call = newCall(path, { timeoutMs: 20 });
    const error = await assertRejects(() => deadline(hanging)(call, silence()), RpcError);
    assertEquals([error.code, (call.signal.reason as RpcError).code], [Code.DEADLINE_EXCEEDED, Code.DEADLINE_EXCEEDED]);
    call.end(SUCCESS);
  }
});

/** A batch each millisecond. */
async function* endless(): AsyncGenerator<readonly number[]> {
  for (;;) {
    yield [1];
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("a deadline ends a stream that has begun, in silence and between messages", async () => {
  for (const path of [SERVER_STREAM, BIDI]) {
    for (const batches of [endless, silence]) {
      const call = newCall(path, { timeoutMs: 30 });
      const output = await deadline(() => Promise.resolve(batches()))(call, silence()) as Batches<number>;
      assertEquals((await assertRejects(() => collect(output), RpcError)).code, Code.DEADLINE_EXCEEDED);
      call.end(SUCCESS);
    }
  }
});

Deno.test("a deadline reaches a handler that reads requests", async () => {
  const call = newCall(CLIENT_STREAM, { timeoutMs: 20 });
  let caught: unknown;
  const reading: Invoke = async (_, input) => {
    try {
      return await collect(input as Batches<unknown>);
    } catch (error) {
      caught = error;
      throw error;
    }
  };
  await assertRejects(() => deadline(reading)(call, silence()), RpcError);
  assertEquals((caught as RpcError).code, Code.DEADLINE_EXCEEDED);
  call.end(SUCCESS);
});

Deno.test("a call that ends in time stops its timer", async () => {
  const call = newCall(UNARY, { timeoutMs: 30 });
  assertEquals(await deadline(() => Promise.resolve({ name: "X" }))(call, {}), { name: "X" });
  call.end(SUCCESS);
  // A timer that ran on would be reported as a leak, and would abort.
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(!call.signal.aborted);
});

Deno.test("a caller that goes away ends a call without a deadline", async () => {
  for (const path of [SERVER_STREAM, CLIENT_STREAM, BIDI]) {
    let goAway = () => {};
    const call = newCall(path, { onCancel: (cancelled) => goAway = cancelled });
    const ended = assertRejects(() => deadline(hanging)(call, silence()), RpcError);
    goAway();
    assertEquals((await ended).code, Code.CANCELLED);
    call.end(SUCCESS);
  }
});

Deno.test("only the first reason to end a call counts", () => {
  const call = newCall(UNARY);
  call.abort(fail("CANCELLED", {}));
  call.abort(fail("SHUTTING_DOWN", {}));
  assertEquals((call.signal.reason as RpcError).code, Code.CANCELLED);
});
