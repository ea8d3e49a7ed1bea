/**
 * The commands that do not come from the contract, by their first word. Each is loaded when it is asked for.
 *
 * @module
 */
import type { Command } from "../command.ts";

interface Entry {
  readonly summary: string;
  load(): Promise<Command>;
}

export const BUILT_IN: Readonly<Record<string, Entry>> = {
  demo: {
    summary: "Walk through everything the services do, against a running server.",
    load: async () => (await import("./demo.ts")).demo,
  },
  call: {
    summary: "Call a method of any gRPC server, by reflection.",
    load: async () => (await import("./call.ts")).call,
  },
  list: {
    summary: "List the services of any gRPC server, or the methods of one.",
    load: async () => (await import("./list.ts")).list,
  },
  describe: {
    summary: "Show the definition of a service, method, message or enum.",
    load: async () => (await import("./describe.ts")).describe,
  },
  config: {
    summary: "Show and change profiles.",
    load: async () => (await import("./config.ts")).config,
  },
  completions: {
    summary: "Print the completion script for bash, zsh or fish.",
    load: async () => (await import("./completions.ts")).completions,
  },
  version: {
    summary: "Print the version.",
    load: async () => (await import("./version.ts")).version,
  },
};

/** Commands that stand in for a derived one under its short name; the full name still is the plain method. */
export const IN_GROUPS: Readonly<Record<string, Entry>> = {
  "inventory import": {
    summary: "Import items from a CSV or JSON lines file.",
    load: async () => (await import("./import.ts")).importItems,
  },
};
