/**
 * What is running: the sources, or an executable made from them.
 *
 * @module
 */
import { VERSION } from "./version.ts";

/** What `deno task compile` writes beside a program. */
export interface Build {
  /** The first digits of its hash, with `-modified` when files differed from it. */
  readonly commit: string;
  readonly kind: "compiled" | "self-extracting";
}

let known: Build | null | undefined;

/** The build that this process comes from; null when it runs from source. */
export function currentBuild(): Build | null {
  if (known === undefined) {
    try {
      known = JSON.parse(Deno.readTextFileSync(new URL("./build.json", Deno.mainModule))) as Build;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      known = null;
    }
  }
  return known;
}

/** Such as `steward 0.1.0 (commit 0bb8fcf, Deno 2.9.3, compiled)`. */
export function versionText(program: string): string {
  const build = currentBuild();
  const origin = build === null ? ["from source"] : [build.kind];
  const commit = build === null ? [] : [`commit ${build.commit}`];
  return `${program} ${VERSION} (${[...commit, `Deno ${Deno.version.deno}`, ...origin].join(", ")})`;
}

/** How to call the client and the server, for hints. */
export function commandOf(program: "client" | "start"): string {
  if (currentBuild() === null) return `deno task ${program}`;
  return program === "client" ? "steward" : "steward-server";
}
