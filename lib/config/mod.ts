export { COMMAND_NAMES, type CommandName, COMMANDS } from "./commands.ts";
export { type Build, commandOf, currentBuild, versionText } from "./build.ts";
export { ConfigError, type Given, readConfig, type Request } from "./config.ts";
export { helpText } from "./help.ts";
export { VERSION } from "./version.ts";
export { type Config, environmentOf, flagOf, type SettingName, SETTINGS, variableOf } from "./settings.ts";
