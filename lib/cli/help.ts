/**
 * Help, from the comments of the contract.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { BUILT_IN, IN_GROUPS } from "./commands/mod.ts";
import type { Base } from "./context.ts";
import type { Flag } from "./flags/parse.ts";
import type { Group } from "./groups.ts";
import { firstSentence } from "./prose.ts";
import { GLOBAL_FLAGS } from "./settings.ts";

const WIDTH = 100;
const TOUR = [
  "inventory add Widget --quantity 100 --price 9.99",
  "inventory list --filter 'quantity < 10'",
  "tasks create 'Fix the drill' --due-at +3d --materials item=Widget,quantity=2",
  "tasks update ID --status done",
  "tasks watch --snapshot",
  "inventory import items.csv",
  "demo",
];

/** `steward help` */
export function overview(base: Base): string {
  const { style } = base;
  const groups = base.contract().groups.filter(({ hidden }) => !hidden);
  const rows = (entries: readonly (readonly [string, string])[]) => listing(entries, base);
  return [
    "steward: the client of Steward, a gRPC server for stock, tasks and people.",
    "",
    `${style.bold("Usage:")} steward COMMAND [ARGUMENTS] [FLAGS]`,
    "",
    style.bold("Commands from the contract:"),
    ...rows(groups.map((group) => [group.name, firstSentence(base.contract().comment(group.service))])),
    "",
    style.bold("Others:"),
    ...rows(Object.entries(BUILT_IN).map(([name, { summary }]) => [name, summary])),
    "",
    style.bold("Examples:"),
    ...TOUR.map((line) => `  steward ${line}`),
    "",
    style.bold("Flags of every command:"),
    ...flagLines(GLOBAL_FLAGS, base),
    "",
    "`steward COMMAND --help` says more. Exit codes: 0 good, 1 failed here, 2 wrong usage, 64 + gRPC status.",
    "",
  ].join("\n");
}

/** `steward inventory --help` */
export async function groupHelp(group: Group, base: Base): Promise<string> {
  const { comment } = base.contract();
  const rows = group.methods.map(({ name, short, method }): [string, string] => {
    const special = IN_GROUPS[`${group.name} ${short}`];
    if (special !== undefined) return [short, special.summary];
    return [short === name ? name : `${short}, ${name}`, firstSentence(comment(method))];
  });
  const { rpcExamples } = await import("./commands/examples.ts");
  const examples = group.methods.flatMap((method) => rpcExamples(group, method).slice(0, 1)).slice(0, 6);
  return [
    ...wrap(comment(group.service) || group.service.typeName, 0, base),
    "",
    `${base.style.bold("Usage:")} steward ${group.name} COMMAND [ARGUMENTS] [FLAGS]`,
    "",
    base.style.bold("Commands:"),
    ...listing(rows, base),
    "",
    base.style.bold("Examples:"),
    ...examples.map((line) => `  steward ${line}`),
    "",
    `\`steward ${group.name} COMMAND --help\` shows its flags, \`steward help\` those of every command.`,
    "",
  ].join("\n");
}

/** `steward inventory add --help` */
export function commandHelp(command: Command, base: Base): string {
  const { bold } = base.style;
  const flags = command.flags.filter(({ hidden }) => !hidden);
  return [
    ...wrap(command.summary, 0, base),
    ...(command.description ? ["", ...wrap(command.description, 0, base)] : []),
    "",
    `${bold("Usage:")} steward ${command.path} ${command.usage}`.trimEnd(),
    ...(command.alias ? [`${bold("Also:")}  steward ${command.path.replace(/\S+$/, command.alias)}`] : []),
    ...(command.examples.length > 0
      ? ["", bold("Examples:"), ...command.examples.map((line) => `  steward ${line}`)]
      : []),
    ...(flags.length > 0 ? ["", bold("Flags:"), ...flagLines(flags, base)] : []),
    "",
    "`steward help` shows the flags of every command.",
    "",
  ].join("\n");
}

function listing(entries: readonly (readonly [string, string])[], base: Base): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, width + 4, base);
    return [`  ${name.padEnd(width)}  ${first.trimStart()}`, ...rest];
  });
}

const FLAG_COLUMN = 30;

function flagLines(flags: readonly Flag[], base: Base): string[] {
  return flags.flatMap((flag) => {
    const letter = flag.short ? `-${flag.short}, ` : "    ";
    const value = flag.switch ? "" : ` ${flag.placeholder ?? "VALUE"}`;
    const head = `  ${letter}--${flag.name}${value}`;
    const text = flag.help + (flag.repeatable && !/several/.test(flag.help) ? " Repeatable." : "");
    const lines = wrap(text.trim(), FLAG_COLUMN + 2, base);
    if (head.length > FLAG_COLUMN) return text === "" ? [head] : [head, ...lines];
    const [first = "", ...rest] = lines;
    return [`${head.padEnd(FLAG_COLUMN)}  ${first.trimStart()}`.trimEnd(), ...rest];
  });
}

/** Breaks text into lines that fit, each indented. */
function wrap(text: string, indent: number, base: Base): string[] {
  const width = Math.max(40, Math.min(WIDTH, base.terminal.width)) - indent;
  const space = " ".repeat(indent);
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(space + line);
        line = word;
      } else line += (line === "" ? "" : " ") + word;
    }
    lines.push(line === "" ? "" : space + line);
    return lines;
  });
}
