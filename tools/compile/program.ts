/**
 * The two programs: what each is made from and what it may do. docs/executables.md says why each permission.
 *
 * @module
 */

export interface Program {
  readonly name: "steward-server" | "steward";
  /** Within the repository. */
  readonly entry: string;
  /** What the runtime is told beside the program; the same for both kinds of executable. */
  readonly flags: readonly string[];
}

const SERVER_VARIABLES = ["STEWARD_*", "NO_COLOR", "GRPC_*"];
const CLIENT_VARIABLES = [
  ...SERVER_VARIABLES,
  "HOME",
  "USERPROFILE",
  "XDG_CONFIG_HOME",
  "APPDATA",
  "COLUMNS",
  "TERM",
  "grpc_proxy",
  "https_proxy",
  "http_proxy",
  "no_grpc_proxy",
  "no_proxy",
];

export const PROGRAMS: readonly Program[] = [
  {
    name: "steward-server",
    entry: "main.ts",
    flags: [
      "--unstable-no-legacy-abort",
      "--allow-net",
      "--allow-read",
      "--allow-write",
      `--allow-env=${SERVER_VARIABLES}`,
    ],
  },
  {
    name: "steward",
    entry: "client.ts",
    flags: ["--allow-net", "--allow-read", "--allow-write", `--allow-env=${CLIENT_VARIABLES}`],
  },
];
