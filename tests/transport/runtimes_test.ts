import { assertEquals, assertMatch } from "@std/assert";
import { grpcJsVerdict } from "../../lib/transport/runtimes.ts";

Deno.test("the grpc-js lane is refused where node:http2 is unsound, warned of where it has no backpressure", () => {
  const cases: [version: string, verdict: "refused" | "warned" | "fine", why?: RegExp][] = [
    ["1.46.3", "refused", /unanswered/],
    ["2.0.0", "refused", /unanswered/],
    ["2.6.8", "refused", /unanswered/],
    ["2.6.9", "warned", /backpressure/],
    ["2.7.14", "warned", /backpressure/],
    ["2.9.0", "warned", /backpressure/],
    ["2.9.3", "warned", /backpressure/],
    ["2.9.4", "refused", /corrupts memory.*36788/],
    ["2.9.6", "refused", /corrupts memory/],
    ["2.9.6-rc.1", "refused", /corrupts memory/],
    ["2.9.7", "fine"],
    ["2.10.0", "fine"],
    ["3.0.0", "fine"],
  ];
  for (const [version, expected, why] of cases) {
    const { refusal, warning } = grpcJsVerdict(version);
    assertEquals(refusal ? "refused" : warning ? "warned" : "fine", expected, version);
    if (why) assertMatch((refusal ?? warning)!, why);
    if (refusal) assertMatch(refusal, /--transport native/);
  }
});
