/**
 * `steward call`
 *
 * @module
 */
import { createRegistry, type Message } from "@bufbuild/protobuf";
import type { Command } from "../command.ts";
import { LocalError, UsageError } from "../failure.ts";
import { nearest } from "../../text/nearest.ts";
import { jsonValues } from "../flags/data.ts";
import { messageFromJson, requestOf } from "../flags/request.ts";
import { isSideEffectFree } from "../grpc/retries.ts";
import { findService, Reflection } from "../grpc/reflection.ts";
import { DATA_FLAG } from "./rpc.ts";

export const call: Command = {
  path: "call",
  usage: "SERVICE/METHOD [-d JSON] [FLAGS]",
  summary: "Call a method of any gRPC server.",
  description:
    "The types come from the server by reflection. For a stream of requests give several values of JSON with -d.",
  flags: [DATA_FLAG],
  examples: [
    `call inventory.Inventory/GetItem -d '{"name":"Widget"}'`,
    "call inventory.Inventory/ImportItems -d @rows.json",
    `call grpc.health.v1.Health/Check --server other:50051 -o json --envelope`,
  ],
  arguments: ({ contract }) =>
    contract().groups.flatMap(({ service }) => service.methods.map((method) => `${service.typeName}/${method.name}`)),
  async run(context) {
    const [symbol, surplus] = context.parsed.positionals;
    if (symbol === undefined) throw new UsageError("call needs SERVICE/METHOD", "`steward list` shows the services");
    if (surplus !== undefined) throw new UsageError(`unexpected argument '${surplus}'; the request goes into -d`);
    const { serviceName, methodName } = parseSymbol(symbol);
    const contract = context.contract();
    const found = await findService(new Reflection(context, await context.connect()), contract, serviceName);
    if (found === undefined) {
      throw new LocalError(`the server has no service '${serviceName}'`, "`steward list` shows what it has");
    }
    const method = found.service.methods.find(({ name }) => name === methodName);
    if (method === undefined) {
      const meant = nearest(methodName, found.service.methods.map(({ name }) => name));
      throw new LocalError(
        `${serviceName} has no method '${methodName}'`,
        meant ? `did you mean ${serviceName}/${meant}?` : `\`steward list ${serviceName}\` shows what it has`,
      );
    }
    const registry = createRegistry(found.registry, contract.registry);
    // A foreign request_id may mean anything, so only what is free of side effects is tried again.
    const connection = await context.connect({ retried: found.service.methods.filter(isSideEffectFree), registry });
    const { invoke } = await import("./invoke.ts");
    const requests = async function* (): AsyncGenerator<Message> {
      const sources = context.parsed.values.get("data");
      if (sources === undefined) yield requestOf(method.input, { entries: [] }, registry);
      for (const source of sources ?? []) {
        for await (const json of jsonValues(source, () => context.terminal.stdin)) {
          yield messageFromJson(method.input, json, registry);
        }
      }
    };
    return await invoke({ context, connection, method, requests: requests(), registry });
  },
};

/** `pkg.Service/Method`, also with a dot before the method or a slash in front. */
function parseSymbol(symbol: string): { serviceName: string; methodName: string } {
  const match = /^\/?([\w.]+)[/.](\w+)$/.exec(symbol);
  if (!match) throw new UsageError(`a method is SERVICE/METHOD, such as inventory.Inventory/GetItem, not '${symbol}'`);
  return { serviceName: match[1]!, methodName: match[2]! };
}
