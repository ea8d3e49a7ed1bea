/**
 * The Python that the interop suites use: an environment outside of the tree, made by interop/python/setup.sh.
 *
 * @module
 */
import { ROOT, TestProcess } from "./process.ts";

const SETUP = `${ROOT}interop/python/setup.sh`;
const REQUIRED = isSet("STEWARD_REQUIRE_INTEROP");
const MAY_INSTALL = REQUIRED || isSet("STEWARD_INTEROP_INSTALL");

type Python = { readonly executable: string } | { readonly missing: string };

const python = await findPython();
if ("missing" in python) console.log(`The Python suites are ${REQUIRED ? "failing" : "ignored"}: ${python.missing}`);

/** A test that needs Python: ignored where there is none, failing instead with STEWARD_REQUIRE_INTEROP=1. */
export function testWithPython(name: string, body: (executable: string, t: Deno.TestContext) => Promise<void>): void {
  Deno.test({
    name,
    ignore: "missing" in python && !REQUIRED,
    fn(t) {
      if ("missing" in python) throw new Error(python.missing);
      return body(python.executable, t);
    },
  });
}

/** Starts a program of interop/python. */
export function startPython(executable: string, script: string, args: readonly string[]): TestProcess {
  return new TestProcess(`interop/python/${script}`, { runtime: [executable], args, env: PYTHON_ENV });
}

/** Runs the suite of interop/python to its end. */
export async function runPytest(executable: string, args: readonly string[]) {
  await using suite = new TestProcess("interop/python", {
    runtime: [executable, "-m", "pytest", "-q"],
    args,
    env: PYTHON_ENV,
  });
  return await suite.end({ withinMs: 300_000 });
}

const PYTHON_ENV = { PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" };

async function findPython(): Promise<Python> {
  const there = await setUp("--where");
  if (there.success) return { executable: `${there.folder}/bin/python` };
  if (!MAY_INSTALL) {
    if (there.folder === "") return { missing: there.problem };
    return { missing: `there is no ${there.folder}; interop/python/setup.sh or STEWARD_INTEROP_INSTALL=1 makes it` };
  }
  const made = await setUp();
  if (made.success) return { executable: `${made.folder}/bin/python` };
  return { missing: `interop/python/setup.sh failed: ${made.problem}` };
}

async function setUp(...args: string[]) {
  try {
    const { success, stdout, stderr } = await new Deno.Command("sh", { args: [SETUP, ...args] }).output();
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
