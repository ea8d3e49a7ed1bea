export { type Build, commandOf, currentBuild, versionText } from "./build.ts";
export { ConfigError, helpText, readConfig } from "./config.ts";
export { VERSION } from "./version.ts";
export { type Config, environmentOf, flagOf, type SettingName, SETTINGS, variableOf } from "./settings.ts";
