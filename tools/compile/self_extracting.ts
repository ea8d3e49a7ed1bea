/**
 * Executables for where there is no denort: a shell script followed by a gzipped tar of the runtime that runs this and
 * of both programs. Both executables hold the same archive, so that they unpack it once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { VERSION } from "../../lib/config/mod.ts";
import { cksum } from "./cksum.ts";
import { type Program, PROGRAMS } from "./program.ts";
import { ROOT } from "./run.ts";
import { stagedFiles } from "./stage.ts";
import { type Entry, tar } from "./tar.ts";

/** @param runtime The `deno` of the target. @param commit For the first lines, which people may read. */
export async function selfExtracting(
  stage: string,
  { runtime, target, commit }: { readonly runtime: string; readonly target: string; readonly commit: string },
): Promise<(program: Program) => Uint8Array> {
  const deno = await Deno.readFile(runtime);
  const files = await stagedFiles();
  const staged = await Promise.all(
    files.map(async (path) => ({ path, bytes: await Deno.readFile(join(stage, path)) })),
  );
  const entries: readonly Entry[] = [
    { path: "deno", bytes: deno, executable: true },
    // By these names it appears in lists of processes.
    ...PROGRAMS.map(({ name }) => ({ path: name, link: "deno" })),
    ...staged,
  ];
  const archive = tar(entries);
  const payload = gzipSync(archive);
  const template = await Deno.readTextFile(join(ROOT, "tools/compile/stub.sh"));
  const values: Record<string, string> = {
    VERSION,
    COMMIT: commit,
    DENO: Deno.version.deno,
    ID: sha256(archive).slice(0, 16),
    RUNTIME_BYTES: String(deno.length),
    FILES: files.join(" "),
    SUMS: staged.map(({ path, bytes }) => `${cksum(bytes)} ${bytes.length} ${path}`).join("\n"),
    SHA256: [{ path: "deno", bytes: deno }, ...staged].map(({ path, bytes }) => `${sha256(bytes)}  ${path}`).join("\n"),
    CACHE: target.endsWith("apple-darwin") ? "Library/Caches" : ".cache",
  };
  return (program) => {
    const own = { ...values, PROGRAM: program.name, FLAGS: program.flags.map((flag) => `'${flag}'`).join(" ") };
    const head = fill(template, own);
    const out = new Uint8Array(head.length + payload.length);
    out.set(head);
    out.set(payload, head.length);
    return out;
  };
}

/** The script knows where it ends: the number has a fixed width, so that writing it does not move the end. */
function fill(template: string, values: Readonly<Record<string, string>>): Uint8Array {
  const encoder = new TextEncoder();
  const text = template.replace(/@([A-Z0-9_]+)@/g, (_, name: string) => {
    if (name === "OFFSET") return "@OFFSET@";
    const value = values[name];
    if (value === undefined) throw new Error(`the stub asks for ${name}`);
    return value;
  });
  const offset = encoder.encode(text).length + 1;
  return encoder.encode(text.replace("@OFFSET@", String(offset).padEnd("@OFFSET@".length)));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
