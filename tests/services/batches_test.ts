import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { flatMapBatches, mapBatches, SharedMessages } from "../../lib/services/batches.ts";

async function* counted(onReturn: () => void = () => {}): AsyncGenerator<readonly number[]> {
  try {
    yield [1, 2];
    yield [];
    yield [3];
  } finally {
    onReturn();
  }
}

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<(readonly T[])[]> {
  const all: (readonly T[])[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

Deno.test("each entry of a batch becomes one message, or any number of them", async () => {
  assertEquals(await collect(mapBatches(counted(), String)), [["1", "2"], [], ["3"]]);
  assertEquals(await collect(flatMapBatches(counted(), (n) => Array(n - 1).fill(n))), [[2], [], [3, 3]]);
});

Deno.test("a reader that leaves early ends the source", async () => {
  let returned = false;
  for await (const _ of mapBatches(counted(() => returned = true), String)) break;
  assertEquals(returned, true);
});

Deno.test("what a map throws reaches the reader and ends the source", async () => {
  let returned = false;
  const failing = mapBatches(counted(() => returned = true), () => {
    throw new RangeError("no");
  });
  await assertRejects(() => collect(failing), RangeError, "no");
  assertEquals(returned, true);
});

Deno.test("the same event gives every watcher the same messages", () => {
  const messages = new SharedMessages((event: { readonly name: string }) => [{ text: event.name }]);
  const event = { name: "first" };
  assertEquals(messages.of(event), [{ text: "first" }]);
  assertStrictEquals(messages.of(event)[0], messages.of(event)[0]);
  assertEquals(messages.of({ name: "second" }), [{ text: "second" }]);
});
