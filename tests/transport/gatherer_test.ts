import { assertEquals } from "@std/assert";
import { Gatherer } from "../../lib/transport/gatherer.ts";

Deno.test("pieces come together in order, however large, and are copied", () => {
  const gatherer = new Gatherer();
  for (let round = 0; round < 2; round++) {
    const expected: number[] = [];
    const buffer = new Uint8Array(1000);
    for (const length of [0, 1, 1, 300, 2, 1000, 5]) {
      buffer.fill(expected.length % 251);
      gatherer.add(buffer.subarray(0, length));
      expected.push(...buffer.subarray(0, length));
      assertEquals(gatherer.length, expected.length);
      assertEquals([...gatherer.bytes], expected);
    }
    buffer.fill(255);
    assertEquals([...gatherer.take()], expected);
    assertEquals([gatherer.length, gatherer.take().length], [0, 0]);
  }
});
