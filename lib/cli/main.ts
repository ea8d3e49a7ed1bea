/**
 * Finds the command that a command line means and runs it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { Command } from "./command.ts";
import { findCommand } from "./commands/find.ts";
import { BUILT_IN } from "./commands/mod.ts";
import type { Base, Context } from "./context.ts";
import { loadContract } from "./contract.ts";
import { Exit, Interrupted, LocalError, OutputClosed, reasonOf } from "./failure.ts";
import { leadingWords, parseFlags } from "./flags/parse.ts";
import type { Connection } from "./grpc/call.ts";
import { findGroup } from "./groups.ts";
import { type Environment, GLOBAL_FLAGS, resolveSettings, wantsColor } from "./settings.ts";
import { styleOf } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** What the process gives to its commands. */
export interface Host {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** The folder of .proto files. */
  readonly protoDirectory: string;
  /** Aborts with an {@linkcode Interrupted}. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** Runs a command line. @returns What to exit with. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  const base = baseOf(args, host);
  try {
    const code = await dispatch(args, base);
    await host.terminal.flush();
    return code;
  } catch (error) {
    try {
      await host.terminal.flush();
    } catch (closed) {
      if (closed instanceof OutputClosed) return Exit.OK;
      throw closed;
    }
    if (error instanceof OutputClosed) return Exit.OK;
    if (host.signal.reason instanceof Interrupted) return host.signal.reason.exitCode;
    const { report } = await import("./report.ts");
    return await report(error, base, args);
  }
}

function baseOf(args: readonly string[], { terminal, env, protoDirectory, signal, now }: Host): Base {
  // Also a command line that is wrong is answered in the colours it asks for.
  const color = args.includes("--no-color") ? false : undefined;
  const styled = (isTerminal: boolean) => styleOf(color ?? wantsColor(undefined, env, isTerminal));
  let contract: ReturnType<typeof loadContract> | undefined;
  return {
    terminal,
    env,
    signal,
    style: styled(terminal.stdoutIsTerminal),
    errStyle: styled(terminal.stderrIsTerminal),
    values: { now, readFile: readFileOrStdin },
    contract: () => contract ??= loadContract(protoDirectory),
  };
}

function readFileOrStdin(path: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    throw new LocalError(`cannot read ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
}

async function dispatch(args: readonly string[], base: Base): Promise<number> {
  if (args[0] === "--version" || args[0] === "-V") return await run(await BUILT_IN.version!.load(), [], base);
  if (args[0] === "__complete") {
    const { complete } = await import("./commands/complete.ts");
    return await complete(args.slice(1), base);
  }
  const positions = leadingWords(args, GLOBAL_FLAGS, 3);
  const words = positions.map((position) => args[position]!);
  if (words[0] === "help") return await help(words.slice(1), base);
  const wantsHelp = helpAskedFor(args);
  if (words.length === 0) {
    parseFlags(args, GLOBAL_FLAGS);
    return await help([], base);
  }
  const found = await findCommand(words, base);
  if (wantsHelp) return await help(found === undefined ? words.slice(0, 1) : words.slice(0, found.words), base);
  if (found === undefined) return await help(words.slice(0, 1), base);
  const rest = args.filter((_, index) => !positions.slice(0, found.words).includes(index));
  return await run(found.command, rest, base);
}

function helpAskedFor(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

async function help(words: readonly string[], base: Base): Promise<number> {
  const { overview, groupHelp, commandHelp } = await import("./help.ts");
  const group = words.length === 1 ? findGroup(base.contract().groups, words[0]!) : undefined;
  if (words.length === 0) await base.terminal.out(overview(base));
  else if (group !== undefined) await base.terminal.out(await groupHelp(group, base));
  else {
    const found = await findCommand(words, base);
    if (found !== undefined) await base.terminal.out(commandHelp(found.command, base));
  }
  return Exit.OK;
}

async function run(command: Command, args: readonly string[], base: Base): Promise<number> {
  const own = new Set(command.flags.map(({ name }) => name));
  const globals = GLOBAL_FLAGS.filter(({ name }) => !own.has(name));
  const parsed = parseFlags(args, [...command.flags, ...globals]);
  const settings = resolveSettings(parsed, base.env);
  const open: Connection[] = [];
  const context: Context = {
    ...base,
    style: styleOf(wantsColor(parsed, base.env, base.terminal.stdoutIsTerminal)),
    errStyle: styleOf(wantsColor(parsed, base.env, base.terminal.stderrIsTerminal)),
    parsed,
    settings,
    async connect(wishes) {
      const { openConnection } = await import("./grpc/connect.ts");
      const connection = await openConnection(context, wishes);
      open.push(connection);
      return connection;
    },
  };
  try {
    return await command.run(context);
  } finally {
    for (const connection of open) connection.close();
  }
}
