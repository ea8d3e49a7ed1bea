import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Metadata } from "../../lib/rpc/mod.ts";
import { metadataPairs, requestMetadata } from "../../lib/transport/headers.ts";

Deno.test("metadata is what is not the protocol's", () => {
  const headers = new Headers({
    "content-type": "application/grpc",
    te: "trailers",
    "user-agent": "x",
    "grpc-timeout": "1S",
    "grpc-encoding": "gzip",
    "connect-protocol-version": "1",
    "x-request-id": "7",
    authorization: "Bearer y",
    "grpc-trace-bin": "AAE",
  });
  assertEquals([...requestMetadata(headers)].map(([name, value]) => [name, [...value]]), [
    ["authorization", [..."Bearer y"]],
    ["grpc-trace-bin", [0, 1]],
    ["x-request-id", [..."7"]],
  ] as never);
});

Deno.test("binary values are base64 with or without padding, several in one field", () => {
  const metadata = requestMetadata(new Headers([["a-bin", "AQ=="], ["a-bin", "AgM"], ["b-bin", ""]]));
  assertEquals(metadata.getAll("a-bin").map((value) => [...value]), [[1], [2, 3]] as never);
  assertEquals(metadata.getAll("b-bin").map((value) => value.length), [0]);
});

Deno.test("binary metadata survives both ways", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1 }), (values) => {
    const metadata = new Metadata();
    for (const value of values) metadata.add("x-bin", value);
    const back = requestMetadata(new Headers(metadataPairs(metadata)));
    assertEquals(back.getAll("x-bin").map((value) => [...value]), values.map((value) => [...value]) as never);
  }));
});

Deno.test("what no header can hold is no metadata, of an answer or of a request", () => {
  const metadata = new Metadata();
  for (const [name, value] of [["x", "a\r\nb: c"], ["x", "é"], ["x y", "a"], ["x\n", "a"], ["", "a"]] as const) {
    assertThrows(() => metadata.add(name, value), TypeError);
  }
  assertThrows(() => metadata.add("x\n-bin", Uint8Array.of(1)), TypeError);
  assertEquals([...metadata], []);
  const headers = new Headers([["x", "a"], ["y", "\xe9"], ["z!", "b"]]);
  assertEquals([...requestMetadata(headers)], [["x", "a"]] as never);
});
