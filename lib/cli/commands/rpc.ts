/**
 * The command of a method of the contract.
 *
 * @module
 */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import type { Contract } from "../contract.ts";
import { UsageError } from "../failure.ts";
import { jsonValues } from "../flags/data.ts";
import { fieldFlags, positionalFlag } from "../flags/fields.ts";
import type { Flag } from "../flags/parse.ts";
import {
  applyFields,
  fillRequestId,
  fillUpdateMask,
  type GivenFields,
  givenFields,
  messageFromJson,
  requestOf,
} from "../flags/request.ts";
import type { Group, MethodCommand } from "../groups.ts";
import { GLOBAL_FLAGS } from "../settings.ts";
import { rpcExamples } from "./examples.ts";

export const DATA_FLAG: Flag = {
  name: "data",
  short: "d",
  placeholder: "JSON|@FILE|@-",
  repeatable: true,
  takesFile: true,
  help: "The request as JSON; several in a row are several requests. Other flags override its fields.",
};

const ALL_FLAG: Flag = { name: "all", switch: true, help: "Fetch every page, not only one." };

/** The command of a method. */
export function rpcCommand(group: Group, names: MethodCommand, contract: Contract): Command {
  const { method } = names;
  const reserved = new Set([...GLOBAL_FLAGS, DATA_FLAG, ALL_FLAG].map(({ name }) => name));
  const fields = fieldFlags(method.input, contract.comment, reserved);
  const paged = isPaged(method);
  const flags: Flag[] = [...fields, DATA_FLAG, ...(paged ? [ALL_FLAG] : [])];
  const positional = positionalFlag(fields);
  const [summary = "", ...more] = contract.comment(method).split(/(?<=\.) (?=[A-Z])/);
  const watch = isWatch(method);
  return {
    path: `${group.name} ${names.short}`,
    ...(names.short !== names.name && { alias: names.name }),
    usage: [positional && `[${positional.path.at(-1)!.name.toUpperCase()}]`, "[FLAGS]"].filter(Boolean).join(" "),
    summary: summary || `Calls ${method.parent.typeName}/${method.name}.`,
    description: [more.join(" "), watch ? WATCH_NOTE : ""].filter((part) => part !== "").join("\n\n"),
    flags,
    examples: rpcExamples(group, names),
    arguments: (_base, before) => before.length === 0 && positional !== undefined ? positional : [],
    async run(context) {
      const given = givenFields(context.parsed, fields, context.values);
      const all = paged && context.parsed.values.get("all")?.[0] === "true";
      if (context.settings.envelope && (watch || all)) {
        throw new UsageError(`--envelope shows one call, and ${watch ? "a watch" : "--all"} may make several`);
      }
      if (watch) {
        const { runWatch } = await import("./watch.ts");
        return await runWatch(context, method, await onlyRequest(context, method, given));
      }
      const { invoke, invokePages } = await import("./invoke.ts");
      const connection = await context.connect();
      const { registry } = contract;
      const requests = requestsOf(context, method, given);
      return all
        ? await invokePages({ context, connection, method, requests, registry })
        : await invoke({ context, connection, method, requests, registry });
    },
  };
}

const WATCH_NOTE = "When the server goes away, the watch waits for it and goes on where it was. Ctrl-C ends it.";

/** The requests of a command line: each of `-d`, or the one that the flags make. */
export async function* requestsOf(
  context: Context,
  method: DescMethod,
  given: GivenFields,
): AsyncGenerator<Message> {
  const { registry } = context.contract();
  const sources = context.parsed.values.get("data");
  if (sources === undefined) {
    if (method.methodKind === "client_streaming" && given.entries.length === 0) {
      throw new UsageError(`${method.name} takes a stream of requests: give them with -d, such as -d @FILE or -d @-`);
    }
    const message = requestOf(method.input, given, registry);
    fillUpdateMask(message, method.input, given);
    fillRequestId(message, method.input);
    yield message;
    return;
  }
  for (const source of sources) {
    for await (const json of jsonValues(source, () => context.terminal.stdin)) {
      const message = applyFields(messageFromJson(method.input, json, registry), method.input, given, registry);
      fillRequestId(message, method.input);
      yield message;
    }
  }
}

async function onlyRequest(context: Context, method: DescMethod, given: GivenFields): Promise<Message> {
  const requests = await Array.fromAsync(requestsOf(context, method, given));
  if (requests.length !== 1) throw new UsageError(`a watch takes one request, not ${requests.length}`);
  return requests[0]!;
}

/** A stream of changes that can be resumed at a revision. */
export function isWatch(method: DescMethod): boolean {
  return method.methodKind === "server_streaming" &&
    method.input.fields.some(({ name }) => name === "since_revision") &&
    method.output.fields.some(({ name }) => name === "revision");
}

function isPaged(method: DescMethod): boolean {
  return method.methodKind === "unary" && method.input.fields.some(({ name }) => name === "page_token") &&
    method.output.fields.some(({ name }) => name === "next_page_token");
}
