/**
 * Entry of the client: arguments -> command -> call -> output -> exit code.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Exit, Interrupted } from "./lib/cli/failure.ts";
import { main } from "./lib/cli/main.ts";
import { processTerminal } from "./lib/cli/terminal.ts";

const interrupt = new AbortController();
const onSignal = (exitCode: number) => () => {
  // Whoever asks twice does not want to wait for the call to end.
  if (interrupt.signal.aborted) Deno.exit(exitCode);
  interrupt.abort(new Interrupted(exitCode));
};
Deno.addSignalListener("SIGINT", onSignal(Exit.INTERRUPTED));
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onSignal(Exit.TERMINATED));

Deno.exit(
  await main(Deno.args, {
    terminal: processTerminal(),
    env: (name) => Deno.env.get(name),
    protoDirectory: fileURLToPath(new URL("./proto", import.meta.url)),
    signal: interrupt.signal,
    now: () => new Date(),
  }),
);
