/**
 * `steward demo`
 *
 * @module
 */
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { Code, type CodeName, codeName } from "../../rpc/code.ts";
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import { CallError, Exit, LocalError, type Status } from "../failure.ts";
import { fillRequestId } from "../flags/request.ts";
import type { Connection, OpenCall } from "../grpc/call.ts";
import { detailLines } from "../grpc/details.ts";
import { printable } from "../output/cells.ts";
import { jsonOf } from "../output/printer.ts";

export const demo: Command = {
  path: "demo",
  usage: "[FLAGS]",
  summary: "Walk through everything the services do, against a running server.",
  description:
    "It uses names of its own and removes what it made, so it may run against a store in use. The exit code is 1 " +
    "when the server answers differently from what the contract says.",
  flags: [],
  examples: ["demo", "demo --server other:50051"],
  async run(context) {
    const stage = new Stage(context, await context.connect());
    try {
      await play(stage);
    } catch (error) {
      await stage.abandon();
      throw error;
    }
    return await stage.finish();
  },
};

const WATCH_EVENTS_WITHIN_MS = 5000;

async function play(stage: Stage): Promise<void> {
  const mark = `demo-${crypto.randomUUID().slice(0, 8)}`;
  const [widget, gadget] = [`${mark} widget`, `${mark} gadget`];
  await stage.say(`The names of this run begin with '${mark}'.`);

  await stage.title("Inventory");
  await stage.expect("OK", "add an item", "AddItem", { name: widget, quantity: 10, price: 9.99 });
  stage.later(() => stage.tidy("RemoveItem", { name: widget }));
  await stage.expect("OK", "add another", "AddItem", { name: gadget, quantity: 3, price: 24.5 });
  stage.later(() => stage.tidy("RemoveItem", { name: gadget }));
  await stage.expect("ALREADY_EXISTS", "add the first one again", "AddItem", { name: widget, quantity: 1, price: 1 });
  await stage.expect("OK", "get it", "GetItem", { name: widget });
  await stage.expect("NOT_FOUND", "get one that is not there", "GetItem", { name: `${mark} nothing` });
  await stage.expect("INVALID_ARGUMENT", "add one with everything wrong", "AddItem", {
    name: "",
    quantity: -1,
    price: -1,
  });
  await stage.expect("OK", "stream the list", "ListItems", { prefix: mark });
  await stage.extra("FAILED_PRECONDITION", "take out more than there is", "AdjustStock", { name: gadget, delta: -4 });

  await stage.title("Tasks, and a watch on them");
  const watch = await stage.watch("WatchTasks");
  const created = await stage.expect("OK", "create a task that uses 4 widgets", "CreateTask", {
    title: `${mark} task`,
    description: "made by steward demo",
    materials: [{ item: widget, quantity: 4 }],
  });
  const task = (created?.task ?? {}) as JsonObject;
  const id = String(task.id ?? "");
  if (id !== "") stage.later(() => stage.tidy("DeleteTask", { id }));
  await stage.expect("OK", "get it", "GetTask", { id });
  await stage.expect("INVALID_ARGUMENT", "create one without a title", "CreateTask", { title: "" });
  await stage.expect("OK", "finish it, which takes the widgets out of stock", "UpdateTask", {
    id,
    status: "TASK_STATUS_DONE",
  });
  await stage.expect("OK", "see what is left of them", "GetItem", { name: widget });
  if (task.etag) {
    const stale = { id, title: `${mark} other`, etag: String(task.etag) };
    await stage.expect("ABORTED", "change it by its old etag", "UpdateTask", stale);
  }
  await stage.expect("OK", "delete it", "DeleteTask", { id });
  await stage.expect("NOT_FOUND", "get it once more", "GetTask", { id });
  await watch?.show((event) => (event.task as JsonObject | undefined)?.id === id, ["CREATED", "UPDATED", "DELETED"]);

  await stage.title("Streams end as the caller says");
  await stage.ending("CANCELLED", "cancel a watch", "WatchTasks", (call) => call.cancel());
}

/** Makes the calls, tells what they are and whether they went as they should. */
class Stage {
  readonly #context: Context;
  readonly #connection: Connection;
  readonly #met = new Map<CodeName, number>();
  readonly #undo: (() => Promise<void>)[] = [];
  #surprises = 0;

  constructor(context: Context, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
  }

  async say(text: string): Promise<void> {
    await this.#context.terminal.out(`${text}\n`);
    await this.#context.terminal.flush();
  }

  async title(text: string): Promise<void> {
    await this.say(`\n${this.#context.style.bold(text)}`);
  }

  /** Has something done at the end, the last first. */
  later(action: () => Promise<void>): void {
    this.#undo.push(action);
  }

  /** Makes a call that should end with the code. @returns Its first answer. */
  async expect(code: CodeName, what: string, method: string, request: JsonObject): Promise<JsonObject | undefined> {
    const { answers, status } = await this.#call(method, request);
    await this.#tell(code, what, method, status, answers);
    return answers[0];
  }

  /** The same for a method that a server of the first contract need not have. */
  async extra(code: CodeName, what: string, method: string, request: JsonObject): Promise<void> {
    const { answers, status } = await this.#call(method, request);
    if (status.code === Code.UNIMPLEMENTED) await this.say(`  ${what}: this server has no ${method}`);
    else await this.#tell(code, what, method, status, answers);
  }

  /** Opens a watch and returns once it stands. */
  async watch(method: string): Promise<WatchShow | undefined> {
    const { call, show } = this.#open(method, {});
    const headers = await call.headers;
    if (headers === undefined) {
      await this.#tell("OK", "watch", method, await call.status, []);
      return undefined;
    }
    await this.say("  watch: events are collected while changes happen");
    const events: JsonObject[] = [];
    const reading = (async () => {
      for await (const batch of call.batches) for (const message of batch) events.push(show(message));
    })();
    return {
      show: async (mine, kinds) => {
        const seen = () => events.filter(mine);
        const end = performance.now() + WATCH_EVENTS_WITHIN_MS;
        while (seen().length < kinds.length && performance.now() < end) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        call.cancel();
        await reading;
        await this.say("  meanwhile the watch saw:");
        for (const event of seen()) await this.say(`    ${brief(event)}`);
        const got = seen().map((event) => String(event.eventType).replace("TASK_EVENT_TYPE_", "")).join(", ");
        if (got !== kinds.join(", ")) await this.#surprise(`expected ${kinds.join(", ")}, got ${got || "nothing"}`);
      },
    };
  }

  /** Opens a stream, does something to it once it stands, and tells how it ended. */
  async ending(code: CodeName, what: string, method: string, act: (call: OpenCall) => void): Promise<void> {
    const { call } = this.#open(method, {});
    await call.headers;
    act(call);
    for await (const _batch of call.batches) { /* events of others */ }
    await this.#tell(code, what, method, await call.status, []);
  }

  /** Removes something; that it is gone already is as good. */
  async tidy(method: string, request: JsonObject): Promise<void> {
    const { status } = await this.#call(method, request, new AbortController().signal);
    if (status.code === Code.OK || status.code === Code.NOT_FOUND) return;
    if (status.code === Code.UNIMPLEMENTED) await this.say(`  this server has no ${method}: ${brief(request)} stays`);
    else await this.#surprise(`${method} ${brief(request)}: ${codeName(status.code)} ${status.message}`);
  }

  /** Cleans up after a run that cannot go on, as far as the server still lets it. */
  async abandon(): Promise<void> {
    for (const action of this.#undo.toReversed()) await action().catch(() => {});
  }

  /** Cleans up and sums up. @returns What to exit with. */
  async finish(): Promise<number> {
    await this.title("Cleaning up");
    for (const action of this.#undo.toReversed()) await action();
    const met = [...this.#met].map(([name, count]) => `${name} ${count}`).join(", ");
    await this.say(`  what was made is gone again\n\nStatus codes met: ${met}`);
    if (this.#surprises === 0) return Exit.OK;
    await this.say(`${this.#surprises} answers were not what the contract says`);
    return Exit.LOCAL;
  }

  #open(name: string, json: JsonObject, signal = this.#context.signal) {
    const { registry, groups } = this.#context.contract();
    const method = groups.flatMap(({ service }) => service.methods).find((one) => one.name === name);
    if (method === undefined) throw new LocalError(`the contract has no ${name}`);
    const request = fromJson(method.input, json, { registry });
    fillRequestId(request, method.input);
    const call = this.#connection.open(method, [request], { signal });
    return { call, show: (message: Parameters<typeof jsonOf>[1]) => jsonOf(method.output, message, registry) };
  }

  async #call(
    name: string,
    json: JsonObject,
    signal = this.#context.signal,
  ): Promise<{ answers: JsonObject[]; status: Status }> {
    const { call, show } = this.#open(name, json, signal);
    const answers: JsonObject[] = [];
    for await (const batch of call.batches) for (const message of batch) answers.push(show(message));
    const status = await call.status;
    // A server that is not there is not a step of the demonstration.
    if (status.code === Code.UNAVAILABLE || signal.aborted) throw new CallError(name, status);
    return { answers, status };
  }

  async #tell(
    expected: CodeName,
    what: string,
    method: string,
    status: Status,
    answers: readonly JsonObject[],
  ): Promise<void> {
    const { style } = this.#context;
    const name = codeName(status.code);
    this.#met.set(name, (this.#met.get(name) ?? 0) + 1);
    const paint = name === "OK" ? style.green : style.yellow;
    const message = status.message === "" ? "" : `: ${printable(status.message)}`;
    await this.say(`  ${what}\n    ${method} -> ${paint(name)}${message}`);
    if (name === "INVALID_ARGUMENT" || name === "FAILED_PRECONDITION") {
      const facts = status.details.filter(({ type }) => /BadRequest|PreconditionFailure/.test(type));
      for (const line of detailLines(facts)) await this.say(`      ${printable(line)}`);
    }
    for (const answer of answers) await this.say(`    ${brief(answer)}`);
    if (name !== expected) await this.#surprise(`expected ${expected}`);
  }

  async #surprise(text: string): Promise<void> {
    this.#surprises++;
    await this.say(`    ${this.#context.style.red(text)}`);
  }
}

interface WatchShow {
  /** Waits for the kinds of events, then ends the watch and tells what came. */
  show(mine: (event: JsonObject) => boolean, kinds: readonly string[]): Promise<void>;
}

const TOLD = ["eventType", "name", "title", "status", "quantity", "price", "delta"];

/** What matters of an answer, in a line. */
function brief(answer: JsonObject): string {
  const inner = (answer.task ?? answer.item ?? {}) as JsonObject;
  const facts = { ...answer, ...inner };
  return TOLD.filter((name) => facts[name] !== undefined && facts[name] !== "")
    .map((name) => `${name} ${printable(String(facts[name]).replace(/^TASK_(EVENT_TYPE|STATUS)_/, "").toLowerCase())}`)
    .join(", ");
}
