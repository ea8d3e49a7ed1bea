/**
 * What suites need that others wrote, in other languages: a folder outside of the tree, made by interop/LANGUAGE/setup.sh.
 *
 * @module
 */
import { ROOT } from "./process.ts";

const REQUIRED = isSet("STEWARD_REQUIRE_INTEROP");
const MAY_INSTALL = REQUIRED || isSet("STEWARD_INTEROP_INSTALL");

type Found = { readonly folder: string } | { readonly missing: string };

/**
 * Finds the folder, or makes it where that is allowed.
 *
 * @returns Registers a test that needs the folder: ignored where it is not, failing instead with
 *   STEWARD_REQUIRE_INTEROP=1.
 */
export async function testsWith(language: "python" | "go" | "clients" | "browser") {
  const found = await find(language);
  if ("missing" in found) {
    console.log(`The suites with ${language} are ${REQUIRED ? "failing" : "ignored"}: ${found.missing}`);
  }
  return (name: string, body: (folder: string, t: Deno.TestContext) => Promise<void>): void =>
    Deno.test({
      name,
      ignore: "missing" in found && !REQUIRED,
      fn(t) {
        if ("missing" in found) throw new Error(found.missing);
        return body(found.folder, t);
      },
    });
}

async function find(language: string): Promise<Found> {
  const setup = `interop/${language}/setup.sh`;
  const there = await run(setup, "--where");
  if (there.success) return { folder: there.folder };
  if (!MAY_INSTALL) {
    if (there.folder === "") return { missing: there.problem };
    return { missing: `there is no ${there.folder}; ${setup} or STEWARD_INTEROP_INSTALL=1 makes it` };
  }
  const made = await run(setup);
  return made.success ? { folder: made.folder } : { missing: `${setup} failed: ${made.problem}` };
}

async function run(setup: string, ...args: string[]) {
  try {
    const { success, stdout, stderr } = await new Deno.Command("sh", { args: [`${ROOT}${setup}`, ...args] }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { success, folder: text(stdout), problem: text(stderr) };
  } catch (error) {
    return {
      success: false,
      folder: "",
      problem: `sh cannot be run: ${error instanceof Error ? error.message : error}`,
    };
  }
}

function isSet(name: string): boolean {
  return !["", "0", undefined].includes(Deno.env.get(name));
}
