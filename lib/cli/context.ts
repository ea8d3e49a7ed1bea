/**
 * What every command works with.
 *
 * @module
 */
import type { DescMethod, Registry } from "@bufbuild/protobuf";
import type { Contract } from "./contract.ts";
import type { Surroundings } from "./flags/values.ts";
import type { Parsed } from "./flags/parse.ts";
import type { Connection } from "./grpc/call.ts";
import type { Environment, Settings } from "./settings.ts";
import type { Style } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** The surroundings of a command, before its own flags are read. */
export interface Base {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** For results, and for what goes to stderr. */
  readonly style: Style;
  readonly errStyle: Style;
  /** Aborts with an {@linkcode Interrupted} on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly values: Surroundings;
  /** Loads the contract the first time it is asked for. */
  contract(): Contract;
}

/** A command that is about to run. */
export interface Context extends Base {
  readonly parsed: Parsed;
  readonly settings: Settings;
  /** Connects to the servers of the settings; closes with the command. */
  connect(wishes?: Wishes): Promise<Connection>;
}

/** How a connection is to be. */
export interface Wishes {
  /** Methods to try again on UNAVAILABLE; by default those of the contract where that does no harm. */
  readonly retried?: readonly DescMethod[];
  /** For decoding details; by default the contract's. */
  readonly registry?: Registry;
  /** For all calls together; by default each has the time of `--deadline`. */
  readonly deadline?: Date;
}
