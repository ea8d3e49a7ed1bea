/**
 * The help of the server's executable.
 *
 * @module
 */
import { COMMAND_NAMES, type CommandName, COMMANDS } from "./commands.ts";
import { flagOf, type SettingName, SETTINGS } from "./settings.ts";

/** The settings that most people set; the overview shows no others. */
const COMMON: readonly SettingName[] = ["listen", "data", "tlsCert", "tlsKey", "log"];
const ABOUT: Readonly<Record<string, string>> = { "--help, --version": "say so and stop" };

/** The help of a command; without one an overview that fits a small terminal. */
export function helpText(program: string, command: CommandName | null = null): string {
  return (command === null ? overview(program) : commandHelp(program, command)).join("\n");
}

function overview(program: string): string[] {
  return [
    "Keeps stock, tasks and people behind one gRPC port, its database in one folder.",
    "",
    `Usage: ${program} [COMMAND] [FLAGS]`,
    ...table(Object.fromEntries(COMMAND_NAMES.map((name) => {
      const { summary, takesFile } = COMMANDS[name];
      return [takesFile ? `${name} FILE` : name, summary];
    }))),
    "",
    "Flags that most people need:",
    ...table({ ...flagRows(COMMON), ...ABOUT }),
    "",
    `\`${program} help COMMAND\` shows all. STEWARD_LISTEN is --listen, and so on.`,
    "",
    "Examples:",
    ...examples(program, COMMAND_NAMES.flatMap((name) => COMMANDS[name].examples.slice(0, 1))),
  ];
}

function commandHelp(program: string, command: CommandName): string[] {
  const { summary, more, takesFile, settings, switches, examples: lines } = COMMANDS[command];
  const usage = [program, command === "serve" ? "[serve]" : command, ...takesFile ? ["FILE"] : [], "[FLAGS]"];
  const rows = Object.fromEntries(Object.entries(switches).map(([name, doc]) => [`--${name}`, doc]));
  return [
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    ...more.length > 0 ? ["", ...more] : [],
    "",
    `Usage: ${usage.join(" ")}`,
    "",
    ...table({ ...flagRows(settings), ...rows, ...ABOUT }),
    "",
    "Each setting has an environment variable, such as STEWARD_DATA for --data; the flag wins.",
    "",
    "Examples:",
    ...examples(program, lines),
  ];
}

function flagRows(names: readonly SettingName[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => {
    const { kind, default: byDefault, doc } = SETTINGS[name];
    const left = `--${flagOf(name)} ${kind.placeholder}`.trimEnd();
    return [left, kind.placeholder === "" || byDefault === "" ? doc : `${doc} (${byDefault})`];
  }));
}

function table(rows: Readonly<Record<string, string>>): string[] {
  const width = Math.max(...Object.keys(rows).map((left) => left.length));
  return Object.entries(rows).map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function examples(program: string, lines: readonly string[]): string[] {
  return lines.map((line) => `  ${program} ${line}`.trimEnd());
}
