import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/cli/failure.ts";
import { type Flag, leadingWords, parseFlags } from "../../../lib/cli/flags/parse.ts";

const FLAGS: Flag[] = [
  { name: "name", help: "" },
  { name: "delta", help: "" },
  { name: "tags", help: "", repeatable: true },
  { name: "item", help: "" },
  { name: "item.name", help: "" },
  { name: "dry-run", help: "", switch: true },
  { name: "output", short: "o", help: "" },
  { name: "verbose", short: "v", help: "", switch: true },
];

const GOOD: [string, string[], Record<string, string[]>, string[]][] = [
  ["a value after a space", ["--name", "x"], { name: ["x"] }, []],
  ["a value after =", ["--name=x=y"], { name: ["x=y"] }, []],
  ["an empty value", ["--name="], { name: [""] }, []],
  ["a negative number", ["--delta", "-5"], { delta: ["-5"] }, []],
  ["a value that looks like a flag", ["--name", "--dry-run"], { name: ["--dry-run"] }, []],
  ["a number stays text", ["--name", "007"], { name: ["007"] }, []],
  ["the order of repeated values", ["--tags", "b", "--tags", "a"], { tags: ["b", "a"] }, []],
  [
    "names with dots beside their prefix",
    ["--item.name", "x", "--item", "{}"],
    { "item.name": ["x"], item: ["{}"] },
    [],
  ],
  ["a switch", ["--dry-run", "x"], { "dry-run": ["true"] }, ["x"]],
  ["a switch turned off", ["--no-dry-run"], { "dry-run": ["false"] }, []],
  ["a switch with a value", ["--dry-run=false"], { "dry-run": ["false"] }, []],
  ["a letter", ["-o", "json"], { output: ["json"] }, []],
  ["a letter with its value", ["-ojson"], { output: ["json"] }, []],
  ["underscores for dashes", ["--dry_run"], { "dry-run": ["true"] }, []],
  ["positionals between flags", ["a", "--name", "x", "b"], { name: ["x"] }, ["a", "b"]],
  ["everything after --", ["--", "--name", "-v"], {}, ["--name", "-v"]],
  ["a lone dash and a number as positionals", ["-", "-5"], {}, ["-", "-5"]],
  ["a positional that is a number", ["0012"], {}, ["0012"]],
];

for (const [what, args, values, positionals] of GOOD) {
  Deno.test(`parseFlags takes ${what}`, () => {
    const parsed = parseFlags(args, FLAGS);
    assertEquals(Object.fromEntries(parsed.values), values);
    assertEquals([...parsed.positionals], positionals);
  });
}

const BAD: [string[], string][] = [
  [["--nmae", "x"], "unknown flag --nmae"],
  [["-x"], "unknown flag -x"],
  [["--no-name"], "unknown flag --no-name"],
  [["--name"], "--name needs a value"],
  [["--name", "a", "--name", "b"], "--name is given more than once"],
  [["--dry-run=perhaps"], "--dry-run is true or false, not 'perhaps'"],
];

for (const [args, sentence] of BAD) {
  Deno.test(`parseFlags refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseFlags(args, FLAGS), UsageError, sentence);
  });
}

Deno.test("an unknown flag names the nearest one", () => {
  assertEquals(assertThrows(() => parseFlags(["--dryrun"], FLAGS), UsageError).hint, "did you mean --dry-run?");
});

Deno.test("leadingWords finds the words of a command among flags and their values", () => {
  assertEquals(leadingWords(["--name", "x", "a", "-v", "b", "c"], FLAGS, 2), [2, 4]);
  assertEquals(leadingWords(["a", "--", "b"], FLAGS, 2), [0]);
});
