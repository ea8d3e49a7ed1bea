/**
 * The server's log: one line an event, for people or as JSON.
 *
 * @module
 */

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = "pretty" | "json";

/** What an event is made of, besides its sentence. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  enabled(level: LogLevel): boolean;
  log(level: LogLevel, message: string, fields?: LogFields): void;
  /** Writes what is held back. */
  flush(): void;
}

export interface LoggerOptions {
  readonly format: LogFormat;
  readonly level: LogLevel;
  readonly color: boolean;
  readonly write: (text: string) => void;
  readonly now: () => number;
}

const COLORS: Record<LogLevel, number> = { debug: 90, info: 36, warn: 33, error: 31 };
const HELD_CHARACTERS = 16 * 1024;
const HELD_MS = 50;

/** Lines are held back for a moment and written together, so that a busy server does not pay a system call a line. */
export function createLogger({ format, level, color, write, now }: LoggerOptions): Logger {
  const least = LOG_LEVELS.indexOf(level);
  const render = format === "json" ? jsonLine : (...event: Event) => prettyLine(color, ...event);
  let held = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (held === "") return;
    const text = held;
    held = "";
    write(text);
  };
  return {
    enabled: (candidate) => LOG_LEVELS.indexOf(candidate) >= least,
    log(candidate, message, fields = {}) {
      if (!this.enabled(candidate)) return;
      held += render(now(), candidate, message, fields) + "\n";
      if (held.length >= HELD_CHARACTERS || candidate === "error") flush();
      else timer ??= setTimeout(flush, HELD_MS);
    },
    flush,
  };
}

type Event = [time: number, level: LogLevel, message: string, fields: LogFields];

function jsonLine(...[time, level, message, fields]: Event): string {
  return JSON.stringify({ time: new Date(time).toISOString(), level, message, ...fields });
}

function prettyLine(color: boolean, ...[time, level, message, fields]: Event): string {
  const paint = (code: number, text: string) => color ? `\x1b[${code}m${text}\x1b[0m` : text;
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${paint(90, `${key}=`)}${typeof value === "string" ? quoted(value) : value}`);
  const clock = new Date(time).toISOString().slice(11, 23);
  return [paint(90, clock), paint(COLORS[level], level.toUpperCase().padEnd(5)), oneLine(message), ...rest].join(" ");
}

function quoted(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : oneLine(JSON.stringify(text));
}

/** Log lines stay lines, and terminals obey nobody, whatever a caller put into a name. */
function oneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
