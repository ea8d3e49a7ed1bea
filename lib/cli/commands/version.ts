import config from "../../../deno.json" with { type: "json" };
import type { Command } from "../command.ts";
import { Exit } from "../failure.ts";

export const version: Command = {
  path: "version",
  usage: "",
  summary: "Print the version of this client.",
  flags: [],
  examples: ["version"],
  async run({ terminal }) {
    await terminal.out(`steward ${config.version}\n`);
    return Exit.OK;
  },
};
