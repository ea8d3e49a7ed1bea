import { assert, assertEquals, assertThrows } from "@std/assert";
import { LocalError, UsageError } from "../../lib/cli/failure.ts";
import { parseFlags } from "../../lib/cli/flags/parse.ts";
import { readConfig, setInProfile } from "../../lib/cli/profile.ts";
import { GLOBAL_FLAGS, resolveSettings, type Settings, wantsColor } from "../../lib/cli/settings.ts";

function settings(args: string[], env: Record<string, string> = {}): Settings {
  return resolveSettings(parseFlags(args, GLOBAL_FLAGS), (name) => env[name]);
}

function withConfig<T>(config: unknown, use: (path: string) => T): T {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/config.json`;
    if (config !== undefined) {
      Deno.writeTextFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
    }
    return use(path);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const SERVERS: [string[], Record<string, string>, string[], boolean][] = [
  [[], {}, ["127.0.0.1:50051"], false],
  [["--server", "a"], {}, ["a:50051"], false],
  [["--server", "a:1,b:2", "--server", "c:3"], {}, ["a:1", "b:2", "c:3"], false],
  [[], { STEWARD_SERVER: "a:1, b:2" }, ["a:1", "b:2"], false],
  [["--server", "a:1"], { STEWARD_SERVER: "b:2" }, ["a:1"], false],
  [["--server", "http://a:1/"], {}, ["a:1"], false],
  [["--server", "https://a"], {}, ["a:443"], true],
  [["--server", "[::1]:1"], {}, ["[::1]:1"], false],
  [["--server", "unix:/tmp/x"], {}, ["unix:/tmp/x"], false],
  [["--ca", "f"], {}, ["127.0.0.1:50051"], true],
  [[], { STEWARD_TLS: "true" }, ["127.0.0.1:50051"], true],
];

for (const [args, env, servers, tls] of SERVERS) {
  Deno.test(`servers of ${[...args, ...Object.values(env)].join(" ") || "nothing"}`, () => {
    const found = settings(args, env);
    assertEquals([...found.servers], servers);
    assertEquals(found.tls, tls);
  });
}

const BAD: [string[], string][] = [
  [["--server", "a:b"], "--server is HOST:PORT, not 'a:b'"],
  [["--server", "a:0"], "--server is HOST:PORT"],
  [["--server", "a:65536"], "--server is HOST:PORT"],
  [["--server", ","], "--server is empty"],
  [["--server", "http://a", "--tls"], "contradict each other"],
  [["--deadline", "5"], "--deadline is a duration"],
  [["--deadline", "-1s"], "--deadline is a duration"],
  [["--header", "x"], "--header is KEY:VALUE, not 'x'"],
  [["--header", "x: é"], "--header x: only ASCII"],
  [["--cert", "c"], "--cert and --key go together"],
  [["--token", "a", "--token-file", "b"], "--token and --token-file exclude each other"],
  [["-o", "xml"], "-o is one of table, json, jsonl, yaml, not 'xml'"],
  [["-o", "yaml", "--envelope"], "--envelope goes with -o json, not with yaml"],
  [["--profile", "nope"], "there is no profile 'nope'"],
];

for (const [args, sentence] of BAD) {
  Deno.test(`settings refuse ${args.join(" ")}`, () => {
    assertThrows(() => settings(args), UsageError, sentence);
  });
}

Deno.test("headers are kept in order, and an authorization header wins over the token", () => {
  assertEquals([...settings(["-H", "a: 1", "-H", "a:2", "--token", "t"]).headers], [
    ["a", "1"],
    ["a", "2"],
    ["authorization", "Bearer t"],
  ]);
  assertEquals([...settings(["-H", "Authorization: x", "--token", "t"]).headers], [["Authorization", "x"]]);
});

Deno.test("a token comes from the flag, else the environment, else the profile, and from files", () => {
  const config = { default_profile: "p", profiles: { p: { token: "profile" } } };
  withConfig(config, (path) => {
    const token = (args: string[], env: Record<string, string> = {}) =>
      settings(args, { STEWARD_CONFIG: path, ...env }).headers[0]?.[1];
    assertEquals(token([]), "Bearer profile");
    assertEquals(token([], { STEWARD_TOKEN: "env" }), "Bearer env");
    assertEquals(token(["--token", "flag"], { STEWARD_TOKEN: "env" }), "Bearer flag");
    Deno.writeTextFileSync(`${path}.token`, "filed\n");
    assertEquals(token(["--token-file", `${path}.token`], { STEWARD_TOKEN: "env" }), "Bearer filed");
    assertThrows(() => token(["--token-file", `${path}.none`]), LocalError, "cannot read the token");
  });
});

Deno.test("a profile gives what neither flag nor environment says", () => {
  const config = {
    default_profile: "home",
    profiles: {
      home: { server: "home:1" },
      lab: { server: ["a:1", "b:2"], tls: true, deadline: "2s", output: "yaml", headers: { x: "1" } },
    },
  };
  withConfig(config, (path) => {
    const env = { STEWARD_CONFIG: path };
    assertEquals([...settings([], env).servers], ["home:1"]);
    const lab = settings(["--profile", "lab"], env);
    assertEquals([[...lab.servers], lab.tls, lab.timeoutMs, lab.format], [["a:1", "b:2"], true, 2000, "yaml"]);
    assertEquals([...lab.headers], [["x", "1"]]);
    assertEquals(settings(["--deadline", "1s"], { ...env, STEWARD_PROFILE: "lab" }).timeoutMs, 1000);
    assertEquals(settings(["--profile", "lab", "--no-tls"], env).tls, false);
  });
});

const BROKEN: [unknown, string][] = [
  ["{", "is not valid JSON"],
  [[], "must hold an object"],
  [{ profile: {} }, "unknown setting 'profile'"],
  [{ profiles: { a: { sever: "x" } } }, "profile 'a' has an unknown setting 'sever'"],
  [{ profiles: { a: { tls: "yes" } } }, "profile 'a': tls must be true or false"],
];

for (const [config, sentence] of BROKEN) {
  Deno.test(`a configuration that ${sentence} is refused, naming the file`, () => {
    withConfig(config, (path) => {
      const error = assertThrows(
        () => readConfig((name) => name === "STEWARD_CONFIG" ? path : undefined),
        LocalError,
        sentence,
      );
      assert(error.message.includes(path));
    });
  });
}

Deno.test("setting a profile writes a file that only its owner can read", () => {
  withConfig(undefined, (path) => {
    const env = (name: string) => name === "STEWARD_CONFIG" ? path : undefined;
    setInProfile(env, "lab", "server", "a:1,b:2");
    setInProfile(env, "lab", "token-file", "/t");
    setInProfile(env, "lab", "tls", "true");
    setInProfile(env, "lab", "default", "true");
    assertEquals(readConfig(env), {
      default_profile: "lab",
      profiles: { lab: { server: ["a:1", "b:2"], token_file: "/t", tls: true } },
    });
    setInProfile(env, "lab", "token-file", "");
    assertEquals(readConfig(env).profiles.lab?.token_file, undefined);
    if (Deno.build.os !== "windows") assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    assertThrows(() => setInProfile(env, "lab", "sever", "a"), UsageError, "a profile has no setting 'sever'");
  });
});

Deno.test("colours are for terminals without NO_COLOR, and the flag has the last word", () => {
  const env = (variables: Record<string, string>) => (name: string) => variables[name];
  assertEquals(wantsColor(undefined, env({}), true), true);
  assertEquals(wantsColor(undefined, env({}), false), false);
  assertEquals(wantsColor(undefined, env({ NO_COLOR: "1" }), true), false);
  assertEquals(wantsColor(parseFlags(["--no-color"], GLOBAL_FLAGS), env({}), true), false);
  assertEquals(wantsColor(parseFlags(["--color"], GLOBAL_FLAGS), env({ NO_COLOR: "1" }), false), true);
});
