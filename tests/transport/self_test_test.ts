import { assertEquals, assertMatch } from "@std/assert";
import { nativeLaneFault } from "../../lib/transport/self_test.ts";
import { ROOT } from "../helpers/process.ts";
import { contractSchema } from "../helpers/steward.ts";

Deno.test("the native lane passes its self-test on this runtime and leaves nothing open", async () => {
  assertEquals(await nativeLaneFault(contractSchema()), null);
});

Deno.test("a runtime whose trailers do not arrive fails the self-test", async () => {
  // Hides the runtime's operation from a process of its own, as a Deno without it would.
  const script = `
    const real = Deno[Deno.internal];
    Object.defineProperty(Deno, Deno.internal, { value: { ...real, addTrailers: ARGUMENT } });
    const { nativeLaneFault } = await import("${new URL("../../lib/transport/self_test.ts", import.meta.url)}");
    const { loadSchema } = await import("${new URL("../../lib/schema/mod.ts", import.meta.url)}");
    console.log(await nativeLaneFault(loadSchema("${new URL("../../proto", import.meta.url).pathname}")));
  `;
  for (const addTrailers of ["() => {}", "undefined"]) {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--unstable-no-legacy-abort", script.replace("ARGUMENT", addTrailers)],
      env: { NO_COLOR: "1" },
      cwd: ROOT,
    }).output();
    const said = new TextDecoder().decode(stdout).trim();
    assertMatch(said, /trailers|closed with error/i, new TextDecoder().decode(stderr));
  }
});
