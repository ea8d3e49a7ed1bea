import { assert, assertEquals } from "@std/assert";
import { createLogger, LOG_LEVELS, type LoggerOptions } from "../../lib/log/logger.ts";
import { until } from "../helpers/wait.ts";

function recording(options: Partial<LoggerOptions> = {}) {
  const writes: string[] = [];
  const logger = createLogger({
    format: "pretty",
    level: "debug",
    color: false,
    write: (text) => writes.push(text),
    now: () => Date.UTC(2026, 4, 4, 8, 30, 0, 7),
    ...options,
  });
  return { logger, writes, text: () => (logger.flush(), writes.join("")) };
}

Deno.test("a pretty line has the time, the level, the sentence and its fields, without the empty ones", () => {
  const { logger, text } = recording();
  logger.log("warn", "the disk is full", {
    ms: 1.5,
    code: "OK",
    note: "two words",
    none: undefined,
    empty: "",
    no: false,
  });
  assertEquals(text(), '08:30:00.007 WARN  the disk is full ms=1.5 code=OK note="two words" no=false\n');
});

Deno.test("a JSON line is one object a line", () => {
  const { logger, text } = recording({ format: "json" });
  logger.log("info", "a\nb", { note: 'c"\u001b[31m', ms: 1, none: undefined });
  assertEquals(text().trim().split("\n").map((line) => JSON.parse(line)), [
    { time: "2026-05-04T08:30:00.007Z", level: "info", message: "a\nb", note: 'c"\u001b[31m', ms: 1 },
  ]);
  assert(!text().includes("\u001b"));
});

Deno.test("whatever a caller sends, a line stays a line and carries no control characters", () => {
  const { logger, text } = recording();
  const nasty = "a\r\nb\u001b[31mc\u0000d\u007fe\u009b2Jf\u2028g";
  logger.log("info", nasty, { nasty });
  const line = text();
  assertEquals(line.indexOf("\n"), line.length - 1);
  // deno-lint-ignore no-control-regex
  assert(!/[\u0000-\u001f\u007f-\u009f\u2028]/.test(line.trimEnd()), JSON.stringify(line));
  assert(line.includes("\\u001b[31mc") && line.includes("\\u009b2Jf"));
});

Deno.test("colours are used only when asked for", () => {
  const { logger, text } = recording({ color: true });
  logger.log("error", "x", { a: 1 });
  assert(text().includes("\u001b[31mERROR"));
});

Deno.test("what is below the level is left out", () => {
  for (const [least, level] of LOG_LEVELS.entries()) {
    const { logger, text } = recording({ level });
    for (const each of LOG_LEVELS) logger.log(each, each);
    assertEquals(text().match(/\n/g)?.length ?? 0, LOG_LEVELS.length - least);
    assertEquals(LOG_LEVELS.map((each) => logger.enabled(each)), LOG_LEVELS.map((_, index) => index >= least));
  }
});

Deno.test("lines are written together after a moment, errors at once with what came before", async () => {
  const { logger, writes } = recording();
  logger.log("info", "one");
  logger.log("info", "two");
  assertEquals(writes.length, 0);
  await until("they are written", () => writes.length > 0);
  assertEquals([writes.length, writes[0]!.split("\n").length], [1, 3]);
  logger.log("info", "three");
  logger.log("error", "four");
  assertEquals(writes.length, 2);
  logger.log("info", "x".repeat(20_000));
  assertEquals(writes.length, 3);
  logger.flush();
  assertEquals(writes.length, 3);
});
