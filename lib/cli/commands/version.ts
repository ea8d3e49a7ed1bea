import { versionText } from "../../config/mod.ts";
import type { Command } from "../command.ts";
import { Exit } from "../failure.ts";

export const version: Command = {
  path: "version",
  usage: "",
  summary: "Print the version of this client.",
  flags: [],
  examples: ["version"],
  async run({ terminal }) {
    await terminal.out(`${versionText("steward")}\n`);
    return Exit.OK;
  },
};
