import { assert, assertEquals } from "@std/assert";
import { createLogger, type LogLevel } from "../../../lib/log/logger.ts";
import { Code, fail, failedOutcome, logCalls, SUCCESS } from "../../../lib/rpc/mod.ts";
import { newCall } from "../../helpers/calls.ts";

function logged(level: LogLevel, ...outcomes: Parameters<ReturnType<typeof newCall>["end"]>[0][]): string[] {
  const lines: string[] = [];
  const logger = createLogger({
    format: "json",
    level,
    color: false,
    write: (text) => lines.push(...text.trim().split("\n")),
    now: () => 0,
  });
  const intercept = logCalls(logger)(() => Promise.resolve({ name: "the answer" }));
  for (const outcome of outcomes) {
    const call = newCall();
    call.requestId = "id";
    void intercept(call, { name: "the question" });
    assertEquals(lines.length, 0, "nothing before the end");
    call.end(outcome);
    call.end(SUCCESS);
  }
  logger.flush();
  return lines;
}

Deno.test("a call is one line when it has ended: method, code, milliseconds, peer, id; never its messages", () => {
  const lines = logged("info", SUCCESS);
  assertEquals(lines.length, 1);
  const { ms, ...line } = JSON.parse(lines[0]!);
  assertEquals(line, {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "/inventory.Inventory/GetItem",
    code: "OK",
    peer: "127.0.0.1:1234",
    request: "id",
  });
  assert(typeof ms === "number" && ms >= 0 && ms < 1000);
  assert(!/question|answer/.test(lines[0]!));
});

Deno.test("a failed call has its sentence; what is the server's trouble is a warning", () => {
  const lines = logged(
    "info",
    failedOutcome(fail("ITEM_NOT_FOUND", { name: "X" })),
    failedOutcome(fail("STORAGE_UNAVAILABLE", { detail: "gone" })),
    { code: Code.INTERNAL, message: "internal error (request id)" },
  ).map((line) => JSON.parse(line));
  assertEquals(lines.map(({ level, code, error }) => [level, code, error]), [
    ["info", "NOT_FOUND", "item 'X' not found"],
    ["warn", "UNAVAILABLE", "the database is not available: gone"],
    ["warn", "INTERNAL", "internal error (request id)"],
  ]);
});

Deno.test("below its level a call is not logged", () => {
  assertEquals(logged("warn", SUCCESS), []);
});
