/**
 * The server's configuration from its command line and environment.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../text/nearest.ts";
import { COMMAND_NAMES, type CommandName, COMMANDS } from "./commands.ts";
import { type Config, flagOf, type SettingName, SETTINGS, variableOf } from "./settings.ts";

/** Thrown for a command line or environment that cannot be used; its message is a sentence for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What the command line asks for: to serve, to do something with the data, or to say something. */
export type Request =
  | { readonly command: "serve"; readonly config: Config }
  | { readonly command: "check"; readonly config: Config; readonly given: readonly Given[] }
  | { readonly command: "backup"; readonly data: string; readonly file: string; readonly force: boolean }
  | { readonly command: "restore"; readonly data: string; readonly file: string }
  | { readonly command: "help"; readonly topic: CommandName | null }
  | { readonly command: "version" };

/** A setting that is not at its default. */
export interface Given {
  readonly name: SettingName;
  /** The flag or the variable. */
  readonly source: string;
  /** As it was typed. */
  readonly text: string;
}

/**
 * Reads the command line and, for what it leaves out, the environment. An empty variable counts as none.
 *
 * @throws ConfigError naming the first setting that is wrong, or the argument that is unknown.
 */
export function readConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Request {
  const [first, ...others] = args;
  const named = first !== undefined && !first.startsWith("-");
  if (named && first === "help") {
    return { command: "help", topic: others[0] === undefined ? null : commandNamed(others[0]) };
  }
  const command = named ? commandNamed(first) : "serve";
  const { settings, switches, takesFile } = COMMANDS[command];
  const flags = settings.map(flagOf);
  const known = [...flags, ...Object.keys(switches), "help", "version"];
  const files: string[] = [];
  const takeArgument = (arg: string) => {
    if (!takesFile) throw new ConfigError(`unknown argument ${arg}`);
    files.push(arg);
  };
  const parsed = parseArgs(named ? others : args, {
    boolean: ["help", "version", ...Object.keys(switches)],
    // Switches too: a boolean that is not given is false, which would hide the environment.
    string: flags,
    alias: { h: "help", V: "version" },
    "--": true,
    unknown: (arg, key) => {
      if (key === undefined) return takeArgument(arg);
      const hint = nearest(key, known);
      throw new ConfigError(`unknown argument ${arg}` + (hint ? `; did you mean --${hint}?` : ""));
    },
  });
  (parsed["--"] as readonly string[]).forEach(takeArgument);
  if (parsed.help) return { command: "help", topic: named ? command : null };
  if (parsed.version) return { command: "version" };
  const read = settings.map((name) => valueOf(name, parsed[flagOf(name)], env));
  const config = Object.fromEntries(read.map(({ name, value }) => [name, value])) as Config;
  switch (command) {
    case "serve":
      return { command, config };
    case "check":
      return { command, config, given: read.filter(isChanged) };
    case "backup":
      return { command, data: config.data, file: onlyFile(command, files), force: parsed.force === true };
    case "restore":
      return { command, data: config.data, file: onlyFile(command, files) };
  }
}

function commandNamed(word: string): CommandName {
  const command = COMMAND_NAMES.find((name) => name === word);
  if (command !== undefined) return command;
  const hint = nearest(word, COMMAND_NAMES);
  throw new ConfigError(
    `unknown command ${word}; ` + (hint ? `did you mean ${hint}?` : `there are ${COMMAND_NAMES.join(", ")}`),
  );
}

function onlyFile(command: CommandName, files: readonly string[]): string {
  const [file, surplus] = files;
  if (file === undefined || file === "") throw new ConfigError(`${command} needs the name of a FILE`);
  if (surplus !== undefined) throw new ConfigError(`unknown argument ${surplus}; ${command} takes one FILE`);
  return file;
}

function isChanged({ name, value }: Given & { readonly value: unknown }): boolean {
  const { kind, default: byDefault } = SETTINGS[name];
  return JSON.stringify(value) !== JSON.stringify(kind.parse(byDefault));
}

function valueOf(
  name: SettingName,
  given: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Given & { readonly value: unknown } {
  const flag = `--${flagOf(name)}`;
  if (Array.isArray(given)) throw new ConfigError(`${flag} is given more than once`);
  const { kind, default: byDefault } = SETTINGS[name];
  const variable = variableOf(name);
  const [source, text] = given !== undefined
    ? [flag, String(given)]
    : env[variable]
    ? [variable, env[variable]]
    : [flag, byDefault];
  try {
    return { name, source: source!, text: text!, value: kind.parse(text!) };
  } catch (error) {
    throw new ConfigError(`${source}: '${text}' ${(error as Error).message}`);
  }
}
