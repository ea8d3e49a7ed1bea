/**
 * SIGKILL of the real server in the middle of a write load over gRPC, again and again on one database.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { TaskStatus } from "../../lib/schema/mod.ts";
import type * as pb from "../../lib/schema/mod.ts";
import { TestClient } from "../helpers/grpc_client.ts";
import { startServer } from "../helpers/server.ts";
import { contractSchema, LANES, plain, withDirectory } from "../helpers/steward.ts";
import { until } from "../helpers/wait.ts";
import { randomNumbers } from "../store/fixture.ts";

const ROUNDS = Number(Deno.env.get("STEWARD_KILL_ROUNDS") ?? 6);
const CALLERS = 12;
const { TASK_STATUS_TODO: TODO, TASK_STATUS_DONE: DONE } = TaskStatus;

const ADD = "inventory.Inventory/AddItem";
const ADJUST = "inventory.Inventory/AdjustStock";
const CREATE = "taskmanager.TaskManager/CreateTask";
const UPDATE = "taskmanager.TaskManager/UpdateTask";

interface Write {
  readonly path: string;
  readonly request: Readonly<Record<string, unknown>> & { readonly request_id: string };
  answer?: Record<string, unknown>;
}

type Random = (limit: number) => number;

/** Writes one thing after the other, and knows what the server must have when all of it was done once. */
class Caller {
  readonly done: Write[] = [];
  /** What was sent and not answered: it may have happened or not. */
  inDoubt: Write | undefined;
  readonly stock = new Map<string, number>();
  readonly tasks = new Map<string, { materials: pb.Material[]; status: number }>();
  #count = 0;

  constructor(readonly name: string, private readonly random: Random) {}

  /** Writes until a call fails. */
  async run(client: TestClient, acknowledged: () => void): Promise<void> {
    for (;;) {
      this.inDoubt = this.#next();
      try {
        await this.finish(client);
      } catch {
        return;
      }
      acknowledged();
    }
  }

  /** Sends what is in doubt, for the first time or again. */
  async finish(client: TestClient): Promise<void> {
    const write = this.inDoubt!;
    write.answer = plain(await client.ask<Record<string, unknown>>(write.path, write.request));
    this.inDoubt = undefined;
    this.done.push(write);
    this.#apply(write);
  }

  #next(): Write {
    const request_id = `${this.name}-${++this.#count}`;
    const items = [...this.stock.keys()];
    const tasks = [...this.tasks.keys()];
    const choice = this.random(100);
    if (items.length < 3 || choice < 15) {
      return { path: ADD, request: { name: `item ${request_id}`, quantity: 1000, request_id } };
    }
    const item = items[this.random(items.length)]!;
    if (choice < 50 || this.stock.get(item)! < 500) {
      const delta = this.stock.get(item)! < 500 ? 500 : this.random(2) === 0 ? -1 - this.random(9) : 1 + this.random(9);
      return { path: ADJUST, request: { name: item, delta, reference: request_id, request_id } };
    }
    if (tasks.length === 0 || choice < 70) {
      const names = new Set(Array.from({ length: 3 }, () => items[this.random(items.length)]!));
      const materials = [...names].map((name) => ({ item: name, quantity: 1 + this.random(20) }));
      return { path: CREATE, request: { title: `task ${request_id}`, materials, request_id } };
    }
    const id = tasks[this.random(tasks.length)]!;
    return { path: UPDATE, request: { id, status: this.tasks.get(id)!.status === DONE ? TODO : DONE, request_id } };
  }

  #apply({ path, request, answer }: Write): void {
    if (path === ADD) this.stock.set(request.name as string, 1000);
    else if (path === ADJUST) this.#move(request.name as string, request.delta as number);
    else {
      const { id, status, materials } = answer!.task as pb.Task;
      if (path === UPDATE) {
        for (const { item, quantity } of materials) this.#move(item, status === DONE ? -quantity : quantity);
      }
      this.tasks.set(id, { materials: materials.map((material) => ({ ...material })), status });
    }
  }

  #move(item: string, delta: number): void {
    this.stock.set(item, this.stock.get(item)! + delta);
  }
}

/** What a server has. */
interface Found {
  readonly stock: Map<string, number>;
  readonly tasks: Map<string, pb.Task>;
  /** Movements by their reference. */
  readonly references: Map<string, number>;
}

/** Reads everything, and checks that nothing of it is half there. */
async function readWhole(client: TestClient): Promise<Found> {
  const { messages } = await client.call("inventory.Inventory/ListItems");
  const stock = new Map((messages as unknown as pb.Item[]).map(({ name, quantity }) => [name, quantity]));
  const movements = await pages<pb.Movement>(client, "inventory.Inventory/ListMovements", "movements");
  const tasks = await pages<pb.Task>(client, "taskmanager.TaskManager/ListTasks", "tasks");
  const sums = new Map<string, number>();
  const moved = new Map<string, number>();
  const references = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, delta: number) => map.set(key, (map.get(key) ?? 0) + delta);
  for (const { item, delta, reference, task_id } of movements) {
    add(sums, item, delta);
    if (task_id === "") add(references, reference, 1);
    else add(moved, `${task_id} ${item}`, delta);
  }
  for (const [name, quantity] of stock) assertEquals(quantity, sums.get(name), `the ledger of ${name}`);
  for (const { id, title, status, materials } of tasks) {
    for (const { item, quantity } of materials) {
      assertEquals(moved.get(`${id} ${item}`) ?? 0, status === DONE ? -quantity : 0, `the materials of ${title}`);
    }
  }
  return { stock, tasks: new Map(tasks.map((task) => [task.id, task])), references };
}

async function pages<T>(client: TestClient, path: string, field: string): Promise<T[]> {
  const all: T[] = [];
  for (let page_token = "";;) {
    const page = await client.ask<Record<string, unknown>>(path, { page_size: 1000, page_token });
    all.push(...page[field] as T[]);
    page_token = page.next_page_token as string;
    if (page_token === "") return all;
  }
}

/** Everything acknowledged is there; what is in doubt may be. */
function assertAcknowledged({ stock, tasks, references }: Found, caller: Caller): void {
  for (const { path, request, answer } of caller.done) {
    if (path === ADD) assert(stock.has(request.name as string), `${request.name} is lost`);
    else if (path === ADJUST) assertEquals(references.get(request.request_id), 1, `movement ${request.request_id}`);
    else {
      const { id, revision } = answer!.task as pb.Task;
      assert(tasks.has(id) && tasks.get(id)!.revision >= revision, `${path} ${request.request_id} is lost`);
    }
  }
}

/** Exactly what the caller wrote is there, each write once. */
function assertExact({ stock, tasks, references }: Found, caller: Caller): void {
  assertAcknowledged({ stock, tasks, references }, caller);
  for (const [name, quantity] of caller.stock) assertEquals(stock.get(name), quantity, name);
  for (const [id, { status }] of caller.tasks) assertEquals(tasks.get(id)!.status, status, id);
}

/** Watches over any number of servers, from where it was. */
class Follower {
  /** Every revision given, in order. */
  readonly revisions: number[] = [];

  constructor(readonly path: string) {}

  get last(): number {
    return this.revisions.at(-1) ?? 0;
  }

  /** Follows one server. Resolves once the watch stands. */
  async follow(client: TestClient): Promise<{ readonly ended: Promise<unknown> }> {
    const call = client.open(this.path);
    call.stream.on("data", ({ revision }: { revision: number }) => {
      // The parts of a revision before its last have none.
      if (revision !== 0) this.revisions.push(revision);
    });
    call.send({ since_revision: this.last });
    call.finish();
    await call.headers;
    return { ended: call.received };
  }
}

Deno.test(`what was acknowledged is there, whole and once, after ${ROUNDS} kills of the server under load`, () =>
  withDirectory(async (data) => {
    const seed = Date.now() % 1_000_000_007;
    const random = randomNumbers(seed);
    const callers = Array.from({ length: CALLERS }, (_, n) => new Caller(`c${n}`, random));
    const followers = ["inventory.Inventory/WatchItems", "taskmanager.TaskManager/WatchTasks"]
      .map((path) => new Follower(path));
    let revision = 0;
    let applied = 0;
    let inDoubt = 0;
    try {
      for (let round = 0; round <= ROUNDS; round++) {
        const args = ["--transport", LANES[round % LANES.length]!, "--log-level", "warn"];
        const server = await startServer({ data, args });
        const client = new TestClient(server.address, contractSchema());
        try {
          const before = Number(/at revision (\d+)/.exec(server.process.stdout)![1]);
          assert(before >= revision, `revision ${before} comes after ${revision}`);
          const following = await Promise.all(followers.map((follower) => follower.follow(client)));

          const found = await readWhole(client);
          for (const caller of callers) {
            assertAcknowledged(found, caller);
            if (caller.inDoubt === undefined) continue;
            inDoubt++;
            await caller.finish(client);
            if (revisionOf(caller.done.at(-1)) <= before) applied++;
            // What was acknowledged long ago is not done again either.
            const old = caller.done[random(caller.done.length)]!;
            assertEquals(plain(await client.ask<Record<string, unknown>>(old.path, old.request)), old.answer);
          }
          const exact = await readWhole(client);
          for (const caller of callers) assertExact(exact, caller);

          if (round === ROUNDS) {
            const { item } = await client.ask<pb.AddItemResponse>(ADD, { name: "the end" });
            revision = item!.revision;
            await client.ask(CREATE, { title: "the end" });
            await until(
              "the followers are at the end",
              () => followers[0]!.last >= revision && followers[1]!.last > revision,
            );
            await server.stop();
            await Promise.all(following.map(({ ended }) => ended));
            continue;
          }
          let acknowledged = 0;
          const enough = 100 + random(400);
          const load = callers.map((caller) => caller.run(client, () => acknowledged++));
          await until(`${enough} writes`, () => acknowledged >= enough, { everyMs: 1, withinMs: 30_000 });
          await server.kill();
          await Promise.all([...load, ...following.map(({ ended }) => ended)]);
          revision = Math.max(
            ...followers.map(({ last }) => last),
            ...callers.map(({ done }) => revisionOf(done.at(-1))),
          );
        } finally {
          client.close();
          await server.kill();
        }
      }
      assertFollowed(data, followers);
      const total = callers.reduce((sum, caller) => sum + caller.done.length, 0);
      console.log(`${ROUNDS} kills, ${total} writes, ${inDoubt} in doubt of which ${applied} had been done`);
    } catch (error) {
      throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }));

/** The revision that a write made, 0 when there is none. */
function revisionOf(write: Write | undefined): number {
  return ((write?.answer?.item ?? write?.answer?.task) as pb.Item | undefined)?.revision ?? 0;
}

/** Each follower saw each revision of its kind exactly once and in order, and the log has no hole. */
function assertFollowed(data: string, followers: readonly Follower[]): void {
  const db = new DatabaseSync(`${data}/steward.db`, { readOnly: true });
  try {
    assertEquals(db.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
    const log = db.prepare("SELECT revision, kinds FROM changes ORDER BY revision").all() as unknown as {
      revision: number;
      kinds: number;
    }[];
    assertEquals(log.map(({ revision }) => revision), Array.from({ length: log.length }, (_, n) => n + 1));
    for (const [bit, follower] of followers.entries()) {
      const wanted = log.filter(({ kinds }) => kinds & (1 << bit)).map(({ revision }) => revision);
      assertEquals(follower.revisions, wanted, follower.path);
    }
  } finally {
    db.close();
  }
}
