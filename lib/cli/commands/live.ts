/**
 * Names of what the server has, for completion: quickly, a bounded number, and nothing at all when it is away.
 *
 * @module
 */
import { type DescMethod, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Base } from "../context.ts";
import { type Flag, type LiveNames, parseFlags } from "../flags/parse.ts";
import { resolveSettings } from "../settings.ts";

/** Whoever has pressed a key waits for this at most, beside the start of the client. */
const WITHIN_MS = 400;
const MAX_NAMES = 100;

/** A name with what it stands for. */
export interface LiveName {
  readonly word: string;
  readonly help?: string;
}

interface Source {
  readonly method: string;
  request(prefix: string): JsonObject;
  /** The field of the answer that repeats; absent when the answers of a stream are the things themselves. */
  readonly list?: string;
  readonly word: string;
  readonly help?: string;
}

const SOURCES: Readonly<Record<LiveNames, Source>> = {
  items: { method: "inventory.Inventory/ListItems", request: (prefix) => ({ prefix }), word: "name" },
  tasks: {
    method: "taskmanager.TaskManager/ListTasks",
    // What is still to be done first, and of that what was touched last.
    request: (prefix) => ({
      pageSize: MAX_NAMES,
      orderBy: "status, updated_at desc",
      ...(prefix !== "" && { filter: `id = ${JSON.stringify(`${prefix}*`)}` }),
    }),
    list: "tasks",
    word: "id",
    help: "title",
  },
};

/**
 * The names that begin with a prefix, from the server that the words before name. Never rejects.
 *
 * @param before The words of the line, without a flag that still waits for its value.
 */
export async function liveNames(
  names: LiveNames,
  prefix: string,
  before: readonly string[],
  flags: readonly Flag[],
  base: Base,
): Promise<LiveName[]> {
  const giveUp = new AbortController();
  const found: LiveName[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, WITHIN_MS));
  try {
    await Promise.race([
      fetchNames(SOURCES[names], prefix, { before, flags, base, signal: giveUp.signal, found }),
      late,
    ]);
  } catch {
    // The line may be wrong so far, or the server away: there is nothing to offer.
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
  return found.slice(0, MAX_NAMES);
}

async function fetchNames(
  source: Source,
  prefix: string,
  { before, flags, base, signal, found }: {
    readonly before: readonly string[];
    readonly flags: readonly Flag[];
    readonly base: Base;
    readonly signal: AbortSignal;
    readonly found: LiveName[];
  },
): Promise<void> {
  const settings = resolveSettings(parseFlags(before, flags), base.env);
  const { registry, groups } = base.contract();
  const [service, name] = source.method.split("/");
  const method = groups.find((group) => group.service.typeName === service)?.service.methods
    .find((one) => one.name === name);
  if (method === undefined) return;
  const [{ openClient }, { Connection }] = await Promise.all([
    import("../grpc/channel.ts"),
    import("../grpc/call.ts"),
  ]);
  const deadline = new Date(Date.now() + WITHIN_MS);
  const connection = new Connection(await openClient(settings, []), { registry, headers: settings.headers, deadline });
  try {
    const request = fromJson(method.input, source.request(prefix), { registry });
    for await (const batch of connection.open(method, [request], { signal }).batches) {
      for (const message of batch) found.push(...namesIn(reflect(method.output, message), source, method));
      if (found.length >= MAX_NAMES) return;
    }
  } finally {
    connection.close();
  }
}

type Reflected = ReturnType<typeof reflect>;

function namesIn(answer: Reflected, { list, word, help }: Source, { output }: DescMethod): LiveName[] {
  const field = output.fields.find(({ name }) => name === list);
  const things = field?.fieldKind === "list" ? [...answer.get(field) as Iterable<Reflected>] : [answer];
  return things.map((thing) => ({ word: textOf(thing, word), ...(help && { help: textOf(thing, help) }) }))
    // One candidate is one line, and a tab ends its word.
    .filter(({ word }) => word !== "" && !/\p{Cc}/u.test(word));
}

function textOf(thing: Reflected, name: string): string {
  const field = thing.desc.fields.find((one) => one.name === name);
  return field === undefined ? "" : String(thing.get(field));
}
