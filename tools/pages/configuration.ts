import { flagOf, type SettingName, SETTINGS, variableOf } from "../../lib/config/mod.ts";

/** docs/configuration.md. */
export function configurationPage(): string {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const { kind, default: byDefault, doc } = SETTINGS[name];
    const flag = `--${flagOf(name)} ${kind.placeholder}`.trimEnd().replaceAll("|", "\\|");
    return `| \`${flag}\` | \`${variableOf(name)}\` | \`${byDefault}\` | ${doc} |`;
  });
  return [
    "# Configuration",
    "",
    "<!-- Written by `deno task gen` from lib/config/settings.ts. Do not edit. -->",
    "",
    "The server takes every setting from a flag or an environment variable; the flag wins. A wrong value stops the start",
    "with a sentence that names it; an empty variable counts as none. There is no configuration file.",
    "",
    "| Flag | Variable | Default | What it is |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "`SIZE` is a number of bytes or takes `B`, `KiB`, `MiB`, `GiB`. `TIME` is a number with `ms`, `s`, `m`, `h` or `d`.",
    "",
    "`steward-server check` takes the same settings, and says which are not at their defaults and where they came from.",
    "`backup` and `restore` take `--data` alone.",
    "",
    "Exit codes: 0 after a signal to stop, 1 when the server cannot start or was told twice to stop, 2 for a wrong setting.",
    "",
  ].join("\n");
}
