/**
 * What is measured against what: a lane is a server, a load is a way to make it work.
 *
 * @module
 */
import type { Schema } from "../lib/schema/mod.ts";

/** A kind of server, ours or a peer that serves the same contract. */
export interface Lane {
  readonly name: string;
  /** How a person would start it. */
  readonly command: string;
  /** Set for a server that is not ours: it serves the frozen part of the contract only. */
  readonly peer?: Peer;
  /**
   * Starts it on a data folder and resolves once it serves.
   *
   * @throws When it ends before, with what it said.
   */
  start(data: string): Promise<RunningLane>;
}

export interface Peer {
  /** Makes the server from its sources, in the cache. @throws When a tool is missing or fails, with a sentence. */
  build(): Promise<void>;
  /** Puts {@linkcode SEEDED_ITEMS} items into a data folder. */
  seed(data: string): Promise<void>;
}

export interface RunningLane {
  /** HOST:PORT. */
  readonly address: string;
  readonly pid: number;
  /** When the process was started and when it said where it listens, in milliseconds of `performance.now()`. */
  readonly startedAt: number;
  readonly listeningAt: number;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
}

export type Unit = "/s" | "ms" | "µs" | "kB" | "MB" | "MB/s" | "%" | "s";

/** One figure of one run. */
export interface Measurement {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
}

/** The figures of one run of one load on one lane. */
export type Sample = readonly Measurement[];

/** What a store holds: nothing, or {@linkcode SEEDED_ITEMS} items. */
export type Content = "empty" | "seeded";

export const SEEDED_ITEMS = 100_000;

/** What a load gets to work with. */
export interface Context {
  readonly schema: Schema;
  /** How long a timed load should take. */
  readonly seconds: number;
  /** The lane's server of that content. The same one each time, warm after the first round. */
  server(content: Content): Promise<RunningLane>;
  /** A server of its own for one run; it is stopped after the run. */
  fresh(content: Content): Promise<RunningLane>;
  /** A folder for one run. */
  readonly scratch: string;
}

export interface Load {
  readonly name: string;
  /** Set for what the frozen contract has not, or peers need not show. */
  readonly oursOnly?: true;
  /** What makes the load: `h2load`, `grpc-js client`, `frame client`, `client.ts` or `harness`. */
  readonly generator: string;
  /** How a person would make it, on a server at ADDRESS with process id PID. */
  command(seconds: number): string;
  /** @throws When the server did not do what it was asked; a figure for wrong answers is worth nothing. */
  run(context: Context): Promise<Sample>;
}
