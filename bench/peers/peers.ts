/**
 * Servers that are not ours, each as its users would plainly write it: what they have in common is the frozen part of
 * proto/, and that an add is on disk when it is answered. They are built in a cache outside of the tree.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lane, SEEDED_ITEMS } from "../bench.ts";
import { seededItem } from "../client/messages.ts";
import { startProcess } from "../lanes.ts";
import { output } from "../process.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PROTO = fileURLToPath(new URL("../../proto", import.meta.url));
const CONTRACT = ["inventory.proto", "task_manager.proto"];
const BUF = "@bufbuild/buf@1.75.0";

interface Recipe {
  /** The folder beside this file, and in the cache. */
  readonly folder: string;
  /** What has to be on the path. */
  readonly tools: readonly string[];
  /** Builds a copy of the folder, in place. The steps run in it. */
  readonly steps: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
  /** The server; a path is one inside of the copy. The data folder is added. */
  readonly command: readonly [string, ...string[]];
}

const PYTHON: Omit<Recipe, "command"> = {
  folder: "python",
  tools: ["python3"],
  steps: [
    ["python3", "-m", "venv", "venv"],
    ["venv/bin/python", "-m", "pip", "install", "-q", "--no-deps", "-r", "requirements.txt"],
    [
      ...["venv/bin/python", "-m", "grpc_tools.protoc", `-I${PROTO}`, "--python_out=.", "--grpc_python_out=."],
      ...CONTRACT,
    ],
  ],
};

export const PEERS: readonly Lane[] = [
  peer("node", {
    folder: "node",
    tools: ["node", "npm"],
    steps: [["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]],
    command: ["node", "server.js", PROTO],
  }),
  peer("grpcio-asyncio", { ...PYTHON, command: ["venv/bin/python", "server_asyncio.py"] }),
  peer("grpcio-sync", { ...PYTHON, command: ["venv/bin/python", "server_sync.py"] }),
  peer("tonic", {
    folder: "tonic",
    tools: ["cargo", "cc"],
    steps: [["cargo", "build", "--release", "--locked"]],
    env: { STEWARD_PROTO: PROTO },
    command: ["target/release/steward-peer-tonic"],
  }),
  peer("grpc-go", {
    folder: "go",
    tools: ["go", "cc", "npx"],
    steps: [
      ["npx", "-y", BUF, "generate", PROTO, ...CONTRACT.flatMap((file) => ["--path", join(PROTO, file)])],
      ["go", "build", "-o", "peer", "."],
    ],
    command: ["./peer"],
  }),
];

const built = new Map<string, Promise<void>>();

function peer(name: string, recipe: Recipe): Lane {
  const folder = join(Deno.env.get("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "steward-bench", recipe.folder);
  const [program, ...args] = recipe.command.map((part) => part.includes("/") ? resolve(folder, part) : part) as
    & string[]
    & [string];
  const start: Lane["start"] = (data) => startProcess(program, [...args, data], data, folder);
  return {
    name,
    command: [`(in the copy of bench/peers/${recipe.folder})`, ...recipe.command, "DIR"].join(" ").replace(
      PROTO,
      "PROTO",
    ),
    start,
    peer: {
      build() {
        let building = built.get(recipe.folder);
        if (!building) built.set(recipe.folder, building = build(recipe, folder));
        return building;
      },
      async seed(data) {
        // It makes its tables itself; filling them by calls would take as long as the whole bench.
        await (await start(data)).stop();
        fill(join(data, "peer.db"));
      },
    },
  };
}

async function build({ tools, steps, env = {}, folder: source }: Recipe, folder: string): Promise<void> {
  for (const tool of tools) {
    await output("/bin/sh", ["-c", 'command -v "$1"', "sh", tool]).catch(() => {
      throw new Error(`there is no ${tool}`);
    });
  }
  const stamp = join(folder, ".built");
  await Deno.mkdir(folder, { recursive: true });
  const changed = await copyTree(join(HERE, source), folder);
  if (
    !changed && await exists(stamp) && await newest(CONTRACT.map((file) => join(PROTO, file))) < await newest([stamp])
  ) {
    return;
  }
  for (const [program, ...args] of steps as readonly [string, ...string[]][]) {
    await output(program.includes("/") ? join(folder, program) : program, args, { cwd: folder, env: { ...env } });
  }
  await Deno.writeTextFile(stamp, "");
}

/** Copies what is not the same already. Whether there was any. */
async function copyTree(from: string, to: string): Promise<boolean> {
  let changed = false;
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) {
      await Deno.mkdir(target, { recursive: true });
      if (await copyTree(source, target)) changed = true;
    } else if (await Deno.readTextFile(source) !== await Deno.readTextFile(target).catch(() => undefined)) {
      await Deno.copyFile(source, target);
      changed = true;
    }
  }
  return changed;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function newest(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map(async (path) => (await Deno.stat(path)).mtime?.getTime() ?? 0));
  return Math.max(...times);
}

function fill(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec("BEGIN");
    const insert = database.prepare("INSERT INTO items (name, quantity, price) VALUES (?, ?, ?)");
    for (let index = 0; index < SEEDED_ITEMS; index++) {
      const { name, quantity, price } = seededItem(index);
      insert.run(name, quantity, price);
    }
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}
