import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type Config,
  ConfigError,
  flagOf,
  helpText,
  readConfig,
  type SettingName,
  SETTINGS,
  variableOf,
} from "../../lib/config/mod.ts";

const NAMES = Object.keys(SETTINGS) as SettingName[];

function configOf(args: readonly string[] = [], env: Record<string, string> = {}): Config {
  const request = readConfig(args, env);
  assert(request.command === "serve");
  return request.config;
}

function refusal(args: readonly string[], env: Record<string, string> = {}): string {
  return assertThrows(() => readConfig(args, env), ConfigError).message;
}

/** For each setting a value that is not the default, and what becomes of it. */
const VALUES: { [N in SettingName]: [text: string, value: Config[N]] } = {
  listen: ["[::1]:0", { hostname: "::1", port: 0 }],
  data: ["/var/lib/steward", "/var/lib/steward"],
  transport: ["grpc-js", "grpc-js"],
  tlsCert: ["cert.pem", "cert.pem"],
  tlsKey: ["key.pem", "key.pem"],
  insecure: ["true", true],
  corsOrigins: ["*", SETTINGS.corsOrigins.kind.parse("*")],
  log: ["json", "json"],
  logLevel: ["debug", "debug"],
  grace: ["1.5s", 1500],
  maxMessageBytes: ["512KiB", 524_288],
  compressFromBytes: ["0", 0],
  maxConcurrentCalls: ["7", 7],
  maxQueuedWrites: ["7", 7],
  maxWatchers: ["7", 7],
  maxSnapshots: ["7", 7],
  snapshotIdle: ["5m", 300_000],
  commitOperations: ["7", 7],
  commitBytes: ["2MiB", 2_097_152],
  compactAge: ["12h", 43_200_000],
  compactRevisions: ["7", 7],
};

Deno.test("without anything every setting has its default", () => {
  const config = configOf();
  assertEquals(Object.keys(config), NAMES);
  assertEquals(config.listen, { hostname: "127.0.0.1", port: 50051 });
  assertEquals([config.transport, config.insecure, config.log, config.grace], ["native", false, "pretty", 10_000]);
  assertEquals([config.maxMessageBytes, config.compactAge], [4_194_304, 604_800_000]);
});

Deno.test("every setting is taken from its flag and from its variable, and the flag wins", () => {
  for (const name of NAMES) {
    const [text, value] = VALUES[name];
    const flag = `--${flagOf(name)}`;
    const variable = variableOf(name);
    assertEquals(configOf([`${flag}=${text}`])[name], value, flag);
    assertEquals(configOf([flag, text])[name], value, flag);
    assertEquals(configOf([], { [variable]: text })[name], value, variable);
    assertEquals(configOf([`${flag}=${text}`], { [variable]: "rubbish" })[name], value, flag);
  }
});

Deno.test("flags and variables are written as people expect", () => {
  assertEquals([flagOf("maxMessageBytes"), variableOf("maxMessageBytes")], [
    "max-message-bytes",
    "STEWARD_MAX_MESSAGE_BYTES",
  ]);
  assertEquals([flagOf("log"), variableOf("log")], ["log", "STEWARD_LOG"]);
});

Deno.test("a switch is on by itself and can be turned off", () => {
  assertEquals(configOf(["--insecure"]).insecure, true);
  assertEquals(configOf(["--insecure", "--log", "json"]).insecure, true);
  assertEquals(configOf(["--insecure=false"], { STEWARD_INSECURE: "true" }).insecure, false);
  assertEquals(refusal([], { STEWARD_INSECURE: "maybe" }), "STEWARD_INSECURE: 'maybe' is neither true nor false");
});

Deno.test("a bad value is refused with the setting, the value and what would do", () => {
  const address = "is not HOST:PORT with a port from 0 to 65535";
  const cases: [flag: string, text: string, problem: string][] = [
    ["listen", "localhost", address],
    ["listen", "localhost:65536", address],
    ["listen", "::1:80", address],
    ["listen", ":80", address],
    ["listen", "a b:80", address],
    ["data", "", "is not a path"],
    ["transport", "http3", "is none of native, grpc-js"],
    ["log-level", "loud", "is none of debug, info, warn, error"],
    ["grace", "10", "is not a time such as 10s"],
    ["grace", "-1s", "is not a time such as 10s"],
    ["grace", "2h", "is not between 0 ms and 3600000 ms"],
    ["max-message-bytes", "4MB", "is not a size such as 4MiB"],
    ["max-message-bytes", "1023", "is not between 1024 bytes and 1073741824 bytes"],
    ["max-snapshots", "0", "is not a whole number from 1 to 1000"],
    ["max-snapshots", "1.5", "is not a whole number from 1 to 1000"],
    ["max-snapshots", "1e2", "is not a whole number from 1 to 1000"],
    ["max-snapshots", "", "is not a whole number from 1 to 1000"],
  ];
  for (const [flag, text, problem] of cases) {
    assertEquals(refusal([`--${flag}=${text}`]), `--${flag}: '${text}' ${problem}`);
    const variable = `STEWARD_${flag.replaceAll("-", "_").toUpperCase()}`;
    if (text !== "") assertEquals(refusal([], { [variable]: text }), `${variable}: '${text}' ${problem}`);
  }
});

Deno.test("a flag without a value, twice, or unknown is refused; the nearest is suggested", () => {
  assertMatch(refusal(["--listen"]), /^--listen: '' is not HOST:PORT/);
  assertEquals(refusal(["--grace", "1s", "--grace", "2s"]), "--grace is given more than once");
  assertEquals(refusal(["--lissen", "x"]), "unknown argument --lissen; did you mean --listen?");
  assertEquals(
    refusal(["--max-message-byte=5"]),
    "unknown argument --max-message-byte=5; did you mean --max-message-bytes?",
  );
  assertEquals(refusal(["--zzzzzzzz"]), "unknown argument --zzzzzzzz");
  assertEquals(refusal(["serve"]), "unknown argument serve");
  assertEquals(refusal(["-x"]), "unknown argument -x");
});

Deno.test("an empty variable counts as none", () => {
  assertEquals(configOf([], Object.fromEntries(NAMES.map((name) => [variableOf(name), ""]))), configOf());
});

Deno.test("what the environment has beside is left alone", () => {
  assertEquals(configOf([], { STEWARD_SERVER: "x", PATH: "y" }), configOf());
});

Deno.test("help and version are commands, whatever else is asked", () => {
  for (const args of [["--help"], ["-h"], ["--grace", "rubbish", "--help"]]) {
    assertEquals(readConfig(args, {}).command, "help");
  }
  for (const args of [["--version"], ["-V"]]) assertEquals(readConfig(args, {}).command, "version");
});

Deno.test("the help names every flag with its default and fits a terminal of 120 columns", () => {
  const help = helpText("steward-server");
  for (const name of NAMES) {
    const line = help.split("\n").find((line) => new RegExp(`^ {2}--${flagOf(name)}( |$)`).test(line));
    assert(line !== undefined, `--${flagOf(name)} is not in the help`);
    const { kind, default: byDefault } = SETTINGS[name];
    if (kind.placeholder !== "" && byDefault !== "") assert(line.endsWith(` (${byDefault})`), line);
  }
  for (const line of help.split("\n")) assert(line.length <= 120, `${line.length} columns: ${line}`);
});
