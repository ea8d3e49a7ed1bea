import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Connection } from "../../lib/store/sqlite/connection.ts";
import { openDatabase } from "../../lib/store/sqlite/database.ts";
import { Health } from "../../lib/store/sqlite/failure.ts";
import type { Transaction } from "../../lib/store/sqlite/transaction.ts";
import { WriteQueue } from "../../lib/store/sqlite/write_queue.ts";
import { assertReason, withDirectory } from "./fixture.ts";

/** A queue on a database of its own that keeps account of its commits. */
class Bench {
  /** Last revision of each commit. */
  readonly commits: number[] = [];
  readonly failures: (string | null)[] = [];
  readonly logged: string[] = [];
  readonly health = new Health((message) => void this.logged.push(message));
  readonly queue: WriteQueue;

  constructor(readonly db: Connection, limits: Partial<ConstructorParameters<typeof WriteQueue>[2]> = {}) {
    this.health.listen((failure) => void this.failures.push(failure));
    this.queue = new WriteQueue(db, this.health, {
      maxQueuedOperations: 1000,
      commitMaxOperations: 256,
      commitMaxBytes: 1024 * 1024,
      now: () => 1,
      revision: () => this.commits[this.commits.length - 1] ?? 0,
      committed: (tx) => void this.commits.push(tx.revision),
      log: (message) => void this.logged.push(message),
      onCommit: () => {},
      ...limits,
    });
  }

  /** Writes a row of `bytes`, as a revision, then does `more`. Resolves to the revision. */
  write(bytes: number, more: (tx: Transaction) => void = () => {}, weight = 1): Promise<number> {
    return this.queue.submit({
      run: (tx) => {
        tx.db.run("INSERT INTO probe VALUES (randomblob(?))", bytes);
        const revision = tx.nextRevision;
        tx.append([]);
        more(tx);
        return revision;
      },
      weight,
      bytes,
    });
  }

  rows(): number {
    return this.db.get("SELECT count(*) FROM probe")![0] as number;
  }
}

function withBench(
  use: (bench: Bench) => Promise<void>,
  limits?: ConstructorParameters<typeof Bench>[1],
): () => Promise<void> {
  return () =>
    withDirectory(async (directory) => {
      const db = openDatabase(`${directory}/steward.db`);
      const bench = new Bench(db, limits);
      await use(bench);
      await bench.queue.close();
      db.close();
    });
}

Deno.test(
  "operations that arrive together are committed together, in their order",
  withBench(async (bench) => {
    const revisions = await Promise.all(Array.from({ length: 100 }, () => bench.write(10)));
    assertEquals(revisions, Array.from({ length: 100 }, (_, i) => i + 1));
    assertEquals(bench.commits, [100]);
  }),
);

Deno.test(
  "a commit takes no more operations and bytes than it may, but always one",
  withBench(async (bench) => {
    await Promise.all(Array.from({ length: 7 }, () => bench.write(10)));
    assertEquals(bench.commits, [3, 6, 7]);
    await Promise.all([600, 600, 5000, 100, 800].map((bytes) => bench.write(bytes)));
    assertEquals(bench.commits.slice(3), [8, 9, 10, 12]);
    await Promise.all([bench.write(1), bench.write(1, undefined, 3), bench.write(1, undefined, 50), bench.write(1)]);
    assertEquals(bench.commits.slice(7), [13, 14, 15, 16]);
  }, { commitMaxOperations: 3, commitMaxBytes: 1000 }),
);

Deno.test(
  "an operation that fails is undone alone, in the database, the revisions and what is told",
  withBench(async (bench) => {
    const told: string[] = [];
    const results = await Promise.allSettled([
      bench.write(10, (tx) => tx.onCommit(() => told.push("a"))),
      bench.write(10, (tx) => {
        tx.onCommit(() => told.push("b"));
        throw new TypeError("a bug");
      }),
      bench.write(10, (tx) => void tx.db.run("INSERT INTO state VALUES (1, 1, 1)")),
      bench.write(10, (tx) => tx.onCommit(() => told.push("d"))),
    ]);
    assertEquals(results.map((result) => result.status === "fulfilled" ? result.value : result.reason.message), [
      1,
      "a bug",
      "UNIQUE constraint failed: state.id",
      2,
    ]);
    assertEquals(told, ["a", "d"]);
    assertEquals(bench.rows(), 2);
    assertEquals(bench.commits, [2]);
    assertEquals(bench.db.all("SELECT revision FROM changes"), [[1], [2]]);
    assert(!bench.db.inTransaction);
    assertEquals(bench.failures, [null]);
  }),
);

Deno.test(
  "operations that all fail leave no transaction open and no trace",
  withBench(async (bench) => {
    const fail = () => {
      throw new Error("no");
    };
    await Promise.all([1, 2].map(() => assertRejects(() => bench.write(10, fail), Error, "no")));
    assert(!bench.db.inTransaction);
    assertEquals([bench.rows(), bench.commits], [0, [0]]);
    assertEquals(await bench.write(10), 1);
  }),
);

Deno.test(
  "an operation that meddles with the transaction fails its commit, not the queue",
  withBench(async (bench) => {
    const meddle = bench.write(10, (tx) => void tx.db.run("ROLLBACK"));
    const beside = bench.write(10);
    await assertRejects(() => meddle);
    await assertRejects(() => beside);
    assert(!bench.db.inTransaction);
    assertEquals(await bench.write(10), 1);
    assertEquals(bench.rows(), 1);
  }),
);

Deno.test(
  "a full database fails the whole commit and is forgotten when there is room again",
  withBench(async (bench) => {
    await bench.write(10);
    const [pages] = bench.db.get("PRAGMA page_count") as [number];
    bench.db.get(`PRAGMA max_page_count = ${pages + 4}`);
    const results = await Promise.allSettled([bench.write(10), bench.write(1_000_000), bench.write(10)]);
    assertEquals(results.map((result) => result.status === "rejected" && result.reason.reason), [
      "STORAGE_FULL",
      "STORAGE_FULL",
      "STORAGE_FULL",
    ]);
    assert(!bench.db.inTransaction);
    assertEquals([bench.rows(), bench.commits], [1, [1]]);
    assertEquals(bench.failures.length, 2);
    assert(bench.health.failure?.includes("no space is left"), bench.health.failure ?? "well");
    bench.db.get("PRAGMA max_page_count = 1000000");
    assertEquals(await bench.write(1_000_000), 2);
    assertEquals(bench.failures[2], null);
    assertEquals(bench.db.all("SELECT revision FROM changes"), [[1], [2]]);
  }),
);

Deno.test(
  "a commit that fails because another program holds the database fails its operations",
  withBench(async (bench) => {
    await bench.write(10);
    const other = openDatabase(bench.db.path);
    other.run("BEGIN IMMEDIATE");
    await assertReason(() => bench.write(10), "STORAGE_UNAVAILABLE", { detail: "database is locked" });
    other.rollback();
    other.close();
    assertEquals(await bench.write(10), 2);
    assertEquals(bench.health.failure, null);
  }),
);

Deno.test(
  "the queue takes no more than its limit, and goes on when it is empty again",
  withBench(async (bench) => {
    const taken = Array.from({ length: 5 }, () => bench.write(10));
    assertEquals(bench.queue.length, 5);
    await assertReason(() => bench.write(10), "WRITE_QUEUE_FULL", { limit: 5 });
    await Promise.all(taken);
    assertEquals(await bench.write(10), 6);
  }, { maxQueuedOperations: 5 }),
);

Deno.test(
  "sockets are served between the commits of a long queue",
  withBench(async (bench) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const client = await Deno.connect({ hostname: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port });
    const server = await listener.accept();
    const written = Promise.all(Array.from({ length: 800 }, () => bench.write(10)));
    const byte = new Uint8Array(1);
    for (let trip = 0; trip < 20; trip++) {
      // Reading first, so that it has to wait for the socket.
      await Promise.all([server.read(byte), client.write(byte)]);
      await Promise.all([client.read(byte), server.write(byte)]);
    }
    // Looked at once in 61 turns, the sockets would have waited for the whole queue and more.
    const waiting = bench.queue.length;
    for (const socket of [client, server, listener]) socket.close();
    await written;
    assert(waiting > 0, "the sockets had to wait for the whole queue");
  }, { commitMaxOperations: 1 }),
);
