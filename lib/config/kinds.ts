/**
 * The kinds of values that settings have: how each is written, read and checked.
 *
 * @module
 */

/** A kind of value. `parse` throws an Error whose message goes behind the setting's name and the value. */
export interface Kind<T> {
  /** Stands for the value in the help; empty for a switch. */
  readonly placeholder: string;
  parse(text: string): T;
}

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** HOST:PORT, with brackets around an IPv6 address. */
export const addressOf: Kind<Address> = {
  placeholder: "HOST:PORT",
  parse(text) {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (!match || port > 65_535) throw new Error("is not HOST:PORT with a port from 0 to 65535");
    return { hostname: (match[1] ?? match[2])!, port };
  },
};

export const pathOf: Kind<string> = {
  placeholder: "DIR",
  parse(text) {
    if (text === "" || text.includes("\0")) throw new Error("is not a path");
    return text;
  },
};

/** A file that may be left out: empty then. */
export const fileOf: Kind<string> = {
  placeholder: "FILE",
  parse(text) {
    if (text.includes("\0")) throw new Error("is not a path");
    return text;
  },
};

/** Origins of web pages, separated by commas; empty means none. */
export const originsOf: Kind<readonly string[]> = {
  placeholder: "ORIGINS",
  parse(text) {
    const origins = text.split(",").map((origin) => origin.trim()).filter((origin) => origin !== "");
    for (const origin of origins) {
      if (origin !== "*" && !/^[a-z][a-z0-9+.-]*:\/\/[^/\s?#]+$/i.test(origin)) {
        throw new Error("is not a list of origins such as https://example.org, or *");
      }
    }
    return origins;
  },
};

export const switchOf: Kind<boolean> = {
  placeholder: "",
  parse(text) {
    if (text !== "true" && text !== "false" && text !== "") throw new Error("is neither true nor false");
    return text !== "false";
  },
};

export function choiceOf<C extends string>(...choices: C[]): Kind<C> {
  return {
    placeholder: choices.join("|"),
    parse(text) {
      const choice = choices.find((candidate) => candidate === text);
      if (choice === undefined) throw new Error(`is none of ${choices.join(", ")}`);
      return choice;
    },
  };
}

export function countOf(least: number, most: number): Kind<number> {
  return {
    placeholder: "N",
    parse(text) {
      const count = /^\d+$/.test(text) ? Number(text) : NaN;
      if (!(count >= least && count <= most)) throw new Error(`is not a whole number from ${least} to ${most}`);
      return count;
    },
  };
}

const BYTES: Readonly<Record<string, number>> = { "": 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A size in bytes, such as 4194304, 512KiB or 4MiB. */
export function bytesOf(least: number, most: number): Kind<number> {
  return {
    placeholder: "SIZE",
    parse: (text) => scaled(text, BYTES, least, most, "a size such as 4MiB", (bytes) => `${bytes} bytes`),
  };
}

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in milliseconds, such as 500ms, 10s, 5m, 12h or 7d. */
export function durationOf(least: number, most: number): Kind<number> {
  return {
    placeholder: "TIME",
    parse: (text) => scaled(text, DURATIONS, least, most, "a time such as 10s", (ms) => `${ms} ms`),
  };
}

function scaled(
  text: string,
  units: Readonly<Record<string, number>>,
  least: number,
  most: number,
  what: string,
  shown: (value: number) => string,
): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  const unit = match && Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  if (unit === undefined) throw new Error(`is not ${what}`);
  const value = Number(match![1]) * unit;
  if (value < least || value > most) throw new Error(`is not between ${shown(least)} and ${shown(most)}`);
  return Math.floor(value);
}
