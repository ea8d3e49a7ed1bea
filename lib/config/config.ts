/**
 * The server's configuration from its command line and environment.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../text/nearest.ts";
import { type Config, flagOf, type SettingName, SETTINGS, variableOf } from "./settings.ts";

/** Thrown for a command line or environment that cannot be used; its message is a sentence for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What the command line asks for: to serve, or to say something and stop. */
export type Request =
  | { readonly command: "serve"; readonly config: Config }
  | { readonly command: "help" }
  | { readonly command: "version" };

const NAMES = Object.keys(SETTINGS) as SettingName[];

/**
 * Reads the command line and, for what it leaves out, the environment. An empty variable counts as none.
 *
 * @throws ConfigError naming the first setting that is wrong, or the argument that is unknown.
 */
export function readConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Request {
  const flags = NAMES.map(flagOf);
  const parsed = parseArgs(args, {
    boolean: ["help", "version"],
    // Switches too: a boolean that is not given is false, which would hide the environment.
    string: flags,
    alias: { h: "help", V: "version" },
    unknown: (arg, key) => {
      const hint = key === undefined ? undefined : nearest(key, [...flags, "help", "version"]);
      throw new ConfigError(`unknown argument ${arg}` + (hint ? `; did you mean --${hint}?` : ""));
    },
  });
  if (parsed.help) return { command: "help" };
  if (parsed.version) return { command: "version" };
  const entries = NAMES.map((name) => [name, valueOf(name, parsed[flagOf(name)], env)]);
  return { command: "serve", config: Object.fromEntries(entries) as Config };
}

function valueOf(name: SettingName, given: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
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
    return kind.parse(text);
  } catch (error) {
    throw new ConfigError(`${source}: '${text}' ${(error as Error).message}`);
  }
}

/** The help of the server. */
export function helpText(program: string): string {
  const rows = NAMES.map((name) => {
    const { kind, default: byDefault, doc } = SETTINGS[name];
    const left = `--${flagOf(name)} ${kind.placeholder}`.trimEnd();
    return [left, kind.placeholder === "" || byDefault === "" ? doc : `${doc} (${byDefault})`] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    "Keeps stock, tasks and people behind one gRPC port, with a durable database in one folder.",
    "",
    `Usage: ${program} [FLAGS]`,
    "",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    `  ${"--help, --version".padEnd(width)}  say so and stop`,
    "",
    "Each flag has an environment variable, such as STEWARD_LISTEN for --listen; the flag wins.",
    "",
    "Examples:",
    `  ${program}`,
    `  ${program} --listen 127.0.0.1:0 --data /var/lib/steward --log json`,
    "",
  ].join("\n");
}
