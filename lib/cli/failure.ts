/**
 * How a command can fail, and what it then exits with.
 *
 * @module
 */
import type { DecodedDetail } from "./grpc/details.ts";

/** What the client exits with. A failed call is {@linkcode Exit.CALL} + its gRPC status code. */
export const Exit = { OK: 0, LOCAL: 1, USAGE: 2, CALL: 64, INTERRUPTED: 130, TERMINATED: 143 } as const;

/** The command line is wrong. Its message is a sentence for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to type instead, when that is known. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Something on this side failed: a file, a setting, rows of an import. Its message is a sentence for people. */
export class LocalError extends Error {
  override readonly name = "LocalError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** How a call ended. */
export interface Status {
  /** The gRPC status code, 0 to 16. */
  readonly code: number;
  readonly message: string;
  /** The details of `grpc-status-details-bin`. */
  readonly details: readonly DecodedDetail[];
  readonly trailers: Readonly<Record<string, readonly string[]>>;
}

/** A call ended with a status that is not OK. */
export class CallError extends Error {
  override readonly name = "CallError";

  /**
   * @param what What was called, such as `inventory.Inventory/GetItem`.
   * @param status How it ended.
   * @param hint What may help, when the command knows better than the status does.
   */
  constructor(readonly what: string, readonly status: Status, readonly hint?: string) {
    super(status.message);
  }
}

/** Whoever read standard output has gone, as in `| head`. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Ctrl-C or a request to terminate. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(readonly exitCode: number) {
    super("interrupted");
  }
}

/** The sentence of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
