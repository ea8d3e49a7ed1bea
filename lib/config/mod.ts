export { ConfigError, helpText, readConfig } from "./config.ts";
export { VERSION } from "./version.ts";
export { type Config, flagOf, type SettingName, SETTINGS, variableOf } from "./settings.ts";
