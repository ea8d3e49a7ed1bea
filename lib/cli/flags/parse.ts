/**
 * Takes a command line apart, by the flags that the command has.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../../text/nearest.ts";
import { UsageError } from "../failure.ts";

/** Things of the server whose names can be values. */
export type LiveNames = "items" | "tasks";

/** One flag of a command. */
export interface Flag {
  /** Without dashes: `page-size`, or `item.name` for a field of a field. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** A switch takes no value, but `--name=false` and `--no-name` turn it off. */
  readonly switch?: boolean;
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** Stands for the value in help, such as `TEXT`. */
  readonly placeholder?: string;
  readonly help: string;
  /** What the value can be, for completion. */
  readonly values?: readonly string[];
  /** Completes with the names of files. */
  readonly takesFile?: boolean;
  /** The value names one of these, for completion by the server. */
  readonly names?: LiveNames;
  /** Works, but is left out of help. */
  readonly hidden?: boolean;
}

export interface Parsed {
  /** By flag name, each value as given; a switch is "true" or "false". Flags not given are absent. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/**
 * Parses arguments.
 *
 * @throws UsageError on a flag that is unknown, lacks its value, or is given twice without being repeatable.
 */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): Parsed {
  const { given, positionals } = normalise(args, flags);
  const names = flags.map((flag) => encode(flag.name));
  const result = parseArgs(given, { string: names, collect: names });
  const values = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const given = result[encode(flag.name)] as string[];
    if (given.length === 0) continue;
    if (given.length > 1 && !flag.repeatable) throw new UsageError(`--${flag.name} is given more than once`);
    values.set(flag.name, given);
  }
  return { values, positionals };
}

/** Where the words of a command stand: positions of the leading positionals, at most `count`. */
export function leadingWords(args: readonly string[], flags: readonly Flag[], count: number): number[] {
  const found: number[] = [];
  for (let index = 0; index < args.length && found.length < count; index++) {
    const arg = args[index]!;
    if (arg === "--") break;
    if (!isFlag(arg)) found.push(index);
    else {
      const { flag, value } = recognise(arg, flags);
      if (flag === undefined) break;
      if (!flag.switch && value === undefined) index++;
    }
  }
  return found;
}

/**
 * Every flag becomes `--name=value`, so that a value may begin with a dash and a switch not given can be told from one
 * given as false, neither of which the parser beneath can do.
 */
function normalise(args: readonly string[], flags: readonly Flag[]): { given: string[]; positionals: string[] } {
  const given: string[] = [];
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") {
      positionals.push(...args.slice(index + 1));
      break;
    }
    if (!isFlag(arg)) {
      positionals.push(arg);
      continue;
    }
    const { flag, name, value, negated } = recognise(arg, flags);
    if (flag === undefined) throw unknownFlag(arg, name, flags);
    if (flag.switch) {
      const on = value === undefined ? true : truth(flag.name, value);
      given.push(`--${encode(flag.name)}=${on !== negated}`);
    } else {
      const text = value ?? args[++index];
      if (text === undefined) throw new UsageError(`--${flag.name} needs a value`, usageOf(flag));
      given.push(`--${encode(flag.name)}=${text}`);
    }
  }
  return { given, positionals };
}

interface Recognised {
  flag: Flag | undefined;
  name: string;
  value: string | undefined;
  negated: boolean;
}

function recognise(arg: string, flags: readonly Flag[]): Recognised {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
  if (long) {
    const name = long[1]!.replaceAll("_", "-");
    const value = long[2];
    const flag = flags.find((one) => one.name === name);
    if (flag !== undefined) return { flag, name, value, negated: false };
    const positive = name.startsWith("no-") ? name.slice(3) : undefined;
    const negated = flags.find((one) => one.switch && one.name === positive);
    return { flag: negated, name, value, negated: negated !== undefined };
  }
  const letter = arg[1]!;
  const rest = arg.slice(2).replace(/^=/, "");
  const flag = flags.find((one) => one.short === letter && (!one.switch || rest === ""));
  return { flag, name: arg.slice(1), value: rest === "" ? undefined : rest, negated: false };
}

/** A lone dash stands for standard input, and `-5` is a number. */
function isFlag(arg: string): boolean {
  return /^-[^\d.]/.test(arg);
}

function truth(name: string, value: string): boolean {
  if (/^(true|yes|1)$/i.test(value)) return true;
  if (/^(false|no|0)$/i.test(value)) return false;
  throw new UsageError(`--${name} is true or false, not '${value}'`);
}

function unknownFlag(arg: string, name: string, flags: readonly Flag[]): UsageError {
  const known = nearest(name, flags.filter((flag) => !flag.hidden).map((flag) => flag.name));
  const shown = arg.replace(/=.*$/s, "");
  return new UsageError(`unknown flag ${shown}`, known && `did you mean --${known}?`);
}

export function usageOf(flag: Flag): string {
  return `--${flag.name}${flag.switch ? "" : ` ${flag.placeholder ?? "VALUE"}`}`;
}

/** The parser makes nested objects of names with dots. */
function encode(name: string): string {
  return name.replaceAll(".", ":");
}
