import { assertEquals, assertStrictEquals } from "@std/assert";
import { madeOnce, share } from "../../lib/rpc/mod.ts";

Deno.test("what is made of a shared message is made once for each key", () => {
  let made = 0;
  const message = share({ name: "Widget" });
  const make = () => ({ number: ++made });
  const first = madeOnce(message, "one", make);
  assertStrictEquals(madeOnce(message, "one", make), first);
  assertEquals(madeOnce(message, "other", make).number, 2);
});

Deno.test("of any other message it is made each time", () => {
  let made = 0;
  const message = { name: "Widget" };
  madeOnce(message, "one", () => ++made);
  madeOnce(message, "one", () => ++made);
  assertEquals(made, 2);
});
