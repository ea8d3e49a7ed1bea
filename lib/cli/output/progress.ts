/**
 * How far a long transfer is: a bar on a terminal, a line now and then elsewhere.
 *
 * @module
 */
import type { Terminal } from "../terminal.ts";

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 2000;
const BAR_WIDTH = 24;

export class Progress {
  readonly #terminal: Terminal;
  readonly #total: number | undefined;
  #shownAt: number;
  #drawn = false;

  /** @param total Of the unit that `update` counts in; undefined when it is not known. */
  constructor(terminal: Terminal, total: number | undefined) {
    this.#terminal = terminal;
    this.#total = total;
    this.#shownAt = performance.now();
  }

  /** @param note What to say besides, such as `1200 rows`. */
  update(done: number, note: string): void {
    const { stderrIsTerminal } = this.#terminal;
    const now = performance.now();
    if (now - this.#shownAt < (stderrIsTerminal ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownAt = now;
    const share = this.#total ? Math.min(1, done / this.#total) : undefined;
    const percent = share === undefined ? "" : `${Math.floor(share * 100)} % `;
    if (!stderrIsTerminal) {
      this.#terminal.err(`${percent}${note}\n`);
      return;
    }
    const full = Math.round((share ?? 0) * BAR_WIDTH);
    const bar = share === undefined ? "" : `[${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}] `;
    this.#terminal.err(`\r\x1b[K${bar}${percent}${note}`);
    this.#drawn = true;
  }

  /** Removes the bar. */
  clear(): void {
    if (this.#drawn) this.#terminal.err("\r\x1b[K");
    this.#drawn = false;
  }
}
