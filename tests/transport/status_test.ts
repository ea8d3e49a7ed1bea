import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { Code, fail, invalid, RpcError } from "../../lib/rpc/mod.ts";
import { percentEncode, StatusEncoder } from "../../lib/transport/status.ts";
import { newCall } from "../helpers/calls.ts";
import { contractSchema } from "../helpers/steward.ts";

const encoder = new StatusEncoder(contractSchema());

Deno.test("a message is percent-encoded as gRPC asks", () => {
  const cases: [text: string, encoded: string][] = [
    ["", ""],
    ["item 'X' not found", "item 'X' not found"],
    ["100%", "100%25"],
    ["a\nb", "a%0Ab"],
    ["\u0000\u007f", "%00%7F"],
    ["größer", "gr%C3%B6%C3%9Fer"],
    ["漢🔩", "%E6%BC%A2%F0%9F%94%A9"],
    ["~ !", "~ !"],
  ];
  for (const [text, encoded] of cases) assertEquals(percentEncode(text), encoded);
});

Deno.test("any message survives encoding, in printable ASCII", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const encoded = percentEncode(text);
    assert(/^[\x20-\x7e]*$/.test(encoded));
    assertEquals(decodeURIComponent(encoded), text.toWellFormed());
  }));
});

Deno.test("a status is its code, its message and its details", () => {
  assertEquals(encoder.trailers(undefined), [["grpc-status", "0"]]);
  assertEquals(encoder.trailers(undefined, new RpcError(Code.ABORTED, "")), [["grpc-status", "10"]]);
  const error = fail("ITEM_NOT_FOUND", { name: "ä" });
  const trailers = Object.fromEntries(encoder.trailers(undefined, error));
  assertEquals([trailers["grpc-status"], trailers["grpc-message"]], ["5", "item '%C3%A4' not found"]);
  const bytes = trailers["grpc-status-details-bin"]!;
  assert(!bytes.endsWith("="), "base64 without padding");
  const status = contractSchema().codec("google.rpc.Status").decode(Buffer.from(bytes, "base64")) as {
    code: number;
    message: string;
    details: { type_url: string; value: Uint8Array }[];
  };
  assertEquals([status.code, status.message], [5, "item 'ä' not found"]);
  assertEquals(status.details[0]!.type_url, "type.googleapis.com/google.rpc.ErrorInfo");
  const info = contractSchema().codec("google.rpc.ErrorInfo").decode(status.details[0]!.value) as {
    reason: string;
    metadata: Record<string, string>;
  };
  assertEquals([info.reason, { ...info.metadata }], ["ITEM_NOT_FOUND", { name: "ä" }]);
});

Deno.test("the trailers of a call come before its status", () => {
  const call = newCall();
  call.trailers.add("x-text", "a").add("x-bytes-bin", Uint8Array.of(255));
  assertEquals(encoder.trailers(call), [["x-text", "a"], ["x-bytes-bin", "/w"], ["grpc-status", "0"]]);
  const [first] = encoder.trailers(call, invalid([{ field: "a", reason: "B", description: "c" }]));
  assertEquals(first, ["x-text", "a"]);
});
