import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openStore, StoreOpenError } from "../../lib/store/mod.ts";
import type { Store } from "../../lib/store/store.ts";
import { until } from "../helpers/wait.ts";
import { assertReason, collect, item, Watch, withDirectory } from "./fixture.ts";

/** Runs a command; what it says when it fails, else null. */
function run(command: string, ...args: string[]): string | null {
  try {
    const { success, stderr } = new Deno.Command(command, { args, stdout: "null", stderr: "piped" }).outputSync();
    return success ? null : new TextDecoder().decode(stderr).trim().split("\n")[0]!;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A test that the machine may not allow; `refusal` is why not, or null. */
function testIf(refusal: string | null, sentence: string, fn: () => Promise<void>): void {
  Deno.test({ name: refusal === null ? sentence : `${sentence} (ignored: ${refusal})`, ignore: refusal !== null, fn });
}

/** Runs `use` in a small file system of its own. */
function withSmallDisk(mebibytes: number, use: (directory: string) => Promise<void>): Promise<void> {
  return withDirectory(async (directory) => {
    assertEquals(run("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "steward-test", directory), null);
    try {
      await use(directory);
    } finally {
      assertEquals(run("umount", directory), null);
    }
  });
}

function whyNot(attempt: (directory: string) => string | null): string | null {
  const directory = Deno.makeTempDirSync();
  try {
    return attempt(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const CANNOT_MOUNT = whyNot((directory) => {
  const refusal = run("mount", "-t", "tmpfs", "-o", "size=1m", "steward-test", directory);
  return refusal ?? run("umount", directory);
});
const CANNOT_FREEZE = whyNot((directory) => {
  const refusal = run("chattr", "+i", directory);
  return refusal ?? run("chattr", "-i", directory);
});
const CANNOT_LIMIT = run("prlimit", "--version") ?? run("sh", "-c", "trap '' XFSZ && ulimit -S -f 1000");

function assertSound(directory: string, revision: number): void {
  const db = new DatabaseSync(`${directory}/steward.db`, { readOnly: true });
  try {
    assertEquals(db.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
    const log = db.prepare("SELECT min(revision) AS low, max(revision) AS high, count(*) AS n FROM changes").get()!;
    assertEquals([log.low, log.high, log.n], [1, revision, revision]);
    assertEquals(db.prepare("SELECT count(*) AS n FROM items").get()!.n, revision);
  } finally {
    db.close();
  }
}

/** Adds items until one fails; how many were acknowledged. */
async function addUntilFailure(store: Store, reason: "STORAGE_FULL" | "STORAGE_UNAVAILABLE"): Promise<number> {
  const before = store.status().revision;
  const location = "x".repeat(200);
  for (let i = 0; i < 100_000; i += 10) {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => store.items.add(item(`item ${before + i + n}`, { location }))),
    );
    const failed = results.filter((result) => result.status === "rejected");
    if (failed.length === 0) continue;
    for (const { reason: error } of failed) assertEquals(error.reason, reason);
    return before + i + results.length - failed.length;
  }
  throw new Error("nothing failed");
}

testIf(
  CANNOT_MOUNT,
  "a full disk fails writes and nothing else, and the store is back when there is space",
  () =>
    withSmallDisk(4, async (disk) => {
      const directory = `${disk}/data`;
      const store = await openStore({ directory, probeIntervalMs: 20 });
      const told: boolean[] = [];
      store.onHealth((failure) => told.push(failure === null));
      const watch = await Watch.open(store, { kind: "item" });
      await Deno.writeFile(`${disk}/ballast`, new Uint8Array(1024 * 1024));
      const added = await addUntilFailure(store, "STORAGE_FULL");
      assert(store.status().failure?.includes("no space is left"), store.status().failure ?? "well");
      assertEquals(store.status().revision, added);
      assertEquals((await store.items.get("item 0"))?.revision, 1);
      assertEquals((await collect(await store.items.scan({}))).length, added);
      await assertReason(
        () => store.items.importRows([item("x", { location: "x".repeat(100_000) })], { mode: "create" }),
        "STORAGE_FULL",
      );
      await Deno.remove(`${disk}/ballast`);
      await until("the store is well", () => store.status().failure === null);
      for (let i = 0; i < 50; i++) await store.items.add(item(`later ${i}`));
      const revision = added + 50;
      for (let next = 1; next <= revision; next++) assertEquals((await watch.changes())[0]?.revision, next);
      watch.abort();
      assertEquals(told.slice(0, 2), [true, false]);
      assertEquals(told[told.length - 1], true);
      await store.close();
      assertSound(directory, revision);
    }),
);

testIf(
  CANNOT_MOUNT,
  "a store whose disk is full when it closes opens again with everything in it",
  () =>
    withSmallDisk(3, async (directory) => {
      const store = await openStore({ directory, probeIntervalMs: 20 });
      const added = await addUntilFailure(store, "STORAGE_FULL");
      await store.close();
      const again = await openStore({ directory }).catch(async (error) => {
        // Without a byte to spare it may refuse, but clearly, and open once there is room.
        assert(error instanceof StoreOpenError && error.failure === "unavailable", String(error));
        assertEquals(run("mount", "-o", "remount,size=8m", directory), null);
        return await openStore({ directory });
      });
      assertEquals(again.status().revision, added);
      assertEquals((await collect(await again.items.scan({}))).length, added);
      await again.close();
      assertSound(directory, added);
    }),
);

testIf(
  CANNOT_MOUNT,
  "a read-only directory is refused at the start, and taken once it can be written",
  () =>
    withSmallDisk(4, async (directory) => {
      await (await openStore({ directory })).close();
      assertEquals(run("mount", "-o", "remount,ro", directory), null);
      const refused = await assertRejects(() => openStore({ directory }), StoreOpenError, directory);
      assertEquals(refused.failure, "unavailable");
      const missing = await assertRejects(
        () => openStore({ directory: `${directory}/new` }),
        StoreOpenError,
        "Cannot make",
      );
      assertEquals(missing.failure, "unavailable");
      assertEquals(run("mount", "-o", "remount,rw", directory), null);
      const store = await openStore({ directory });
      await store.items.add(item("Widget"));
      await store.close();
    }),
);

testIf(
  CANNOT_FREEZE,
  "files that become read-only under a store fail its writes until they can be written again",
  () =>
    withDirectory(async (directory) => {
      const store = await openStore({ directory, probeIntervalMs: 20 });
      const files = ["steward.db", "steward.db-wal"].map((name) => `${directory}/${name}`);
      try {
        const first = await store.items.add(item("first"));
        assertEquals(run("chattr", "+i", ...files), null);
        await assertReason(() => store.items.add(item("second")), "STORAGE_UNAVAILABLE");
        assertEquals(await store.items.get("first"), first);
        assertEquals(await collect(await store.items.scan({})), [first]);
        // Long enough for the probe to open the files anew and find them read-only.
        await until("the probe has seen it", () => store.status().failure?.includes("readonly") === true);
        await assertReason(() => store.items.add(item("second")), "STORAGE_UNAVAILABLE");
        assertEquals(await store.items.get("first"), first);
      } finally {
        run("chattr", "-i", ...files);
      }
      await until("the store is well", () => store.status().failure === null);
      assertEquals((await store.items.add(item("second"))).revision, 2);
      await store.close();
      assertSound(directory, 2);
    }),
);

testIf(
  CANNOT_LIMIT,
  "a file that may grow no further fails writes, and the store is back when it may",
  () =>
    withDirectory(async (directory) => {
      const script = new URL("./limited_child.ts", import.meta.url).pathname;
      // In blocks of 512 bytes. The signal would end the process; ignored, the write fails.
      const limited = 'trap "" XFSZ; ulimit -S -f 3000; exec "$@"';
      const child = new Deno.Command("sh", {
        args: ["-c", limited, "sh", Deno.execPath(), "run", "-A", "--quiet", script, directory],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const lines: string[] = [];
      let rest = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        rest += text;
        const complete = rest.split("\n");
        rest = complete.pop()!;
        lines.push(...complete);
        if (complete.some((line) => line.startsWith("read"))) {
          assertEquals(run("prlimit", "--pid", String(child.pid), "--fsize=unlimited:"), null);
        }
      }
      assertEquals((await child.status).code, 0);
      const words = lines.map((line) => line.split(" "));
      const count = Number(words[0]![1]);
      assert(count > 20, `${count} writes before the limit`);
      assertEquals(lines, [
        `written ${count}`,
        "failed STORAGE_UNAVAILABLE",
        `read ${count}`,
        "well",
        `written ${count + 100}`,
        `closed ${count + 100}`,
      ]);
      assertSound(directory, count + 100);
    }),
);
