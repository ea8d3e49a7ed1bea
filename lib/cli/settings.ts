/**
 * The flags that every command takes, with what stands behind them: flag, else environment, else profile, else default.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { LocalError, reasonOf, UsageError } from "./failure.ts";
import type { Flag, Parsed } from "./flags/parse.ts";
import { durationMs } from "./flags/time.ts";
import { type Profile, readConfig } from "./profile.ts";

export const FORMATS = ["table", "json", "jsonl", "yaml"] as const;
export type Format = (typeof FORMATS)[number];

export const DEFAULT_SERVER = "127.0.0.1:50051";
const DEFAULT_PORT = 50051;

/** Every global flag. Its environment variable is `STEWARD_` and its name. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  {
    name: "server",
    placeholder: "HOST:PORT",
    repeatable: true,
    help: `Where the server listens (default ${DEFAULT_SERVER}); several take turns. https:// means --tls.`,
  },
  { name: "deadline", placeholder: "TIME", help: "Give up after this long, such as 5s or 500ms." },
  { name: "header", short: "H", placeholder: "KEY:VALUE", repeatable: true, help: "Send metadata." },
  { name: "token", placeholder: "TOKEN", help: "Send `authorization: Bearer TOKEN`. Better from STEWARD_TOKEN." },
  { name: "token-file", placeholder: "FILE", takesFile: true, help: "Read the token from a file." },
  { name: "tls", switch: true, help: "Use TLS." },
  { name: "ca", placeholder: "FILE", takesFile: true, help: "Trust the certificates in this PEM file. Implies --tls." },
  { name: "cert", placeholder: "FILE", takesFile: true, help: "The client's certificate chain, PEM. Implies --tls." },
  { name: "key", placeholder: "FILE", takesFile: true, help: "The client's private key, PEM." },
  { name: "gzip", switch: true, help: "Compress requests." },
  { name: "profile", placeholder: "NAME", help: "Use the settings of this profile; see `steward config`." },
  {
    name: "output",
    short: "o",
    placeholder: FORMATS.join("|"),
    values: FORMATS,
    help: "How to show results. Default: table on a terminal, else json, and jsonl for streams.",
  },
  { name: "envelope", switch: true, help: "With json: headers, messages, trailers and status in one object." },
  { name: "color", switch: true, help: "Colours; --no-color turns them off." },
  { name: "verbose", short: "v", switch: true, help: "Show headers, trailers and timing on stderr." },
  { name: "help", short: "h", switch: true, help: "Show help." },
];

/** What the global flags say. */
export interface Settings {
  readonly servers: readonly string[];
  /** Of each call; undefined means without limit. */
  readonly timeoutMs: number | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly tls: boolean;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly gzip: boolean;
  /** Undefined means what suits the place the output goes to. */
  readonly format: Format | undefined;
  readonly envelope: boolean;
  readonly verbose: boolean;
}

export type Environment = (name: string) => string | undefined;

/** Whether colours are wanted on a stream. */
export function wantsColor(parsed: Parsed | undefined, env: Environment, isTerminal: boolean): boolean {
  const flag = last(parsed, "color");
  if (flag !== undefined) return flag === "true";
  return isTerminal && !env("NO_COLOR") && env("TERM") !== "dumb";
}

/** Works out the settings of a command line. @throws UsageError naming the flag or variable that is wrong. */
export function resolveSettings(parsed: Parsed, env: Environment): Settings {
  const profile = profileOf(parsed, env);
  const text = (name: string, inProfile: string | undefined): string | undefined =>
    last(parsed, name) ?? nonEmpty(env(variable(name))) ?? inProfile;
  const on = (name: string, inProfile: boolean | undefined): boolean => {
    const said = last(parsed, name) ?? nonEmpty(env(variable(name)));
    return said === undefined ? inProfile ?? false : /^(true|yes|1)$/i.test(said);
  };
  const given = parsed.values.get("server") ?? list(env("STEWARD_SERVER")) ?? list(profile.server) ?? [DEFAULT_SERVER];
  const addresses = given.flatMap((one) => one.split(",")).map((one) => one.trim()).filter((one) => one !== "")
    .map(parseServer);
  if (addresses.length === 0) throw new UsageError("--server is empty");
  const ca = text("ca", profile.ca);
  const cert = text("cert", profile.cert);
  const key = text("key", profile.key);
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key go together");
  const implied = ca !== undefined || cert !== undefined || addresses.some(({ tls }) => tls === true);
  const tls = on("tls", profile.tls ?? implied) || (last(parsed, "tls") === undefined && implied);
  if (tls && addresses.some((address) => address.tls === false)) {
    throw new UsageError("--tls and an http:// address contradict each other");
  }
  const format = formatOf(text("output", profile.output));
  const envelope = on("envelope", undefined);
  if (envelope && format !== undefined && format !== "json") {
    throw new UsageError(`--envelope goes with -o json, not with ${format}`);
  }
  return {
    servers: addresses.map(({ address }) => address),
    timeoutMs: deadlineOf(text("deadline", profile.deadline)),
    headers: headersOf(parsed, env, profile),
    tls,
    ca,
    cert,
    key,
    gzip: on("gzip", profile.gzip),
    format: envelope ? "json" : format,
    envelope,
    verbose: on("verbose", undefined),
  };
}

function profileOf(parsed: Parsed, env: Environment): Profile {
  const name = last(parsed, "profile") ?? nonEmpty(env("STEWARD_PROFILE"));
  const config = readConfig(env);
  const chosen = name ?? config.default_profile;
  if (chosen === undefined) return {};
  const profile = config.profiles[chosen];
  if (profile !== undefined) return profile;
  const known = Object.keys(config.profiles);
  throw new UsageError(
    `there is no profile '${chosen}'`,
    known.length > 0 ? `there are: ${known.join(", ")}` : "make one with `steward config set NAME server HOST:PORT`",
  );
}

function parseServer(text: string): { address: string; tls?: boolean } {
  if (/^(unix|dns|ipv4|ipv6):/.test(text)) return { address: text };
  const [, scheme, rest] = /^(?:(https?):\/\/)?(.*?)\/?$/.exec(text)!;
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+)(?::(\d{1,5}))?$/.exec(rest!) ?? [];
  if (host === undefined || Number(port ?? 1) > 65535 || port === "0") {
    throw new UsageError(`--server is HOST:PORT, not '${text}'`);
  }
  const standard = scheme === "https" ? 443 : scheme === "http" ? 80 : DEFAULT_PORT;
  return { address: `${host}:${port ?? standard}`, ...(scheme !== undefined && { tls: scheme === "https" }) };
}

function deadlineOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === undefined || ms <= 0) throw new UsageError(`--deadline is a duration such as 5s or 500ms, not '${text}'`);
  return ms;
}

function headersOf(parsed: Parsed, env: Environment, profile: Profile): [string, string][] {
  const fromProfile = Object.entries(profile.headers ?? {});
  const given = (parsed.values.get("header") ?? list(env("STEWARD_HEADER")) ?? []).map(parseHeader);
  const overridden = new Set(given.map(([name]) => name.toLowerCase()));
  const headers = [...fromProfile.filter(([name]) => !overridden.has(name.toLowerCase())), ...given];
  const token = tokenOf(parsed, env, profile);
  if (token !== undefined && !overridden.has("authorization")) headers.push(["authorization", `Bearer ${token}`]);
  return headers;
}

function parseHeader(text: string): [string, string] {
  const [, name, value] = /^([a-zA-Z0-9_.-]+)\s*:\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`--header is KEY:VALUE, not '${text}'`);
  if (!name.endsWith("-bin") && /[^\x20-\x7e]/.test(value)) {
    throw new UsageError(
      `--header ${name}: only ASCII; other text goes into a header whose name ends in -bin, in base64`,
    );
  }
  return [name, value];
}

/** The nearest source wins: a flag of either kind, then the environment, then the profile. */
function tokenOf(parsed: Parsed, env: Environment, profile: Profile): string | undefined {
  const sources: [string | undefined, string | undefined][] = [
    [last(parsed, "token"), last(parsed, "token-file")],
    [nonEmpty(env("STEWARD_TOKEN")), nonEmpty(env("STEWARD_TOKEN_FILE"))],
    [profile.token, profile.token_file],
  ];
  for (const [token, file] of sources) {
    if (token !== undefined && file !== undefined) throw new UsageError("--token and --token-file exclude each other");
    if (token !== undefined) return token;
    if (file !== undefined) return readToken(file);
  }
  return undefined;
}

function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new LocalError(`cannot read the token from ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
}

function formatOf(text: string | undefined): Format | undefined {
  if (text === undefined) return undefined;
  const format = FORMATS.find((one) => one === text);
  if (format === undefined) throw new UsageError(`-o is one of ${FORMATS.join(", ")}, not '${text}'`);
  return format;
}

function variable(name: string): string {
  return `STEWARD_${name.replaceAll("-", "_").toUpperCase()}`;
}

function last(parsed: Parsed | undefined, name: string): string | undefined {
  return parsed?.values.get(name)?.at(-1);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function list(value: string | readonly string[] | undefined): readonly string[] | undefined {
  if (value === undefined || value === "") return undefined;
  return typeof value === "string" ? [value] : value;
}
