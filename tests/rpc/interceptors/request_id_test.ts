import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { requestId } from "../../../lib/rpc/mod.ts";
import { newCall } from "../../helpers/calls.ts";

const intercept = requestId("seed")(() => Promise.resolve({}));

async function idFor(given?: string): Promise<string> {
  const call = newCall(undefined, given === undefined ? {} : { metadata: { "x-request-id": given } });
  await intercept(call, {});
  return call.requestId;
}

Deno.test("a call keeps the id of its caller", async () => {
  for (const id of ["a", "7f3c-11", "trace/5:x=1+2_3.4", "x".repeat(128)]) assertEquals(await idFor(id), id);
});

Deno.test("a call without a usable id gets one of this process, each another", async () => {
  const ids = new Set<string>();
  for (const given of [undefined, "", "x".repeat(129), "a b", "a,b", "a\\b", '"']) {
    const id = await idFor(given);
    assertMatch(id, /^seed-[0-9a-z]+$/);
    assertNotEquals(id, given);
    ids.add(id);
  }
  assertEquals(ids.size, 7);
});
