/**
 * What the server's executable can do, each by its word on the command line.
 *
 * @module
 */
import { type SettingName, SETTINGS } from "./settings.ts";

export type CommandName = "serve" | "check" | "backup" | "restore";

interface CommandLine {
  /** One line for the help. */
  readonly summary: string;
  /** What else there is to know, in lines that fit. */
  readonly more: readonly string[];
  /** Takes the name of a file. */
  readonly takesFile: boolean;
  readonly settings: readonly SettingName[];
  /** Flags that are no settings, each with its line for the help. */
  readonly switches: Readonly<Record<string, string>>;
  /** Lines to copy, without the program in front. */
  readonly examples: readonly string[];
}

const ALL = Object.keys(SETTINGS) as SettingName[];

/** Every command with what its help says. */
export const COMMANDS: Readonly<Record<CommandName, CommandLine>> = {
  serve: {
    summary: "serve until a signal says stop; so it does without a command",
    more: [],
    takesFile: false,
    settings: ALL,
    switches: {},
    examples: ["", "--listen 127.0.0.1:0 --data /var/lib/steward --log json"],
  },
  check: {
    summary: "test settings and database without serving; changes nothing",
    more: [
      "Says which settings differ from their defaults and where they came from, whether a server has the folder, and",
      "what the database holds. Reads all of it: that pages, ledger and log hold together. It may run beside a server.",
      "",
      "Exit codes: 0 all is well, 1 the database or its folder is not, 2 a setting is wrong.",
    ],
    takesFile: false,
    settings: ALL,
    switches: {},
    examples: ["check --data /var/lib/steward", "check --tls-cert cert.pem --tls-key key.pem"],
  },
  backup: {
    summary: "copy the database into a file, also while the server runs",
    more: [
      "The copy is of one moment, one file for its owner alone. It is written as FILE.partial, verified, forced to the",
      "disk and renamed, so that FILE is whole or not there. A copy that was cut off is written over by the next.",
    ],
    takesFile: true,
    settings: ["data"],
    switches: { force: "replace FILE if it is there" },
    examples: ["backup /backup/steward.db --data /var/lib/steward", "backup --force latest.db"],
  },
  restore: {
    summary: "put a backup into a data folder that is empty or not there yet",
    more: [
      "The backup is verified before anything is made, and what was written afterwards. A folder that a server has is",
      "refused. Run it as the user that the server runs as: the files belong to who made them.",
    ],
    takesFile: true,
    settings: ["data"],
    switches: {},
    examples: ["restore /backup/steward.db --data /var/lib/steward-restored"],
  },
};

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];
