/**
 * `steward list`
 *
 * @module
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { nearest } from "../../text/nearest.ts";
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import { Exit, LocalError, UsageError } from "../failure.ts";
import { findService, Reflection } from "../grpc/reflection.ts";
import { pad, stringWidth } from "../output/table.ts";

export const list: Command = {
  path: "list",
  usage: "[SERVICE] [FLAGS]",
  summary: "List the services of any gRPC server, or the methods of one.",
  flags: [],
  examples: ["list", "list inventory.Inventory", "list --server other:50051 --tls"],
  arguments: ({ contract }) => contract().groups.map(({ service }) => service.typeName),
  async run(context) {
    const [name, surplus] = context.parsed.positionals;
    if (surplus !== undefined) throw new UsageError(`unexpected argument '${surplus}'`);
    const reflection = new Reflection(context, await context.connect());
    if (name === undefined) {
      await show(context, (await reflection.services()).map((service) => ({ service })), ({ service }) => service);
      return Exit.OK;
    }
    const found = await findService(reflection, context.contract(), name);
    if (found === undefined) {
      const meant = nearest(name, await reflection.services());
      throw new LocalError(`the server has no service '${name}'`, meant && `did you mean ${meant}?`);
    }
    const rows = found.service.methods.map((method) => ({
      method: `${name}/${method.name}`,
      kind: method.methodKind,
      input: method.input.typeName,
      output: method.output.typeName,
    }));
    const width = Math.max(...rows.map(({ method }) => stringWidth(method)));
    await show(
      context,
      rows,
      ({ method }, index) => `${pad(method, width)}  ${signature(found.service.methods[index]!)}`,
    );
    return Exit.OK;
  },
};

async function show<Row extends object>(
  { terminal, settings }: Context,
  rows: readonly Row[],
  line: (row: Row, index: number) => string,
): Promise<void> {
  switch (settings.format) {
    case "json":
      return await terminal.out(JSON.stringify(rows, null, 2) + "\n");
    case "jsonl":
      return await terminal.out(rows.map((row) => JSON.stringify(row) + "\n").join(""));
    case "yaml": {
      const { stringify } = await import("yaml");
      return await terminal.out(stringify(rows));
    }
    default:
      await terminal.out(rows.map((row, index) => line(row, index) + "\n").join(""));
  }
}

/** `(GetItemRequest) returns (stream Item)` */
export function signature({ input, output, methodKind }: DescMethod): string {
  const takes = methodKind === "client_streaming" || methodKind === "bidi_streaming" ? "stream " : "";
  const gives = methodKind === "server_streaming" || methodKind === "bidi_streaming" ? "stream " : "";
  return `(${takes}${input.name}) returns (${gives}${output.name})`;
}
