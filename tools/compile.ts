/**
 * Makes dist/steward-server and dist/steward, which run without Deno, Node or network, and dist/SHA256SUMS.
 *
 *     deno task compile [--target TARGET] [--output DIR] [--self-extracting]
 *
 * With --self-extracting it does what it does where there is no denort, also where there is one.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { parseArgs } from "@std/cli/parse-args";
import { compile, denortMissing } from "./compile/denort.ts";
import { PROGRAMS } from "./compile/program.ts";
import { run } from "./compile/run.ts";
import { runtimeOf } from "./compile/runtime.ts";
import { selfExtracting } from "./compile/self_extracting.ts";
import { stage } from "./compile/stage.ts";

const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "aarch64-pc-windows-msvc",
];

async function main(): Promise<void> {
  const flags = parseArgs(Deno.args, {
    string: ["target", "output"],
    boolean: ["self-extracting"],
    unknown: (arg) => {
      throw new Error(`unknown argument ${arg}; there are --target TARGET, --output DIR and --self-extracting`);
    },
  });
  const target = String(flags.target ?? Deno.build.target);
  const output = String(flags.output ?? "dist");
  if (!TARGETS.includes(target)) throw new Error(`--target: '${target}' is none of ${TARGETS.join(", ")}`);
  const directory = resolve(output);
  const extension = target.includes("windows") ? ".exe" : "";
  const missing = flags["self-extracting"] ? "not asked for" : await denortMissing(target);
  const kind = missing === null ? "compiled" : "self-extracting";
  if (missing !== null) console.log(`no denort (${missing}): making self-extracting executables instead`);
  const commit = await commitOf();
  const work = await Deno.makeTempDir({ prefix: "steward-compile-" });
  try {
    const staged = join(work, "stage");
    await Deno.mkdir(staged);
    await stage(staged, { commit, kind });
    await Deno.mkdir(directory, { recursive: true });
    const extracting = missing === null
      ? null
      : await selfExtracting(staged, { runtime: await runtimeOf(target, work), target, commit });
    const sums: string[] = [];
    for (const program of PROGRAMS) {
      const file = program.name + extension;
      // Made beside and renamed, so that nobody ever sees half of one, or is in the way by running the old one.
      const fresh = join(work, file);
      if (extracting === null) await compile(staged, program, target, fresh);
      else await Deno.writeFile(fresh, extracting(program), { mode: 0o755 });
      const bytes = await Deno.readFile(fresh);
      await replace(bytes, join(directory, file));
      sums.push(`${await sha256(bytes)}  ${file}\n`);
      console.log(`${join(output, file)}  ${(bytes.length / 1e6).toFixed(1)} MB, ${kind}, ${target}`);
    }
    await Deno.writeTextFile(join(directory, "SHA256SUMS"), sums.join(""));
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function replace(bytes: Uint8Array, path: string): Promise<void> {
  const beside = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  await Deno.writeFile(beside, bytes, { mode: 0o755 });
  await Deno.rename(beside, path);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function commitOf(): Promise<string> {
  try {
    const commit = (await run("git", ["rev-parse", "--short=12", "HEAD"])).trim();
    const modified =
      (await run("git", ["status", "--porcelain", "--", "main.ts", "client.ts", "lib", "proto", "deno.json"]))
        .trim() !== "";
    return modified ? `${commit}-modified` : commit;
  } catch {
    // An archive of the sources has no history.
    return "unknown";
  }
}

try {
  await main();
} catch (error) {
  console.error(`compile: ${error instanceof Error ? error.message : String(error)}`);
  Deno.exit(1);
}
