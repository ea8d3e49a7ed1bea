/**
 * The status codes of gRPC, as https://grpc.io/docs/guides/status-codes/ numbers them.
 *
 * When to choose which of the three that mean "not now": UNAVAILABLE, the same call may be tried again; ABORTED, read
 * again and start over; FAILED_PRECONDITION, mend the state first, trying again will not help.
 *
 * @module
 */

export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type CodeName = keyof typeof Code;
export type Code = (typeof Code)[CodeName];

const NAMES = Object.keys(Code) as CodeName[];

/** The name of a code; `UNKNOWN` for a number that is none. */
export function codeName(code: number): CodeName {
  return NAMES[code] ?? "UNKNOWN";
}
