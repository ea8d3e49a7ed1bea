/**
 * Opens the store in the directory given and writes until it is killed, printing each write once it is acknowledged:
 * `item NAME QUANTITY REVISION`, `gone NAME REVISION` or `task ID STATUS REVISION`.
 *
 * @module
 */
import { openStore } from "../../lib/store/mod.ts";
import { item, randomNumbers, task } from "./fixture.ts";

const [directory, seed] = [Deno.args[0]!, Number(Deno.args[1])];
const store = await openStore({ directory, maintenanceIntervalMs: 20, compactRevisions: 2000 });
const encoder = new TextEncoder();
/** Synchronous, so that a line is in the pipe before anything else happens. */
const say = (...words: (string | number)[]) => Deno.stdout.writeSync(encoder.encode(words.join(" ") + "\n"));
say("ready", store.status().revision);

/** Each writer has things of its own, so that the last word on each of them is known. */
async function write(writer: number): Promise<never> {
  const random = randomNumbers(seed * 100 + writer + 1);
  const tasks: string[] = [];
  for (let i = 0;; i++) {
    const name = `w${writer} ${random(20)}`;
    try {
      switch (random(6)) {
        case 0:
          say("item", ...facts(await store.items.add(item(name, { quantity: 1 + random(50) }))));
          break;
        case 1:
          say("item", ...facts((await store.items.adjust(name, { delta: 1, reason: "more", reference: "" })).item));
          break;
        case 2:
          say("gone", name.replaceAll(" ", "_"), (await store.items.remove(name)).revision);
          break;
        case 3: {
          const rows = Array.from({ length: 20 }, (_, n) => item(`w${writer} row ${n}`, { quantity: random(99) }));
          await store.items.importRows(rows, { mode: "replace" });
          const { name: last } = rows[rows.length - 1]!;
          say("item", ...facts((await store.items.get(last))!));
          break;
        }
        case 4: {
          const made = await store.tasks.create(task(`t${i}`, { materials: [{ item: name, quantity: 1 }] }));
          tasks.push(made.id);
          say("task", made.id, made.status, made.revision);
          break;
        }
        default: {
          const id = tasks[random(Math.max(1, tasks.length))];
          if (id === undefined) break;
          const status = random(2) === 0 ? "done" : "todo";
          const changed = await store.tasks.update(id, { status });
          say("task", id, changed.status, changed.revision);
        }
      }
    } catch (error) {
      if ((error as Error).name !== "StoreError") throw error;
      // Not there, already there, or too few: as chance has it.
    }
  }
}

function facts({ name, quantity, revision }: { name: string; quantity: number; revision: number }) {
  return [name.replaceAll(" ", "_"), quantity, revision];
}

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
