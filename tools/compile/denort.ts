/**
 * The true `deno compile`, and whether it can be done: it needs denort, a runtime that comes from Deno's own host.
 *
 * @module
 */
import { join } from "node:path";
import type { Program } from "./program.ts";
import { run } from "./run.ts";

const HOST_WAIT_MS = 5000;

/** Why denort for a target cannot be had; null when it can. */
export async function denortMissing(target: string): Promise<string | null> {
  const named = Deno.env.get("DENORT_BIN");
  if (named) {
    await Deno.stat(named).catch(() => {
      throw new Error(`DENORT_BIN names '${named}', which is not there`);
    });
    return null;
  }
  const release = `release/v${Deno.version.deno}/denort-${target}.zip`;
  const { denoDir } = JSON.parse(await run(Deno.execPath(), ["info", "--json"])) as { denoDir: string };
  if (await Deno.stat(join(denoDir, "dl", release)).then(() => true, () => false)) return null;
  const url = `https://dl.deno.land/${release}`;
  try {
    const { ok, status } = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(HOST_WAIT_MS) });
    return ok ? null : `${url} answers ${status}`;
  } catch (error) {
    return `${url} cannot be reached` + (error instanceof DOMException ? ` within ${HOST_WAIT_MS / 1000} s` : "");
  }
}

/** Makes one executable from a stage. */
export async function compile(stage: string, program: Program, target: string, output: string): Promise<void> {
  const embedded = ["--include", "proto", "--include", "build.json"];
  const identity = ["--app-name", program.name, "--target", target, "--output", output];
  await run(
    Deno.execPath(),
    [
      "compile",
      "--no-config",
      "--no-lock",
      "--no-prompt",
      ...embedded,
      ...identity,
      ...program.flags,
      `${program.name}.mjs`,
    ],
    stage,
  );
}
