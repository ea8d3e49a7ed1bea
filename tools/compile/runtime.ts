import { join } from "node:path";
import { run } from "./run.ts";

const PACKAGES: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "@deno/linux-x64-glibc",
  "aarch64-unknown-linux-gnu": "@deno/linux-arm64-glibc",
  "x86_64-apple-darwin": "@deno/darwin-x64",
  "aarch64-apple-darwin": "@deno/darwin-arm64",
};

/**
 * The `deno` of a target, of the version that runs this: itself, or what npm has for other machines.
 *
 * @param work A folder to unpack into.
 * @throws When there is none that a shell script could start.
 */
export async function runtimeOf(target: string, work: string): Promise<string> {
  if (target === Deno.build.target) return Deno.execPath();
  const name = PACKAGES[target];
  if (name === undefined) throw new Error(`${target} needs denort: Windows has no shell to unpack with`);
  const archive = await run("npm", ["pack", "--loglevel=error", `${name}@${Deno.version.deno}`], work);
  await run("tar", ["-xzf", archive.trim()], work);
  return join(work, "package", "deno");
}
