/**
 * Writes the files that are derived from others, or with `--check` fails when one of them is not current.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { configurationPage } from "./pages/configuration.ts";
import { errorsPage } from "./pages/errors.ts";
import { generateTypes } from "../lib/schema/typegen.ts";
import { loadSchema } from "../lib/schema/mod.ts";

const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

const derived: Record<string, () => string> = {
  "lib/schema/contract.gen.ts": () => generateTypes(loadSchema(path("proto"))),
  "docs/errors.md": errorsPage,
  "docs/configuration.md": configurationPage,
};

async function format(text: string, extension: string): Promise<string> {
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", extension, "-"],
    cwd: path("."),
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = fmt.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await fmt.output();
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}

let stale = 0;
for (const [file, generate] of Object.entries(derived)) {
  const text = await format(generate(), file.slice(file.lastIndexOf(".") + 1));
  const present = await Deno.readTextFile(path(file)).catch(() => "");
  if (text === present) continue;
  if (Deno.args.includes("--check")) {
    console.error(`${file} is not current: run \`deno task gen\``);
    stale++;
  } else {
    await Deno.writeTextFile(path(file), text);
    console.log(`wrote ${file}`);
  }
}
Deno.exit(stale ? 1 : 0);
