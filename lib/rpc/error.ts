/**
 * The error that a handler throws and a wire sends.
 *
 * @module
 */
import { CATALOGUE, type Facts, type Reason } from "./catalogue.ts";
import { Code } from "./code.ts";

/** A message that says more about an error, such as google.rpc.BadRequest. */
export interface Detail {
  /** The full name of its type. */
  readonly type: string;
  readonly value: object;
}

/** One wrong field of a request. */
export interface FieldViolation {
  /** The path of the field, such as `materials[2].quantity`. */
  readonly field: string;
  readonly description: string;
  /** UPPER_SNAKE_CASE. */
  readonly reason: string;
}

/** An error with a status code. What caused it stays in `cause`, for the log. */
export class RpcError extends Error {
  override readonly name = "RpcError";

  constructor(
    readonly code: Code,
    message: string,
    readonly details: readonly Detail[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The error of the catalogue for a reason.
 *
 * @param facts What its sentence is made from; strings and numbers among them go into ErrorInfo.metadata.
 * @param more Further details, and the cause.
 */
export function fail<R extends Reason>(
  reason: R,
  facts: Facts<R>,
  more: { readonly details?: readonly Detail[]; readonly cause?: unknown } = {},
): RpcError {
  const { code, message } = CATALOGUE[reason];
  const metadata = Object.fromEntries(
    Object.entries(facts).filter(([, value]) => typeof value === "string" || typeof value === "number")
      .map(([key, value]) => [key, String(value)]),
  );
  return new RpcError(
    Code[code],
    (message as (facts: Facts<R>) => string)(facts),
    [{ type: "google.rpc.ErrorInfo", value: { reason, domain: "steward", metadata } }, ...more.details ?? []],
    "cause" in more ? { cause: more.cause } : undefined,
  );
}

/** The error for a request with wrong fields. The message is the description of the first, with a count of the rest. */
export function invalid(violations: readonly FieldViolation[]): RpcError {
  const [first, ...rest] = violations;
  const summary = first!.description + (rest.length === 0 ? "" : ` (and ${rest.length} more)`);
  return fail("INVALID_REQUEST", { summary }, {
    details: [{ type: "google.rpc.BadRequest", value: { field_violations: violations } }],
  });
}
