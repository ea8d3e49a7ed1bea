import { assertEquals, assertStringIncludes } from "@std/assert";
import { runClient } from "../helpers/client.ts";
import { ROOT } from "../helpers/process.ts";

async function words(...line: string[]): Promise<string[]> {
  const { stdout } = await runClient(["__complete", ...line]);
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

const SESSIONS: [string, string, string][] = [
  [
    "bash",
    `source <(steward completions bash)
      COMP_WORDS=(steward tasks update ID --status d); COMP_CWORD=5; _steward; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(steward inventory a); COMP_CWORD=2; _steward; echo "\${COMPREPLY[@]}"`,
    "done\nadd adjust\n",
  ],
  [
    "fish",
    `steward completions fish | source
      complete -C 'steward tasks update ID --status d'
      complete -C 'steward inventory a' | string replace -r '\\t.*' ''`,
    "done\nadd\nadjust\n",
  ],
];

for (const [shell, script, expected] of SESSIONS) {
  Deno.test({
    name: `${shell} completes lines by the script`,
    ignore: !await has(shell),
    async fn() {
      const directory = await Deno.makeTempDir();
      const steward = `${directory}/steward`;
      await Deno.writeTextFile(steward, `#!/bin/sh\nexec '${Deno.execPath()}' run -q -A '${ROOT}client.ts' "$@"\n`);
      await Deno.chmod(steward, 0o755);
      const { stdout, stderr } = await new Deno.Command(shell, {
        args: ["-c", script],
        env: { PATH: `${directory}:${Deno.env.get("PATH")}` },
      }).output();
      assertEquals(new TextDecoder().decode(stdout), expected, new TextDecoder().decode(stderr));
      await Deno.remove(directory, { recursive: true });
    },
  });
}

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
