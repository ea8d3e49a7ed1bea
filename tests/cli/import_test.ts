/**
 * `inventory import` against a real server.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runClient } from "../helpers/client.ts";
import { ROOT } from "../helpers/process.ts";
import { startServer } from "../helpers/server.ts";

const HEADER = "name,quantity,price\n";

Deno.test("import", async (test) => {
  await using started = await startServer();
  const server = started.address;
  const run = (stdin: string, ...args: string[]) => runClient(["inventory", "import", "-", ...args], { server, stdin });
  const names = async () => {
    const { stdout } = await runClient(["inventory", "list", "-o", "jsonl"], { server });
    return stdout.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line).name);
  };

  await test.step("a dry run writes nothing", async () => {
    const { code, stdout } = await run(`${HEADER}A,1,1\n`, "--dry-run");
    assertEquals([code, JSON.parse(stdout).created, await names()], [0, "1", []]);
  });

  await test.step("good rows are written, bad ones reported by line whoever found them, exit 1", async () => {
    const { code, stdout, stderr } = await run(`${HEADER}A,1,1\nB,x,1\nC,-1,1\n\nA,2,2\nD,4,4\n`);
    assertEquals([code, await names()], [1, ["A", "D"]]);
    const { created, failed, outcomes } = JSON.parse(stdout);
    assertEquals([created, failed, outcomes.map(({ line }: { line: string }) => line)], ["2", "3", ["3", "4", "6"]]);
    assertMatch(
      stderr,
      /^line 3: quantity is not a whole number: 'x'\nline 4: quantity .*-1\nline 6: item 'A' already exists\n$/,
    );
  });

  await test.step("modes skip and replace what is there", async () => {
    const skipped = await run(`${HEADER}A,9,9\nE,1,1\n`, "--mode", "skip");
    assertEquals([skipped.code, JSON.parse(skipped.stdout).skipped], [0, "1"]);
    const replaced = await run(`${HEADER}A,7,9\n`, "--mode", "replace");
    assertEquals([replaced.code, JSON.parse(replaced.stdout).replaced], [0, "1"]);
    const { stdout } = await runClient(["inventory", "get", "A"], { server });
    assertEquals(JSON.parse(stdout).quantity, 7);
  });

  await test.step("--stop-on-error stops at a bad row on either side", async () => {
    const here = await run(`${HEADER}F,1,1\nG,x,1\nH,1,1\n`, "--stop-on-error");
    assertEquals([here.code, JSON.parse(here.stdout).stopped], [1, true]);
    const there = await run(`${HEADER}I,1,1\nA,1,1\nJ,1,1\n`, "--stop-on-error");
    assertEquals([there.code, JSON.parse(there.stdout).stopped], [1, true]);
    assertEquals(await names(), ["A", "D", "E", "F", "I"]);
  });

  await test.step("what the client lists can be imported again", async () => {
    const { stdout } = await runClient(["inventory", "list", "-o", "jsonl"], { server });
    const { code, stdout: summary } = await run(stdout, "--format", "jsonl", "--mode", "replace");
    assertEquals([code, JSON.parse(summary).replaced], [0, "5"]);
  });

  await test.step("the summary for people is a line", async () => {
    const { stdout } = await run(`${HEADER}K,1,1\nL,x,1\n`, "-o", "table");
    assertMatch(stdout, /^1 created, 1 failed in \d+\.\d s\n$/);
  });

  await test.step("a file that cannot be used is a local failure", async () => {
    for (const [path, sentence] of [["/nonexistent.csv", "cannot read /nonexistent.csv"], [ROOT, "it is a folder"]]) {
      const { code, stderr } = await runClient(["inventory", "import", path!], { server });
      assertEquals(code, 1);
      assertStringIncludes(stderr, sentence!);
    }
    const { code, stderr } = await run("name,quantty\n");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "line 1: unknown column 'quantty'");
  });

  await test.step("100000 rows take seconds", async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `Part ${index},${index % 100},0.25`).join("\n");
    const before = performance.now();
    const { code, stdout } = await run(`${HEADER}${rows}\n`);
    assertEquals([code, JSON.parse(stdout).created], [0, "100000"]);
    const seconds = (performance.now() - before) / 1000;
    assertEquals(seconds < 60, true, `${seconds} s`);
  });
});
