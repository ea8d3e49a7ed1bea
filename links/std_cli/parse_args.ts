/**
 * Stands in for `jsr:@std/cli/parse-args` where the JSR registry cannot be reached: the same call and result, over
 * npm's minimist. Only the options Steward uses are here.
 *
 * @module
 */
import minimist from "minimist";

/** What {@linkcode parseArgs} is to expect. */
export interface ParseOptions {
  /** Names that are flags without a value. */
  boolean?: string | readonly string[];
  /** Names whose value stays a string even if it looks like a number. */
  string?: string | readonly string[];
  /** Names that may be given several times; their value is always an array. */
  collect?: string | readonly string[];
  /** Other names for a name. */
  alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values for what is not given. */
  default?: Readonly<Record<string, unknown>>;
  /** Puts what follows `--` into the `--` property. */
  "--"?: boolean;
  /** Leaves everything from the first positional argument on unparsed. */
  stopEarly?: boolean;
  /** Called for every name not declared and every positional; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The parsed arguments: flags by name, positionals under `_`. */
export type Args = { _: Array<string | number>; [name: string]: unknown };

/**
 * Parses command line arguments.
 *
 * @param args The arguments, such as `Deno.args`.
 * @param options What to expect.
 * @returns The flags by name and the rest in `_`.
 */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const list = (names: string | readonly string[] | undefined) => names === undefined ? [] : [names].flat() as string[];
  const collect = list(options.collect);
  const { unknown } = options;
  const parsed = minimist([...args], {
    boolean: list(options.boolean),
    string: list(options.string),
    alias: (options.alias ?? {}) as Record<string, string | string[]>,
    default: options.default ?? {},
    "--": options["--"] ?? false,
    stopEarly: options.stopEarly ?? false,
    ...(unknown && {
      unknown: (arg: string) => {
        const flag = /^--?([^=]+)(?:=(.*))?$/s.exec(arg);
        return (flag ? unknown(arg, flag[1], flag[2]) : unknown(arg)) !== false;
      },
    }),
  }) as Args;
  for (const name of collect) {
    if (parsed[name] === undefined) parsed[name] = [];
    else if (!Array.isArray(parsed[name])) parsed[name] = [parsed[name]];
  }
  return parsed;
}
