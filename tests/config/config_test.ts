import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  COMMAND_NAMES,
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
  assertEquals(refusal(["serve", "x"]), "unknown argument x");
  assertEquals(refusal(["--log", "json", "serve"]), "unknown argument serve");
  assertEquals(refusal(["--", "x"]), "unknown argument x");
  assertEquals(refusal(["-x"]), "unknown argument -x");
});

Deno.test("an empty variable counts as none", () => {
  assertEquals(configOf([], Object.fromEntries(NAMES.map((name) => [variableOf(name), ""]))), configOf());
});

Deno.test("what the environment has beside is left alone", () => {
  assertEquals(configOf([], { STEWARD_SERVER: "x", PATH: "y" }), configOf());
});

Deno.test("help and version are commands, whatever else is asked", () => {
  for (const args of [["--help"], ["-h"], ["help"], ["--grace", "rubbish", "--help"]]) {
    assertEquals(readConfig(args, {}), { command: "help", topic: null });
  }
  for (const command of COMMAND_NAMES) {
    for (const args of [[command, "--help"], [command, "-h"], ["help", command]]) {
      assertEquals(readConfig(args, {}), { command: "help", topic: command });
    }
  }
  for (const args of [["--version"], ["-V"], ["backup", "--version"]]) {
    assertEquals(readConfig(args, {}).command, "version");
  }
});

Deno.test("serving is what happens without a command and by its name", () => {
  assertEquals(readConfig(["serve", "--log", "json"], {}), readConfig(["--log", "json"], {}));
});

Deno.test("a check knows the settings that are not at their defaults, and where they came from", () => {
  const request = readConfig(["check", "--grace", "2s", "--listen", "127.0.0.1:50051"], {
    STEWARD_LOG: "json",
    STEWARD_GRACE: "9s",
    STEWARD_MAX_MESSAGE_BYTES: "4096KiB",
  });
  assert(request.command === "check");
  assertEquals(request.given.map(({ name, source, text }) => [name, source, text]), [
    ["log", "STEWARD_LOG", "json"],
    ["grace", "--grace", "2s"],
  ]);
  assertEquals(request.config, configOf(["--grace", "2s"], { STEWARD_LOG: "json" }));
});

Deno.test("a backup and a restore take one file, wherever it stands, and the data folder", () => {
  const env = { STEWARD_DATA: "/srv", STEWARD_LISTEN: "rubbish" };
  assertEquals(readConfig(["backup", "a.db"], env), { command: "backup", data: "/srv", file: "a.db", force: false });
  for (
    const args of [["--force", "--data", "d", "7"], ["7", "--force", "--data=d"], ["--data=d", "--force", "--", "7"]]
  ) {
    assertEquals(readConfig(["backup", ...args], env), { command: "backup", data: "d", file: "7", force: true });
  }
  assertEquals(readConfig(["restore", "a.db", "--data", "new"], {}), { command: "restore", data: "new", file: "a.db" });
  assertEquals(readConfig(["restore", "--", "-a.db"], env), { command: "restore", data: "/srv", file: "-a.db" });
});

Deno.test("what a command does not take is refused, and so is a command that there is not", () => {
  const cases: [args: string[], message: string][] = [
    [["backup"], "backup needs the name of a FILE"],
    [["backup", ""], "backup needs the name of a FILE"],
    [["restore", "a", "b"], "unknown argument b; restore takes one FILE"],
    [["backup", "a", "--listen", "x"], "unknown argument --listen"],
    [["backup", "a", "--forse"], "unknown argument --forse; did you mean --force?"],
    [["restore", "a", "--force"], "unknown argument --force"],
    [["check", "a"], "unknown argument a"],
    [["chek"], "unknown command chek; did you mean check?"],
    [["nonsense"], "unknown command nonsense; there are serve, check, backup, restore"],
    [["help", "chek"], "unknown command chek; did you mean check?"],
  ];
  for (const [args, message] of cases) assertEquals(refusal(args), message);
});

Deno.test("the help of serving names every flag with its default and fits a terminal of 120 columns", () => {
  const help = helpText("steward-server", "serve");
  for (const name of NAMES) {
    const line = help.split("\n").find((line) => new RegExp(`^ {2}--${flagOf(name)}( |$)`).test(line));
    assert(line !== undefined, `--${flagOf(name)} is not in the help`);
    const { kind, default: byDefault } = SETTINGS[name];
    if (kind.placeholder !== "" && byDefault !== "") assert(line.endsWith(` (${byDefault})`), line);
  }
  for (const line of help.split("\n")) assert(line.length <= 120, `${line.length} columns: ${line}`);
});

Deno.test("the overview fits a terminal of 80 columns and 24 lines and names every command", () => {
  const lines = helpText("steward-server").split("\n");
  assert(lines.length <= 23, `${lines.length} lines and the next prompt`);
  for (const line of lines) assert(line.length <= 80, `${line.length} columns: ${line}`);
  for (const command of COMMAND_NAMES) assert(lines.some((line) => line.startsWith(`  ${command} `)), command);
});

Deno.test("every example of the help is a command line that is understood", () => {
  for (const topic of [null, ...COMMAND_NAMES]) {
    const examples = helpText("steward-server", topic).split("Examples:\n")[1]!.split("\n");
    assert(examples.length > 0);
    for (const line of examples) {
      const [program, ...args] = line.trim().split(" ");
      assertEquals(program, "steward-server");
      assertEquals(readConfig(args, {}).command, args[0]?.startsWith("-") === false ? args[0] : "serve");
    }
  }
});
