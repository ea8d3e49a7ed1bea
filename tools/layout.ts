/**
 * Checks the arrows between the parts: imports go one way only, and never in a circle.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** What each part may import, besides itself. */
const ALLOWED: Record<string, readonly string[]> = {
  "lib/text": [],
  "lib/log": [],
  "lib/schema": [],
  "lib/store": [],
  "lib/filter": ["lib/text"],
  "lib/config": ["lib/text"],
  "lib/rpc": ["lib/schema", "lib/log"],
  "lib/services": ["lib/rpc", "lib/schema", "lib/store", "lib/filter", "lib/text"],
  "lib/transport": ["lib/rpc", "lib/schema"],
  "lib/metrics": ["lib/rpc"],
  "lib/server": [
    "lib/config",
    "lib/log",
    "lib/metrics",
    "lib/rpc",
    "lib/schema",
    "lib/services",
    "lib/store",
    "lib/transport",
  ],
  "lib/cli": ["lib/schema", "lib/rpc", "lib/text", "lib/config"],
  "main.ts": ["lib/config", "lib/log", "lib/server"],
  "client.ts": ["lib/cli"],
};
/** Packages that only these parts may know: a wire or the database must not leak into the others. */
const KEPT_TO: Record<string, readonly string[]> = {
  "node:sqlite": ["lib/store"],
  "@grpc/grpc-js": ["lib/transport", "lib/cli"],
  "node:http2": ["lib/transport"],
};

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

const root = new URL("../", import.meta.url);
const problems: string[] = [];
const graph = await moduleGraph(["main.ts", "client.ts"]);
for (const [file, { imports, packages }] of graph) {
  const part = partOf(file);
  const allowed = ALLOWED[part];
  if (!allowed) problems.push(`${file}: ${part} is not a part that tools/layout.ts knows`);
  for (const target of imports) {
    const targetPart = partOf(target);
    if (allowed && targetPart !== part && !allowed.includes(targetPart) && target !== "deno.json") {
      problems.push(`${file} imports ${target}: ${part} may not know ${targetPart}`);
    }
  }
  for (const name of packages) {
    const keepers = KEPT_TO[name];
    if (keepers && !keepers.includes(part)) problems.push(`${file} imports ${name}, which is kept to ${keepers}`);
  }
}
const circle = findCircle();
if (circle) problems.push(`circle: ${circle.join(" -> ")}`);
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`layout: ${graph.size} files, imports go one way`);
Deno.exit(problems.length > 0 ? 1 : 0);

async function moduleGraph(entries: readonly string[]) {
  const files = new Map<string, { imports: Set<string>; packages: Set<string> }>();
  for (const entry of entries) {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: fileURLToPath(root),
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`deno info ${entry} failed`);
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
    for (const { specifier, dependencies = [] } of modules) {
      const file = relative(specifier);
      if (file === undefined || !file.endsWith(".ts") || file.startsWith("links/")) continue;
      const imports = new Set<string>();
      const packages = new Set<string>();
      for (const { specifier: written, code, type } of dependencies) {
        const target = relative(code?.specifier ?? type?.specifier ?? "");
        if (target === undefined || target.startsWith("links/")) packages.add(written);
        else imports.add(target);
      }
      files.set(file, { imports, packages });
    }
  }
  return files;
}

function relative(specifier: string): string | undefined {
  return specifier.startsWith(root.href) ? specifier.slice(root.href.length) : undefined;
}

/** `lib/rpc/call.ts` is of `lib/rpc`. */
function partOf(file: string): string {
  const [first, second] = file.split("/");
  return first === "lib" ? `lib/${second}` : first!;
}

/** A circle of files that import each other's values or types, if there is one. */
function findCircle(): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const target of graph.get(file)?.imports ?? []) {
      const found = visit(target);
      if (found) return found;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = visit(file);
    if (found) return found;
  }
  return undefined;
}
