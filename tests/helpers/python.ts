/**
 * The Python that the interop suites use: an environment outside of the tree, made by interop/python/setup.sh.
 *
 * @module
 */
import { TestProcess } from "./process.ts";
import { testsWith } from "./toolchain.ts";

const testWithFolder = await testsWith("python");

/** A test that needs Python: ignored where there is none, failing instead with STEWARD_REQUIRE_INTEROP=1. */
export function testWithPython(name: string, body: (executable: string, t: Deno.TestContext) => Promise<void>): void {
  testWithFolder(name, (folder, t) => body(`${folder}/bin/python`, t));
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
