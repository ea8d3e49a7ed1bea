/**
 * Finds the command that words mean.
 *
 * @module
 */
import { nearest } from "../../text/nearest.ts";
import type { Command } from "../command.ts";
import type { Base } from "../context.ts";
import { UsageError } from "../failure.ts";
import { findGroup, findMethod } from "../groups.ts";
import { BUILT_IN, IN_GROUPS } from "./mod.ts";

/**
 * The command of the leading words, and how many of them name it; undefined for a group alone.
 *
 * @throws UsageError when there is none, with the nearest name.
 */
export async function findCommand(
  words: readonly string[],
  base: Base,
): Promise<{ command: Command; words: number } | undefined> {
  const [first, second] = words;
  const builtIn = Object.hasOwn(BUILT_IN, first!) ? BUILT_IN[first!] : undefined;
  if (builtIn !== undefined) return { command: await builtIn.load(), words: 1 };
  const { groups } = base.contract();
  const group = findGroup(groups, first!);
  if (group === undefined) {
    const names = [...groups.filter(({ hidden }) => !hidden).map(({ name }) => name), ...Object.keys(BUILT_IN), "help"];
    throw unknown(`unknown command '${first}'`, first!, names, "", "steward help");
  }
  if (second === undefined) return group.name === "health" ? await methodCommand(group, "check", 1) : undefined;
  const special = IN_GROUPS[`${group.name} ${second}`];
  if (special !== undefined) return { command: await special.load(), words: 2 };
  const found = await methodCommand(group, second, 2);
  if (found !== undefined) return found;
  const names = group.methods.flatMap(({ name, short }) => [short, name]);
  throw unknown(
    `${group.name} has no command '${second}'`,
    second,
    names,
    `${group.name} `,
    `steward ${group.name} --help`,
  );

  async function methodCommand(group: (typeof groups)[number], name: string, count: number) {
    const method = findMethod(group, name);
    if (method === undefined) return undefined;
    const { rpcCommand } = await import("./rpc.ts");
    const taken = Object.hasOwn(IN_GROUPS, `${group.name} ${method.short}`);
    const names = taken ? { ...method, short: method.name } : method;
    return { command: rpcCommand(group, names, base.contract()), words: count };
  }
}

function unknown(message: string, name: string, names: readonly string[], prefix: string, help: string): UsageError {
  const meant = nearest(name, names) ?? names.find((one) => name.length > 1 && one.startsWith(name));
  return new UsageError(
    message,
    meant ? `did you mean \`steward ${prefix}${meant}\`?` : `\`${help}\` lists what there is`,
  );
}
