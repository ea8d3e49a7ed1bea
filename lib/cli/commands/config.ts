/**
 * `steward config`
 *
 * @module
 */
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import { Exit, LocalError, UsageError } from "../failure.ts";
import { configPath, PROFILE_SETTINGS, readConfig, setInProfile } from "../profile.ts";

const VERBS = ["path", "show", "set"];

export const config: Command = {
  path: "config",
  usage: "path | show | set PROFILE SETTING VALUE",
  summary: "Show and change profiles: named settings, chosen with --profile or STEWARD_PROFILE.",
  description: `A profile holds ${Object.keys(PROFILE_SETTINGS).join(", ")}. A flag or an environment variable ` +
    "overrides it. `set PROFILE default true` makes it the one that is used when none is named; an empty value removes a setting.",
  flags: [],
  examples: [
    "config set lab server lab.example:50051",
    "config set lab token-file ~/.steward-token",
    "config set lab default true",
    "inventory list --profile lab",
  ],
  arguments: ({ env }, before) =>
    before.length === 0
      ? VERBS
      : before[0] !== "set"
      ? []
      : before.length === 1
      ? Object.keys(readConfig(env).profiles)
      : before.length === 2
      ? [...Object.keys(PROFILE_SETTINGS), "default"]
      : [],
  async run(context) {
    const [verb, ...rest] = context.parsed.positionals;
    switch (verb) {
      case "path":
      case "show":
        if (rest.length > 0) throw new UsageError(`unexpected argument '${rest[0]}'`);
        return verb === "path" ? await showPath(context) : await show(context);
      case "set":
        return set(context, rest);
      default:
        throw new UsageError(
          verb === undefined
            ? "config needs path, show or set"
            : `config has no command '${verb}', only path, show and set`,
        );
    }
  },
};

async function showPath({ terminal, env }: Context): Promise<number> {
  const path = configPath(env);
  if (path === undefined) throw new LocalError("there is no folder for it: set HOME or STEWARD_CONFIG");
  await terminal.out(`${path}\n`);
  return Exit.OK;
}

/** Tokens are shown only in that they are there. */
async function show({ terminal, env }: Context): Promise<number> {
  const text = JSON.stringify(readConfig(env), (key, value) => key === "token" ? "(hidden)" : value, 2);
  await terminal.out(text + "\n");
  return Exit.OK;
}

function set({ terminal, env }: Context, args: readonly string[]): number {
  const [profile, setting, value, surplus] = args;
  if (profile === undefined || setting === undefined || value === undefined || surplus !== undefined) {
    throw new UsageError("config set takes PROFILE SETTING VALUE");
  }
  const path = setInProfile(env, profile, setting, value);
  terminal.err(`wrote ${path}\n`);
  return Exit.OK;
}
