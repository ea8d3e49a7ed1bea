import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { Code, RpcError } from "../../lib/rpc/mod.ts";
import { Deframer, type DeframerOptions, frame, frameAll } from "../../lib/transport/framing.ts";

const MESSAGES = [new Uint8Array(), Uint8Array.of(1), Uint8Array.of(2, 3, 4), new Uint8Array(300).fill(7)];
const plainText = (text: string) => new TextEncoder().encode(text);

function deframer(options: Partial<DeframerOptions> = {}): Deframer {
  return new Deframer({ maxMessageBytes: 1000, encoding: "identity", ...options });
}

/** Copies, as the pieces of a body may be used again. */
const copied = (messages: readonly Uint8Array[]) => messages.map((message) => Uint8Array.from(message));

function refusal(work: () => unknown): [code: Code, message: string] {
  const { code, message } = assertThrows(work, RpcError);
  return [code, message];
}

Deno.test("frames are a byte of flags, four of length, and the message", () => {
  assertEquals([...frame(Uint8Array.of(9, 8))], [0, 0, 0, 0, 2, 9, 8]);
  assertEquals([...frame(new Uint8Array(), 0x80)], [0x80, 0, 0, 0, 0]);
  assertEquals([...frame(new Uint8Array(0x010203)).subarray(0, 5)], [0, 0, 1, 2, 3]);
  assertEquals(frameAll(MESSAGES), Uint8Array.from(MESSAGES.flatMap((message) => [...frame(message)])));
  assertEquals(frameAll([]).length, 0);
});

Deno.test("a stream of messages comes whole, wherever it is cut in three", () => {
  const bytes = frameAll(MESSAGES);
  for (let first = 0; first <= bytes.length; first++) {
    for (const second of new Set([first, first + 1, first + 5, first + 6, bytes.length])) {
      if (second > bytes.length) continue;
      const reader = deframer();
      const found = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)]
        .flatMap((piece) => copied(reader.push(piece)));
      assertEquals(found, MESSAGES, `cut at ${first} and ${second}`);
      reader.end();
    }
  }
});

Deno.test("a stream comes whole byte by byte, and in any pieces", () => {
  const bytes = frameAll(MESSAGES);
  const reader = deframer();
  assertEquals([...bytes].flatMap((byte) => copied(reader.push(Uint8Array.of(byte)))), MESSAGES);
  reader.end();
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.array(fc.nat({ max: 40 })), (messages, cuts) => {
      const bytes = frameAll(messages);
      const reader = deframer();
      const found: Uint8Array[] = [];
      let start = 0;
      for (const length of [...cuts, bytes.length]) {
        found.push(...copied(reader.push(bytes.slice(start, start + length))));
        start += length;
      }
      assertEquals(found, messages.map((message) => Uint8Array.from(message)));
      reader.end();
    }),
  );
});

Deno.test("a body that ends in the middle of a message is broken, wherever that is", () => {
  const bytes = frameAll(MESSAGES);
  const ends = new Set<number>([0]);
  for (const message of MESSAGES) ends.add([...ends].at(-1)! + 5 + message.length);
  for (let length = 0; length < bytes.length; length++) {
    const reader = deframer();
    reader.push(bytes.slice(0, length));
    if (ends.has(length)) reader.end();
    else assertEquals(refusal(() => reader.end())[0], Code.INTERNAL, `${length}`);
  }
});

Deno.test("a message at the limit passes; one above is refused as soon as its length is known", () => {
  const reader = deframer({ maxMessageBytes: 10 });
  assertEquals(reader.push(frame(new Uint8Array(10))).length, 1);
  const refused: [Code, string] = [Code.RESOURCE_EXHAUSTED, "a message is larger than 10 bytes"];
  assertEquals(refusal(() => deframer({ maxMessageBytes: 10 }).push(Uint8Array.of(0, 0, 0, 0, 11))), refused);
  assertEquals(refusal(() => deframer({ maxMessageBytes: 10 }).push(Uint8Array.of(0, 255, 255, 255, 255))), refused);
  // Also when the prefix comes in pieces.
  const pieces = deframer({ maxMessageBytes: 10 });
  pieces.push(Uint8Array.of(0, 0, 0));
  assertEquals(refusal(() => pieces.push(Uint8Array.of(0, 11))), refused);
});

Deno.test("compressed messages are unpacked, and mixed with plain ones", () => {
  const text = plainText("compress me ".repeat(50));
  const bytes = Uint8Array.from([...frame(gzipSync(text), 1), ...frame(Uint8Array.of(5)), ...frame(gzipSync(text), 1)]);
  for (const cut of [0, 1, 5, 30, bytes.length - 1]) {
    const reader = deframer({ encoding: "gzip" });
    const found = [bytes.slice(0, cut), bytes.slice(cut)].flatMap((piece) => copied(reader.push(piece)));
    assertEquals(found, [text, Uint8Array.of(5), text]);
  }
  const packed = frameAll([text, Uint8Array.of(5)], 100);
  assert(packed.length < text.length);
  assertEquals(copied(deframer({ encoding: "gzip" }).push(packed)), [text, Uint8Array.of(5)]);
});

Deno.test("a message that unpacks to more than the limit is refused, whatever it says of itself", () => {
  const bomb = gzipSync(new Uint8Array(50 * 1024 * 1024));
  assert(bomb.length < 100_000);
  const reader = deframer({ maxMessageBytes: 100_000, encoding: "gzip" });
  assertEquals(refusal(() => reader.push(frame(bomb, 1)))[0], Code.RESOURCE_EXHAUSTED);
  const exactly = deframer({ maxMessageBytes: 1000, encoding: "gzip" });
  assertEquals(exactly.push(frame(gzipSync(new Uint8Array(1000)), 1))[0]!.length, 1000);
});

Deno.test("compression without an encoding, rubbish for gzip and unknown flags are broken streams", () => {
  const packed = frame(gzipSync(plainText("x")), 1);
  const cases: [DeframerOptions["encoding"], Uint8Array, string][] = [
    ["identity", packed, "the request stream is broken: a message is compressed, but no encoding was named"],
    ["gzip", frame(plainText("no gzip"), 1), "the request stream is broken: a compressed message cannot be read"],
    ["gzip", packed.slice(0, -1), ""],
    ["gzip", frame(packed.slice(5, -3), 1), "the request stream is broken: a compressed message cannot be read"],
    ["identity", frame(plainText("x"), 2), "the request stream is broken: unknown message flags 2"],
    ["gzip", frame(plainText("x"), 128), "the request stream is broken: unknown message flags 128"],
  ];
  for (const [encoding, bytes, message] of cases) {
    if (message === "") assertEquals(deframer({ encoding }).push(bytes), []);
    else assertEquals(refusal(() => deframer({ encoding }).push(bytes)), [Code.INTERNAL, message]);
  }
});

Deno.test("what is held is a copy, so that a small piece does not keep a large buffer alive", () => {
  const bytes = frame(new Uint8Array(300).fill(7));
  for (const cut of [1, 5, 200]) {
    const reader = deframer();
    const buffer = new Uint8Array(64 * 1024);
    for (let start = 0; start < bytes.length; start += cut) {
      const piece = bytes.subarray(start, start + cut);
      buffer.set(piece);
      const messages = reader.push(buffer.subarray(0, piece.length));
      if (start + cut >= bytes.length) assertEquals(copied(messages), [new Uint8Array(300).fill(7)]);
      buffer.fill(0xff);
    }
    reader.end();
  }
});
