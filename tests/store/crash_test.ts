import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../lib/store/mod.ts";
import { randomNumbers, withDirectory } from "./fixture.ts";

const ROUNDS = 8;

/** Writes for a while in a process of its own, kills it, and gives the lines it had printed. */
async function writeAndKill(directory: string, seed: number, lines: number): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("./crash_child.ts", import.meta.url).pathname, directory, String(seed)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const chunks: string[] = [];
  let seen = 0;
  let killed = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    chunks.push(text);
    seen += text.split("\n").length - 1;
    if (seen >= lines && !killed) {
      killed = true;
      child.kill("SIGKILL");
    }
  }
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL");
  // A line that was cut off was acknowledged to nobody.
  return chunks.join("").split("\n").slice(0, -1);
}

Deno.test(`what was acknowledged is there, whole, after each of ${ROUNDS} kills in the middle of writing`, () =>
  withDirectory(async (directory) => {
    const random = randomNumbers(Date.now());
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const [ready, ...lines] = await writeAndKill(directory, random(1_000_000), 200 + random(3000));
      /** The last word on each thing: what it says and at which revision. */
      const items = new Map<string, { quantity: number | null; revision: number }>();
      const tasks = new Map<string, { status: string; revision: number }>();
      let highest = Number(ready!.split(" ")[1]);
      for (const line of lines) {
        const [what, key, ...rest] = line.split(" ") as [string, string, ...string[]];
        const revision = Number(rest[rest.length - 1]);
        highest = Math.max(highest, revision);
        if (what === "item") items.set(key.replaceAll("_", " "), { quantity: Number(rest[0]), revision });
        else if (what === "gone") items.set(key.replaceAll("_", " "), { quantity: null, revision });
        else tasks.set(key, { status: rest[0]!, revision });
      }
      acknowledged += lines.length;

      const store = await openStore({ directory });
      assert(store.status().revision >= highest, "a revision that was acknowledged is gone");
      for (const [name, { quantity, revision }] of items) {
        const now = await store.items.get(name);
        // One write more than was printed may be there: it was done, but nobody was told.
        if (quantity === null) assert(now === null || now.revision > revision, `${name} is back`);
        else if (now !== null && now.revision === revision) assertEquals(now.quantity, quantity, name);
        else assert(now === null || now.revision > revision, `${name} is older than it was`);
        if (now === null && quantity !== null) await assertLaterChange(directory, name, revision);
      }
      for (const [id, { status, revision }] of tasks) {
        const now = await store.tasks.get(id);
        assert(now !== null && now.revision >= revision, `task ${id} is older than it was`);
        if (now.revision === revision) assertEquals(now.status, status);
      }
      const { revision, oldestRevision } = store.status();
      await store.close();
      assertSound(directory, oldestRevision, revision);
    }
    assert(acknowledged > 200 * ROUNDS);
  }));

/** A thing may be gone only if the log says that it was deleted after what was acknowledged. */
function assertLaterChange(directory: string, name: string, revision: number): void {
  const db = new DatabaseSync(`${directory}/steward.db`, { readOnly: true });
  const later = db.prepare("SELECT count(*) AS n FROM changes WHERE revision > ? AND instr(changes, ?) > 0").get(
    revision,
    `"type":"deleted","key":"${name}"`,
  );
  db.close();
  assert(later!.n === 1, `${name} is lost`);
}

/** The file is whole, the log without a hole, every quantity the sum of its movements, every task's materials moved. */
function assertSound(directory: string, oldest: number, revision: number): void {
  const db = new DatabaseSync(`${directory}/steward.db`, { readOnly: true });
  try {
    assertEquals(db.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
    const log = db.prepare("SELECT min(revision) AS low, max(revision) AS high, count(*) AS n FROM changes").get()!;
    assertEquals([log.low, log.high, log.n], [oldest + 1, revision, revision - oldest]);
    const wrong = db.prepare(`
      SELECT name, items.quantity, (SELECT sum(delta) FROM movements WHERE item = name) AS moved FROM items
      WHERE items.quantity != ifnull(moved, 0)
    `).all();
    assertEquals(wrong, []);
    const torn = db.prepare(`
      SELECT tasks.id FROM tasks
      LEFT JOIN (SELECT task_id, sum(delta) AS moved FROM movements GROUP BY task_id) ON task_id = tasks.id
      WHERE ifnull(moved, 0) != iif(tasks.status = 3, -1, 0)
    `).all();
    assertEquals(torn, []);
    const ahead = db.prepare("SELECT count(*) AS n FROM movements WHERE revision > ?").get(revision)!;
    assertEquals(ahead.n, 0);
  } finally {
    db.close();
  }
}
