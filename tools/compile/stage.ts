/**
 * What both kinds of executable are made from: each program in one bundled file, the contract and what was built.
 *
 * @module
 */
import { join, relative } from "node:path";
import type { Build } from "../../lib/config/mod.ts";
import { ROOT, run } from "./run.ts";
import { type Program, PROGRAMS } from "./program.ts";

/**
 * Fills an empty folder with `NAME.mjs` for each program, `proto/` and `build.json`.
 *
 * Bundled and minified, a program starts in half the time that its modules take, and it needs no package.
 */
export async function stage(directory: string, build: Build): Promise<void> {
  const packages = await packageFolder();
  for (const { name, entry } of PROGRAMS) {
    const file = join(directory, `${name}.mjs`);
    await run(Deno.execPath(), ["bundle", "--quiet", "--frozen", "--minify", "-o", file, entry]);
    // Paths of the machine that builds have no place in it.
    await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replaceAll(packages, "npm/"));
  }
  for (const file of await protoFiles()) {
    await Deno.mkdir(join(directory, file, ".."), { recursive: true });
    await Deno.copyFile(join(ROOT, file), join(directory, file));
  }
  await Deno.writeTextFile(join(directory, "build.json"), JSON.stringify(build) + "\n");
  // deno compile embeds the dates too.
  for (const file of await stagedFiles()) await Deno.utime(join(directory, file), DATE, DATE);
}

const DATE = new Date("1980-01-01T00:00:00Z");

/** The files of a stage, in a fixed order. */
export async function stagedFiles(): Promise<readonly string[]> {
  return [...PROGRAMS.map(({ name }: Program) => `${name}.mjs`), ...await protoFiles(), "build.json"];
}

async function protoFiles(folder = "proto"): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    if (isDirectory) files.push(...await protoFiles(`${folder}/${name}`));
    else if (name.endsWith(".proto")) files.push(`${folder}/${name}`);
  }
  return files.sort();
}

/** Where packages lie, as the bundler writes it. */
async function packageFolder(): Promise<string> {
  const { npmCache } = JSON.parse(await run(Deno.execPath(), ["info", "--json"])) as { npmCache: string };
  return `${relative(ROOT, npmCache)}/`;
}
