import { assertEquals, assertRejects } from "@std/assert";
import { abortable, abortableBatches } from "../../lib/rpc/abortable.ts";
import { batchesOf, collect } from "../helpers/calls.ts";

const reason = new Error("aborted");

Deno.test("a promise comes through, or the reason of the signal, whichever is first", async () => {
  const { signal } = new AbortController();
  assertEquals(await abortable(Promise.resolve(5), signal), 5);
  await assertRejects(() => abortable(Promise.reject(new Error("own")), signal), Error, "own");
  await assertRejects(() => abortable(Promise.resolve(5), AbortSignal.abort(reason)), Error, "aborted");
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(reason);
  await assertRejects(() => waiting, Error, "aborted");
});

Deno.test("what a promise does after the abort is nobody's business", async () => {
  const controller = new AbortController();
  const late = Promise.withResolvers();
  const waiting = abortable(late.promise, controller.signal);
  controller.abort(reason);
  late.reject(new Error("too late"));
  await assertRejects(() => waiting, Error, "aborted");
});

Deno.test("batches come through in order, and their own error too", async () => {
  const { signal } = new AbortController();
  assertEquals(await collect(abortableBatches(batchesOf(1, 2, 3), signal)), [1, 2, 3]);
  const failing = (async function* () {
    yield [1];
    throw new Error("own");
  })();
  await assertRejects(() => collect(abortableBatches(failing, signal)), Error, "own");
});

Deno.test("an abort ends a waiting step, tells the source, and fails every later step", async () => {
  const controller = new AbortController();
  const wake = Promise.withResolvers<void>();
  let left = false;
  const source = (async function* () {
    try {
      yield [1];
      await wake.promise;
      yield [2];
    } finally {
      left = true;
    }
  })();
  const iterator = abortableBatches(source, controller.signal)[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value, [1]);
  const waiting = iterator.next();
  controller.abort(reason);
  await assertRejects(() => waiting, Error, "aborted");
  await assertRejects(() => iterator.next(), Error, "aborted");
  wake.resolve();
  await source.return(undefined as never);
  assertEquals(left, true);
});

Deno.test("an abort between two steps is seen by the next one", async () => {
  const controller = new AbortController();
  const iterator = abortableBatches(batchesOf(1, 2), controller.signal)[Symbol.asyncIterator]();
  await iterator.next();
  controller.abort(reason);
  await assertRejects(() => iterator.next(), Error, "aborted");
});

Deno.test("leaving early returns the source and listens no longer", async () => {
  const controller = new AbortController();
  let returned = 0;
  const source: AsyncIterable<readonly number[]> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: [1] }),
      return: () => {
        returned++;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  for await (const _ of abortableBatches(source, controller.signal)) break;
  controller.abort(reason);
  assertEquals(returned, 1);
});

Deno.test("a source that ends is not told to return by a later abort", async () => {
  const controller = new AbortController();
  let returned = 0;
  const source: AsyncIterable<readonly number[]> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: true, value: undefined }),
      return: () => Promise.resolve({ done: true, value: void returned++ }),
    }),
  };
  assertEquals(await collect(abortableBatches(source, controller.signal)), []);
  controller.abort(reason);
  assertEquals(returned, 0);
});
