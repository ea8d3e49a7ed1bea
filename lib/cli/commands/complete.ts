/**
 * `steward __complete WORD...`: what the last word can become, one a line, with a tab before its description.
 * `:files` stands for the names of files.
 *
 * @module
 */
import type { Command } from "../command.ts";
import type { Base } from "../context.ts";
import { Exit } from "../failure.ts";
import { type Flag, leadingWords } from "../flags/parse.ts";
import { findGroup } from "../groups.ts";
import { findCommand } from "./find.ts";
import { printable } from "../output/cells.ts";
import { firstSentence } from "../prose.ts";
import { GLOBAL_FLAGS } from "../settings.ts";
import { BUILT_IN, IN_GROUPS } from "./mod.ts";

interface Candidate {
  readonly word: string;
  readonly help?: string;
}

/** What valuesOf and argumentsOf know of the line, whose last word is asked about. */
interface Line {
  readonly before: readonly string[];
  readonly flags: readonly Flag[];
  readonly base: Base;
}

/** Answers a completion script. @returns What to exit with. */
export async function complete(line: readonly string[], base: Base): Promise<number> {
  for (const { word, help } of await candidates(line.slice(0, -1), line.at(-1) ?? "", base)) {
    await base.terminal.out(help ? `${word}\t${printable(help)}\n` : `${word}\n`);
  }
  return Exit.OK;
}

/** What can stand in place of `current`, after the words before it. */
async function candidates(before: readonly string[], current: string, base: Base): Promise<Candidate[]> {
  const positions = leadingWords(before, GLOBAL_FLAGS, 2);
  const words = positions.map((position) => before[position]!).filter((word, index) => index > 0 || word !== "help");
  const command = words.length === 0 ? undefined : await commandOf(words, base);
  const flags = [...command?.command.flags ?? [], ...GLOBAL_FLAGS].filter(({ hidden }) => !hidden);

  const line = { before, flags, base };
  const joined = /^--([\w.-]+)=(.*)$/s.exec(current);
  if (joined) {
    const flag = flags.find(({ name }) => name === joined[1]);
    const values = flag ? await valuesOf(flag, joined[2]!, line) : [];
    return values.map(({ word, help }) => ({ word: `--${joined[1]}=${word}`, ...(help && { help }) }));
  }
  const open = openFlag(before.at(-1), flags);
  if (open !== undefined) return await valuesOf(open, current, { ...line, before: before.slice(0, -1) });
  if (current.startsWith("-")) {
    return matching(flags.map(({ name, help }) => ({ word: `--${name}`, help: firstSentence(help) })), current);
  }
  if (command !== undefined) return await argumentsOf(command, current, line);
  return matching(words.length === 0 ? firstWords(base) : secondWords(words[0]!, base), current);
}

async function commandOf(words: readonly string[], base: Base) {
  try {
    const found = await findCommand(words, base);
    // `health` alone is a command, but also the beginning of others.
    return found !== undefined && words.length === 1 && !Object.hasOwn(BUILT_IN, words[0]!) ? undefined : found;
  } catch {
    return undefined;
  }
}

/** The flag that still waits for its value. */
function openFlag(word: string | undefined, flags: readonly Flag[]): Flag | undefined {
  return flags.find(({ name, short, switch: isSwitch }) => !isSwitch && (word === `--${name}` || word === `-${short}`));
}

async function valuesOf(flag: Flag, current: string, { before, flags, base }: Line): Promise<Candidate[]> {
  if (flag.names !== undefined) {
    const { liveNames } = await import("./live.ts");
    return matching(await liveNames(flag.names, current, before, flags, base), current);
  }
  if (flag.values === undefined) return flag.takesFile ? [{ word: ":files" }] : [];
  const comma = flag.repeatable ? current.lastIndexOf(",") + 1 : 0;
  return matching(flag.values.map((value) => ({ word: current.slice(0, comma) + value })), current);
}

async function argumentsOf(
  { command, words }: { command: Command; words: number },
  current: string,
  line: Line,
): Promise<Candidate[]> {
  const { before, flags, base } = line;
  const known = command.arguments;
  if (known === undefined) return [];
  const given = leadingWords(before, flags, Infinity).map((position) => before[position]!).slice(words);
  const found = known(base, given);
  if (found === "file") return given.length === 0 ? [{ word: ":files" }] : [];
  if ("name" in found) return await valuesOf(found, current, line);
  return matching(found.map((word) => ({ word })), current);
}

function firstWords(base: Base): Candidate[] {
  const { groups, comment } = base.contract();
  return [
    ...groups.filter(({ hidden }) => !hidden).map(({ name, service }) => ({
      word: name,
      help: firstSentence(comment(service)),
    })),
    ...Object.entries(BUILT_IN).map(([word, { summary }]) => ({
      word,
      help: summary,
    })),
    { word: "help", help: "Show help." },
  ];
}

function secondWords(name: string, base: Base): Candidate[] {
  const { groups, comment } = base.contract();
  const group = findGroup(groups, name);
  return (group?.methods ?? []).map(({ short, method }) => ({
    word: short,
    help: IN_GROUPS[`${name} ${short}`]?.summary ?? firstSentence(comment(method)),
  }));
}

function matching(candidates: readonly Candidate[], current: string): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(current));
}
