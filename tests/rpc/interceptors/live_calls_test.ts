import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Call, Code, LiveCalls, RpcError, SUCCESS } from "../../../lib/rpc/mod.ts";
import { BIDI, CLIENT_STREAM, KINDS, newCall, SERVER_STREAM, UNARY } from "../../helpers/calls.ts";
import { until } from "../../helpers/wait.ts";

/** Begins calls that last until they are ended. */
function begin(live: LiveCalls, ...paths: readonly string[]): Call[] {
  const intercept = live.intercept(() => Promise.resolve({}));
  return paths.map((path) => {
    const call = newCall(path);
    // Asked for here, so that an abort is seen.
    void call.signal;
    void intercept(call, {});
    return call;
  });
}

async function refusal(live: LiveCalls, path: string = UNARY): Promise<RpcError> {
  return await assertRejects(() => live.intercept(() => Promise.resolve({}))(newCall(path), {}), RpcError);
}

const reasonOf = ({ signal }: Call) => signal.aborted ? (signal.reason as RpcError).message : null;

Deno.test("so many calls run at once and one more is refused, until one ends", async () => {
  const live = new LiveCalls(2);
  const [first] = begin(live, UNARY, SERVER_STREAM);
  assertEquals(live.size, 2);
  const { code, message } = await refusal(live);
  assertEquals([code, message], [Code.RESOURCE_EXHAUSTED, "more than 2 calls are running"]);
  assertEquals(live.size, 2);
  first!.end(SUCCESS);
  begin(live, UNARY);
  assertEquals(live.size, 2);
});

Deno.test("draining ends streams of answers at once and waits for the other calls", async () => {
  const live = new LiveCalls(10);
  const calls = begin(live, ...KINDS);
  let cutOff: number | undefined;
  const drained = live.drain(60_000).then((count) => cutOff = count);
  assertEquals(calls.map(reasonOf), [null, "the server is shutting down", null, "the server is shutting down"]);
  assertEquals((await refusal(live)).code, Code.UNAVAILABLE);
  for (const call of calls.slice(1)) call.end(SUCCESS);
  assertEquals([cutOff, live.size], [undefined, 1]);
  calls[0]!.end(SUCCESS);
  await drained;
  assertEquals(cutOff, 0);
});

Deno.test("draining cuts off after the grace time and says how many", async () => {
  const live = new LiveCalls(10);
  const calls = begin(live, UNARY, CLIENT_STREAM);
  for (const call of calls) call.signal.addEventListener("abort", () => call.end(SUCCESS));
  const started = performance.now();
  assertEquals(await live.drain(50), 2);
  assert(performance.now() - started >= 45);
  assertEquals(calls.map(reasonOf), Array(2).fill("the server is shutting down"));
  assertEquals(live.size, 0);
});

Deno.test("draining nothing is done at once", async () => {
  assertEquals(await new LiveCalls(1).drain(3_600_000), 0);
});

Deno.test("lasting calls are taken and left alone while others drain", async () => {
  const live = new LiveCalls(10, ({ method }) => method.service.startsWith("grpc.reflection"));
  const [stream, lasting] = begin(live, SERVER_STREAM, BIDI);
  const drained = live.drain(60_000);
  assertEquals([reasonOf(stream!), reasonOf(lasting!)], ["the server is shutting down", null]);
  const [late] = begin(live, BIDI);
  await until("the late one runs", () => live.size === 3);
  for (const call of [stream!, lasting!, late!]) call.end(SUCCESS);
  assertEquals(await drained, 0);
});
