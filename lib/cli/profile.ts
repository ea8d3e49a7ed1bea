/**
 * Profiles: named settings in a file.
 *
 * @module
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nearest } from "../text/nearest.ts";
import { LocalError, reasonOf, UsageError } from "./failure.ts";

export interface Profile {
  readonly server?: string | readonly string[];
  readonly deadline?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly token_file?: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly gzip?: boolean;
  readonly output?: string;
}

export interface Config {
  /** Which profile to use when none is named. */
  readonly default_profile?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

type Kind = "text" | "switch" | "texts" | "headers";

/** Every setting of a profile. */
export const PROFILE_SETTINGS: { readonly [Name in keyof Required<Profile>]: Kind } = {
  server: "texts",
  deadline: "text",
  headers: "headers",
  token: "text",
  token_file: "text",
  tls: "switch",
  ca: "text",
  cert: "text",
  key: "text",
  gzip: "switch",
  output: "text",
};

type Environment = (name: string) => string | undefined;

/** Where the file is: `steward/config.json` in the folder for configurations, or `STEWARD_CONFIG`. */
export function configPath(env: Environment): string | undefined {
  const set = env("STEWARD_CONFIG");
  if (set) return set;
  const home = env("HOME") ?? env("USERPROFILE");
  const folder = env("XDG_CONFIG_HOME") || env("APPDATA") || (home && join(home, ".config"));
  return folder ? join(folder, "steward", "config.json") : undefined;
}

/** Reads the file; without one there are no profiles. @throws LocalError saying what is wrong in it. */
export function readConfig(env: Environment): Config {
  const path = configPath(env);
  if (path === undefined) return { profiles: {} };
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return { profiles: {} };
    throw new LocalError(`cannot read ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LocalError(`${path} is not valid JSON: ${reasonOf(error)}`);
  }
  return checkConfig(json, path);
}

function checkConfig(json: unknown, path: string): Config {
  const wrong = (what: string) => new LocalError(`${path}: ${what}`);
  if (!isObject(json)) throw wrong("must hold an object");
  const { default_profile, profiles = {}, ...rest } = json;
  const [surplus] = Object.keys(rest);
  if (surplus !== undefined) throw wrong(`unknown setting '${surplus}'`);
  if (default_profile !== undefined && typeof default_profile !== "string") {
    throw wrong("default_profile must be a name");
  }
  if (!isObject(profiles)) throw wrong("profiles must be an object");
  for (const [name, profile] of Object.entries(profiles)) {
    if (!isObject(profile)) throw wrong(`profile '${name}' must be an object`);
    for (const [setting, value] of Object.entries(profile)) {
      const kind = PROFILE_SETTINGS[setting as keyof Profile];
      if (kind === undefined) throw wrong(`profile '${name}' has an unknown setting '${setting}'`);
      if (!fits(kind, value)) throw wrong(`profile '${name}': ${setting} must be ${EXPECTED[kind]}`);
    }
  }
  return { profiles: profiles as Config["profiles"], ...(default_profile !== undefined && { default_profile }) };
}

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: "a text",
  switch: "true or false",
  texts: "a text or a list of texts",
  headers: "an object of texts",
};

function fits(kind: Kind, value: unknown): boolean {
  const isText = (one: unknown) => typeof one === "string";
  switch (kind) {
    case "text":
      return isText(value);
    case "switch":
      return typeof value === "boolean";
    case "texts":
      return isText(value) || (Array.isArray(value) && value.every(isText));
    case "headers":
      return isObject(value) && Object.values(value).every(isText);
  }
}

/**
 * Writes one setting of a profile; `default` makes it the one to use when none is named. An empty value removes the setting.
 *
 * @returns The file's path.
 */
export function setInProfile(env: Environment, name: string, setting: string, value: string): string {
  const path = configPath(env);
  if (path === undefined) throw new LocalError("there is no folder for it: set HOME or STEWARD_CONFIG");
  const config = readConfig(env);
  const profile: Record<string, unknown> = { ...config.profiles[name] };
  let { default_profile } = config;
  const key = setting.replaceAll("-", "_");
  if (key === "default") default_profile = value === "false" ? undefined : name;
  else if (value === "") delete profile[key];
  else profile[key] = parseSetting(key, value);
  const next = {
    ...(default_profile !== undefined && { default_profile }),
    profiles: { ...config.profiles, [name]: profile },
  };
  write(path, JSON.stringify(next, null, 2) + "\n");
  return path;
}

function parseSetting(setting: string, value: string): unknown {
  const kind = PROFILE_SETTINGS[setting as keyof Profile];
  if (kind === undefined) {
    const known = Object.keys(PROFILE_SETTINGS);
    const meant = nearest(setting, known);
    throw new UsageError(
      `a profile has no setting '${setting}'`,
      meant ? `did you mean ${meant}?` : `it has ${known.join(", ")} and default`,
    );
  }
  if (kind === "switch") {
    if (value !== "true" && value !== "false") throw new UsageError(`${setting} is true or false, not '${value}'`);
    return value === "true";
  }
  if (kind === "texts") return value.includes(",") ? value.split(",").map((one) => one.trim()) : value;
  if (kind === "headers") {
    return Object.fromEntries(
      value.split(",").map((pair) => {
        const [, key, text] = /^([^:\s]+)\s*:\s*(.*)$/.exec(pair.trim()) ?? [];
        if (key === undefined || text === undefined) throw new UsageError(`headers are KEY:VALUE,..., not '${value}'`);
        return [key, text];
      }),
    );
  }
  return value;
}

/** The file may hold a token, so only its owner may read it. */
function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const beside = `${path}.${Deno.pid}.new`;
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, path);
  } catch (error) {
    throw new LocalError(`cannot write ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
