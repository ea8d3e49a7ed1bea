/**
 * The executables, each as somebody has it who copied one file.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { BareMachine, compileInto, DIST, isFile, REQUIRED } from "./helpers/executables.ts";
import { TestClient } from "./helpers/grpc_client.ts";
import { contractSchema, withDirectory } from "./helpers/steward.ts";
import { until } from "./helpers/wait.ts";

const built = REQUIRED || isFile(join(DIST, "steward-server"));
if (!built) console.log("The executables are not tested: there is no dist/; `deno task compile` makes it");
const EXECUTABLES = REQUIRED ? await Deno.makeTempDir({ prefix: "steward-dist-" }) : DIST;
const said = REQUIRED ? await compileInto(EXECUTABLES) : "";
const extracts = built && await startsWithScript(join(EXECUTABLES, "steward"));
/** What unpacks itself is tested also where the true ones can be had. */
const EXTRACTING = extracts || !REQUIRED ? EXECUTABLES : await Deno.makeTempDir({ prefix: "steward-dist-" });
if (EXTRACTING !== EXECUTABLES) await compileInto(EXTRACTING, { flags: ["--self-extracting"] });
Deno.test.afterAll(async () => {
  for (const made of new Set([EXECUTABLES, EXTRACTING])) {
    if (made !== DIST) await Deno.remove(made, { recursive: true });
  }
});

function bare(
  name: string,
  body: (machine: BareMachine) => Promise<void>,
  { from = EXECUTABLES, ignore = !built } = {},
) {
  Deno.test({
    name,
    ignore,
    async fn() {
      await using machine = await BareMachine.create(from);
      await body(machine);
    },
  });
}

function unpacking(name: string, body: (machine: BareMachine) => Promise<void>) {
  bare(name, body, { from: EXTRACTING, ignore: !built || !(extracts || REQUIRED) });
}

async function startsWithScript(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(2);
  await file.read(head);
  return new TextDecoder().decode(head) === "#!";
}

bare("each says its version, commit, Deno and kind, and has help with examples", async (machine) => {
  for (const program of ["steward-server", "steward"] as const) {
    const { code, stdout } = await machine.run(program, ["--version"]);
    assertEquals(code, 0);
    assertMatch(
      stdout,
      new RegExp(`^${program} \\d+\\.\\d+\\.\\d+ \\(commit \\S+, Deno 2\\.9\\.3, (compiled|self-extracting)\\)\n$`),
    );
    const help = await machine.run(program, ["--help"]);
    assertEquals(help.code, 0);
    assertMatch(help.stdout, /examples/i);
  }
});

bare("a server and a client that are one file each do all that they do from source", async (machine) => {
  const data = join(machine.work, "data");
  const first = await machine.serve(data);
  await using _first = first.process;
  assertStringIncludes(first.process.stdout, `try       steward --server ${first.address} inventory add`);
  const client = (...args: string[]) => machine.run("steward", ["--server", first.address, ...args]);
  await Deno.writeTextFile(join(machine.work, "items.csv"), "name,quantity,price\nBolt,10,0.25\nNut,20,0.10\n");
  const imported = await client("inventory", "import", "items.csv");
  assertEquals([imported.code, /"created": ?"2"/.test(imported.stdout)], [0, true], imported.stdout + imported.stderr);
  const { stdout } = await client("inventory", "get", "Bolt", "-o", "json");
  assertEquals((JSON.parse(stdout) as { quantity: number; price: number }).price, 0.25);
  const missing = await client("inventory", "get", "Gone");
  assertEquals([missing.code, missing.stdout], [64 + 5, ""]);
  assertStringIncludes(missing.stderr, "item 'Gone' not found");
  assertStringIncludes((await client("list")).stdout, "taskmanager.TaskManager");

  await using watch = machine.start("steward", [
    "--server",
    first.address,
    "inventory",
    "watch",
    "--snapshot",
    "-o",
    "jsonl",
  ]);
  await watch.seen(/"name":"Nut"/);
  first.process.kill("SIGTERM");
  const ended = await first.process.end();
  assertEquals(ended.code, 0);
  assertMatch(ended.stderr, /SIGTERM: stopping[^]*stopped/);
  await watch.seen(/the server has gone/, { on: "stderr" });
  const again = await machine.serve(data, Number(first.address.split(":")[1]));
  await using _again = again.process;
  assertEquals((await client("inventory", "add", "Washer")).code, 0);
  await watch.seen(/"name":"Washer"/);
  watch.kill("SIGINT");
  assertEquals((await watch.end()).code, 0);
  assertEquals(watch.stdout.match(/"name":"(Bolt|Nut|Washer)"/g)?.length, 3);
});

bare("SIGTERM lets a call in flight finish, and SIGKILL loses nothing acknowledged", async (machine) => {
  const data = join(machine.work, "data");
  const { process, address } = await machine.serve(data);
  await using _ = process;
  await withClient(address, async (client) => {
    const call = client.open("inventory.Inventory/ImportItems");
    call.send({ rows: [{ item: { name: "first" } }] });
    const there = async () => (await client.call("inventory.Inventory/GetItem", { name: "first" })).status.code === 0;
    await until("the import runs", there);
    process.kill("SIGTERM");
    await process.seen(/SIGTERM: stopping/, { on: "stderr" });
    call.send({ rows: [{ item: { name: "second" } }] });
    call.finish();
    assertEquals((await call.received).messages[0]?.created, 2);
  });
  assertEquals((await process.end()).code, 0);
  const second = await machine.serve(data);
  await using _second = second.process;
  await withClient(second.address, async (client) => {
    await client.ask("inventory.Inventory/AddItem", { name: "third" });
    second.process.kill("SIGKILL");
  });
  // No process of its own stands between the signal and the server.
  assertEquals((await second.process.end()).signal, "SIGKILL");
  const third = await machine.serve(data);
  await using _third = third.process;
  assertMatch(third.process.stdout, /at revision 3$/m);
});

async function withClient(address: string, use: (client: TestClient) => Promise<void>): Promise<void> {
  const client = new TestClient(address, contractSchema());
  try {
    await use(client);
  } finally {
    client.close();
  }
}

bare("exit codes, completions and settings from the environment are those from source", async (machine) => {
  assertEquals((await machine.run("steward-server", ["--listen", "nowhere"])).code, 2);
  assertEquals((await machine.run("steward-server", [], { env: { STEWARD_LISTEN: "nowhere" } })).code, 2);
  assertEquals((await machine.run("steward", ["nonsense"])).code, 2);
  const nobody = await machine.run("steward", ["inventory", "list"], { env: { STEWARD_SERVER: "127.0.0.1:1" } });
  assertEquals(nobody.code, 64 + 14);
  assertStringIncludes(nobody.stderr, "nothing listens on 127.0.0.1:1");
  for (const shell of ["bash", "zsh", "fish"]) {
    assertStringIncludes((await machine.run("steward", ["completions", shell])).stdout, "steward __complete");
  }
  assertMatch((await machine.run("steward", ["__complete", "inv"])).stdout, /^inventory\b/);
});

unpacking("starts that are the first, at once, unpack one entry and all run", async (machine) => {
  const ended = await Promise.all([
    machine.run("steward", ["--version"]),
    machine.run("steward-server", ["--version"]),
    machine.run("steward", ["--version"]),
  ]);
  for (const { code, stderr } of ended) assertEquals([code, stderr], [0, ""]);
  const left = Array.from(Deno.readDirSync(machine.cache), ({ name }) => name);
  assertEquals(left.length, 1, left.join());
  assertMatch(left[0]!, /^[0-9a-f]{16}$/);
  assert(
    !Array.from(Deno.readDirSync(join(machine.cache, left[0]!))).some(({ name }) => /unpacking|damaged/.test(name)),
  );
});

unpacking(
  "without a home that can be written it unpacks into the temporary folder, for this user only",
  async (machine) => {
    const home = await readOnlyHome(machine);
    const settings = { STEWARD_CONFIG: "/nonexistent/steward.json" };
    for (const env of [{ HOME: home, ...settings }, { HOME: "" }]) {
      const { code, stderr } = await machine.run("steward", ["--version"], { env });
      assertEquals([code, stderr], [0, ""]);
    }
    const [folder, ...others] = Array.from(Deno.readDirSync(join(machine.root, "tmp")), ({ name }) => name);
    assertEquals(others, []);
    assertEquals(folder, `steward-${Deno.uid()}`);
    assertEquals(Deno.statSync(join(machine.root, "tmp", folder!)).mode! & 0o777, 0o700);
    const env = { HOME: home, TMPDIR: "/proc", ...settings };
    const nowhere = await machine.run("steward", ["--version"], { env });
    assertEquals(nowhere.code, 1);
    assertMatch(nowhere.stderr, /^steward: cannot unpack: .*\n$/);
  },
);

/** The superuser may write everywhere but in /proc. */
async function readOnlyHome(machine: BareMachine): Promise<string> {
  if (Deno.uid() === 0) return "/proc";
  const home = join(machine.root, "read-only");
  await Deno.mkdir(home, { mode: 0o555 });
  return home;
}

unpacking("a damaged entry is made anew, what is outdated goes, and what is in use stays", async (machine) => {
  const version = async () => {
    const { code, stdout, stderr } = await machine.run("steward", ["--version"]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^steward \d/);
  };
  await version();
  const [{ name: entry } = { name: "" }] = Deno.readDirSync(machine.cache);
  const path = (file: string) => join(machine.cache, entry, file);
  const change = (file: string, at: number) => {
    using opened = Deno.openSync(path(file), { read: true, write: true });
    opened.seekSync(at, Deno.SeekMode.Start);
    opened.writeSync(new Uint8Array([0]));
  };
  const contract = Deno.readTextFileSync(path("proto/inventory.proto"));
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  for (const [name, days] of [["0123456789abcdef", 30], ["fedcba9876543210", 1]] as const) {
    await Deno.mkdir(join(machine.cache, name));
    await Deno.utime(join(machine.cache, name), daysAgo(days), daysAgo(days));
  }
  const damages: readonly (() => void)[] = [
    () => Deno.truncateSync(path("deno"), 1_000_000),
    () => change("deno", 5_000_000),
    () => change("steward.mjs", 1000),
    () => Deno.removeSync(path("proto/inventory.proto")),
  ];
  for (const damage of damages) {
    damage();
    await version();
    assertEquals(Deno.readTextFileSync(path("proto/inventory.proto")), contract);
  }
  assertEquals(
    Array.from(Deno.readDirSync(machine.cache), ({ name }) => name).sort(),
    [entry, "fedcba9876543210"].sort(),
  );
});

unpacking("an executable that is not whole says so and leaves nothing", async (machine) => {
  const half = join(machine.work, "steward");
  await Deno.copyFile(join(EXTRACTING, "steward"), half);
  await Deno.truncate(half, 20_000_000);
  const { code, stderr } = await machine.run("steward", ["--version"], { executable: half });
  assertEquals(code, 1);
  assertMatch(stderr, /^steward: cannot unpack/m);
  assertEquals(Array.from(Deno.readDirSync(machine.cache)), []);
});

Deno.test({
  name: "the checksums are those of the files, and a second build is the same bytes",
  ignore: !built,
  async fn() {
    const sums = await Deno.readTextFile(join(EXECUTABLES, "SHA256SUMS"));
    for (const line of sums.trim().split("\n")) {
      const [sum, file] = line.split("  ");
      assertEquals(createHash("sha256").update(await Deno.readFile(join(EXECUTABLES, file!))).digest("hex"), sum);
    }
    if (!REQUIRED) return;
    assertMatch(said, /steward-server {2}\d+\.\d MB, (compiled|self-extracting)/);
    await withDirectory(async (directory) => {
      await compileInto(directory);
      assertEquals(await Deno.readTextFile(join(directory, "SHA256SUMS")), sums);
    });
  },
});

Deno.test({
  name: "deno compile embeds the program, the contract and the permissions, and no others",
  ignore: !built,
  async fn() {
    await withDirectory(async (directory) => {
      // What is embedded does not depend on the runtime around it, so any executable of the system's kind will do.
      const said = await compileInto(directory, { env: { DENORT_BIN: Deno.execPath() } });
      assertMatch(said, /steward-server(\.exe)? {2}.* MB, compiled/);
      for (const program of ["steward-server", "steward"]) {
        const whole = Buffer.from(await Deno.readFile(join(directory, program)));
        const metadata = metadataOf(whole);
        assertEquals(metadata.entrypoint_key, `${program}.mjs`);
        assertEquals(metadata.app_name, program);
        const { allow_env, ...granted } = metadata.permissions;
        const kinds = Object.entries(granted).filter(([name, value]) => /^allow_/.test(name) && value !== null);
        // An empty list stands for all. Nothing is ever imported, since the program is one module.
        const names = kinds.map(([name]) => name).filter((name) => name !== "allow_import");
        assertEquals(names.sort(), ["allow_net", "allow_read", "allow_write"]);
        assert((allow_env as string[]).includes("STEWARD_*") && !(allow_env as string[]).includes("PATH"));
        assertEquals(metadata.permissions.prompt, false);
        for await (const { name, isFile } of Deno.readDir("proto")) {
          if (isFile) assert(whole.includes(await Deno.readFile(join("proto", name))), name);
        }
        assert(whole.includes('"kind":"compiled"'));
        assert(whole.includes("@grpc/grpc-js") || whole.includes("grpc-node-js"), "the packages are in the bundle");
      }
    });
  },
});

interface Metadata {
  readonly entrypoint_key: string;
  readonly app_name: string;
  readonly permissions: Readonly<Record<string, unknown>>;
}

/** The last JSON object in the file that begins as Deno's metadata do. */
function metadataOf(whole: Buffer): Metadata {
  const start = whole.lastIndexOf('{"argv":[');
  let depth = 0;
  for (let at = start; at >= 0 && at < whole.length; at++) {
    if (whole[at] === 0x7b) depth++;
    else if (whole[at] === 0x7d && --depth === 0) return JSON.parse(whole.toString("utf8", start, at + 1)) as Metadata;
  }
  throw new Error("no metadata are embedded");
}
