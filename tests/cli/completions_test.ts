import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ClientOptions, runClient } from "../helpers/client.ts";
import { TestClient } from "../helpers/grpc_client.ts";
import { ROOT, within } from "../helpers/process.ts";
import { startServer } from "../helpers/server.ts";
import { contractSchema } from "../helpers/steward.ts";

async function words(...line: string[]): Promise<string[]> {
  return await wordsFrom({}, ...line);
}

async function wordsFrom(options: ClientOptions, ...line: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runClient(["__complete", ...line], options);
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split("\n").filter((one) => one !== "").map((one) => one.split("\t")[0]!);
}

const CASES: [string[], string[]][] = [
  [["inv"], ["inventory"]],
  [["inventory", "li"], ["list", "list-movements"]],
  [["--server", "x:1", "tasks", "cr"], ["create"]],
  [["help", "tasks", "cr"], ["create"]],
  [["tasks", "update", "--stat"], ["--status"]],
  [["tasks", "update", "7", "--status", ""], ["todo", "in-progress", "done"]],
  [["tasks", "update", "--status=d"], ["--status=done"]],
  [["inventory", "list", "-o", "j"], ["json", "jsonl"]],
  [["inventory", "import", "--mode", "s"], ["skip"]],
  [["inventory", "import", "it"], [":files"]],
  [["health", "ch"], ["check"]],
  [["list", "inv"], ["inventory.Inventory"]],
  [["completions", ""], ["bash", "zsh", "fish"]],
  [["config", "set", "lab", "tok"], ["token", "token_file"]],
  [["nonsense", ""], []],
];

for (const [line, expected] of CASES) {
  Deno.test(`completing '${line.join(" ")}'`, async () => assertEquals(await words(...line), expected));
}

for (const shell of ["bash", "zsh", "fish"]) {
  const installed = await has(shell);
  Deno.test({
    name: `the script for ${shell} is one that ${shell} accepts${installed ? "" : " (it is not installed)"}`,
    ignore: !installed,
    async fn() {
      const { stdout } = await runClient(["completions", shell]);
      const path = await Deno.makeTempFile();
      await Deno.writeTextFile(path, stdout);
      const { success, stderr } = await new Deno.Command(shell, { args: ["-n", path] }).output();
      assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
      await Deno.remove(path);
    },
  });
}

/** Has the bash script complete a line as readline would, words broken at = and : too. */
const BASH_ASK = `ask() {
  COMP_LINE="$1"; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _steward; printf '%s\n' "\${COMPREPLY[@]}"
}
source <(steward completions bash)
`;

const SESSIONS: [string, string, string][] = [
  [
    "bash",
    `${BASH_ASK}
      ask 'steward tasks update ID --status d' steward tasks update ID --status d
      ask 'steward tasks update --status=d' steward tasks update --status = d
      ask 'steward --server h:1 inventory a' steward --server h : 1 inventory a
      ask 'steward inventory get Hex\\ b' steward inventory get 'Hex\\ b'
      ask 'steward inventory get "Hex n' steward inventory get '"Hex n'
      ask 'steward inventory get --name=Wi' steward inventory get --name = Wi`,
    "done\ndone\nadd\nadjust\nHex\\ bolt\\ \\(M6\\)\nHex nut\nWidget\n",
  ],
  [
    "fish",
    `steward completions fish | source
      complete -C 'steward tasks update ID --status d'
      complete -C 'steward inventory a' | string replace -r '\\t.*' ''
      complete -C 'steward inventory get Hex\\ b'
      complete -C 'steward inventory get "Hex n'
      complete -C 'steward tasks get ' | string replace -r '^.*\\t' ''`,
    "done\nadd\nadjust\nHex bolt (M6)\nHex nut\nSweep the floor\n",
  ],
];

/** Runs `use` with a server that has a few items and a task. */
async function withThings(use: (server: string, taskId: string) => Promise<void>): Promise<void> {
  await using server = await startServer({ args: ["--log-level", "warn"] });
  const client = new TestClient(server.address, contractSchema());
  try {
    for (const name of ["Widget", "Hex bolt (M6)", "Hex nut"]) {
      await client.ask("inventory.Inventory/AddItem", { name });
    }
    const { task } = await client.ask<{ task: { id: string } }>("taskmanager.TaskManager/CreateTask", {
      title: "Sweep the floor",
    });
    const rows = Array.from({ length: 300 }, (_, n) => ({ item: { name: `many ${n}` } }));
    await client.call("inventory.Inventory/ImportItems", { rows });
    await use(server.address, task.id);
  } finally {
    client.close();
  }
}

for (const [shell, script, expected] of SESSIONS) {
  Deno.test({
    name: `${shell} completes lines by the script, with names that have spaces`,
    ignore: !await has(shell),
    fn: () =>
      withThings(async (server) => {
        const directory = await Deno.makeTempDir();
        const steward = `${directory}/steward`;
        await Deno.writeTextFile(steward, `#!/bin/sh\nexec '${Deno.execPath()}' run -q -A '${ROOT}client.ts' "$@"\n`);
        await Deno.chmod(steward, 0o755);
        const { stdout, stderr } = await new Deno.Command(shell, {
          args: ["-c", script],
          env: { PATH: `${directory}:${Deno.env.get("PATH")}`, STEWARD_SERVER: server },
        }).output();
        assertEquals(new TextDecoder().decode(stdout), expected, new TextDecoder().decode(stderr));
        await Deno.remove(directory, { recursive: true });
      }),
  });
}

Deno.test("names of items and ids of tasks come from the server, where something that is there is named", () =>
  withThings(async (server, id) => {
    const ask = (...line: string[]) => wordsFrom({ server }, ...line);
    assertEquals(await ask("inventory", "get", "W"), ["Widget"]);
    assertEquals(await ask("inventory", "adjust", "--delta", "1", "Hex"), ["Hex bolt (M6)", "Hex nut"]);
    assertEquals(await ask("inventory", "remove", "--name", "Hex b"), ["Hex bolt (M6)"]);
    assertEquals(await ask("inventory", "list", "--prefix=Wi"), ["--prefix=Widget"]);
    assertEquals(await ask("inventory", "update", "Wid"), ["Widget"]);
    assertEquals(await ask("inventory", "get", "Widget", "W"), []);
    assertEquals(await ask("inventory", "add", "W"), []);
    assertEquals((await ask("inventory", "get", "many")).length, 100);
    assertEquals(await wordsFrom({}, "--server", server, "tasks", "update", id.slice(0, 5)), [id]);
    assertEquals(await ask("tasks", "delete", "zzz"), []);
    const { stdout } = await runClient(["__complete", "tasks", "get", ""], { server });
    assertEquals(stdout, `${id}\tSweep the floor\n`);
  }));

Deno.test("completion is silent and soon over when the server is away, does not answer, or the line is wrong", async () => {
  const line = ["inventory", "get", "W"];
  assertEquals(await wordsFrom({ server: "127.0.0.1:1" }, ...line), []);
  assertEquals(await wordsFrom({ server: "not an address" }, ...line), []);
  assertEquals(await words("--deadline", "soon", ...line), []);
  // It takes connections and never says a word.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const started = performance.now();
  const found = await within(wordsFrom({ server: `127.0.0.1:${listener.addr.port}` }, ...line), 20_000);
  assertEquals(found, []);
  const took = performance.now() - started;
  assert(took < 5000, `${took} ms`);
});

Deno.test("candidates come with what they are for", async () => {
  const { stdout } = await runClient(["__complete", "inventory", "add"]);
  assertStringIncludes(stdout, "add\tPuts a new item on the shelf.");
});

async function has(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
