/**
 * What the manuals name is there: files, headings, tasks and flags.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { dirname, join, normalize } from "node:path";
import { GLOBAL_FLAGS } from "../lib/cli/settings.ts";
import { COMMANDS, flagOf, type SettingName, SETTINGS } from "../lib/config/mod.ts";
import manifest from "../deno.json" with { type: "json" };
import { runClient } from "./helpers/client.ts";
import { anchorsOf, blocksOf, proseOf } from "./helpers/markdown.ts";
import { ROOT } from "./helpers/process.ts";

const MANUALS = [
  "README.md",
  ...[...Deno.readDirSync(`${ROOT}docs`)].map(({ name }) => `docs/${name}`).filter((path) => path.endsWith(".md")),
  "examples/README.md",
  "interop/browser/README.md",
  "interop/python/README.md",
];
const texts = new Map(MANUALS.map((path) => [path, Deno.readTextFileSync(ROOT + path)]));

function exists(path: string): boolean {
  try {
    Deno.statSync(join(ROOT, path));
    return true;
  } catch {
    return false;
  }
}

Deno.test("every link of the manuals leads to a file and a heading that are there", () => {
  const broken: string[] = [];
  let links = 0;
  for (const [manual, text] of texts) {
    for (const [, target] of proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      links++;
      const [file, anchor] = target!.split("#");
      const path = file === "" ? manual : normalize(join(dirname(manual), file!));
      const there = exists(path) &&
        (anchor === undefined || anchorsOf(Deno.readTextFileSync(ROOT + path)).includes(anchor));
      if (!there) broken.push(`${manual}: ${target}`);
    }
  }
  assertEquals(broken, []);
  assert(links > 30, `${links} links`);
});

Deno.test("every file that the manuals name is there", () => {
  const missing: string[] = [];
  for (const [manual, text] of texts) {
    for (
      const [, path] of proseOf(text).matchAll(/`((?:lib|tests|tools|proto|bench|docs|examples|links)\/[\w./-]*)`/g)
    ) {
      // lib/a/b.ts stands for any.
      if (/\/a\//.test(path!) || exists(path!) || exists(join(dirname(manual), path!))) continue;
      missing.push(`${manual}: ${path}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("every task that the manuals name is in deno.json", () => {
  const missing: string[] = [];
  for (const [manual, text] of texts) {
    for (const [command, task] of text.matchAll(/\bdeno(?:@2\.9\.3)? task (?:-q )?([a-z]+)/g)) {
      if (!Object.hasOwn(manifest.tasks, task!)) missing.push(`${manual}: ${command}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("every flag that the manuals give to the server or the client is one of theirs", async () => {
  const known = new Set(["help", "version"]);
  for (const [, flag] of manifest.tasks.start.command.matchAll(/--([\w-]+)/g)) known.add(flag!);
  for (const name of Object.keys(SETTINGS) as SettingName[]) known.add(flagOf(name));
  for (const { switches } of Object.values(COMMANDS)) for (const name of Object.keys(switches)) known.add(name);
  for (const { name } of GLOBAL_FLAGS) known.add(name);
  const readme = texts.get("README.md")!;
  const lines = blocksOf(readme).filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.replaceAll("\\\n", " ").split("\n"));
  const commands = new Set(lines.flatMap((line) => /^steward ([a-z]+( [a-z-]+)?)/.exec(line)?.[1] ?? []));
  assert(commands.size > 8, `${[...commands]}`);
  const helps = await Promise.all([...commands].map((command) => runClient([...command.split(" "), "--help"])));
  for (const { code, stdout } of helps) {
    assertEquals(code, 0);
    for (const [, flag] of stdout.matchAll(/^ +(?:-\w, )?--([\w-]+)/gm)) known.add(flag!);
  }
  const said = lines.filter((line) => /^(steward|deno task) /.test(line));
  for (const manual of ["README.md", "docs/operations.md", "docs/contract.md", "docs/architecture.md"]) {
    said.push(...[...proseOf(texts.get(manual)!).matchAll(/`(--[^`]+)`/g)].map(([, code]) => code!));
  }
  const unknown = said.flatMap((text) => [...text.matchAll(/(?<![\w-])--([a-z][\w-]*)/g)].map(([, flag]) => flag!))
    .filter((flag) => !known.has(flag));
  assertEquals(unknown, []);
});
