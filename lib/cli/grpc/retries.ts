/**
 * Which calls may be repeated.
 *
 * @module
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { requestIdField } from "../flags/request.ts";

const POLICY = {
  maxAttempts: 4,
  initialBackoff: "0.1s",
  maxBackoff: "2s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
};

/** The part of a service config that has these methods tried again on UNAVAILABLE. */
export function retryConfig(methods: readonly DescMethod[]): object[] {
  const name = methods.map((method) => ({ service: method.parent.typeName, method: method.name }));
  return name.length === 0 ? [] : [{ name, retryPolicy: POLICY }];
}

/**
 * Whether doing it twice is the same as once: because it changes nothing, or because its request has a request_id, which
 * `fillRequestId` makes sure is set. Only for methods of the contract, where request_id is known to mean that.
 */
export function isRepeatable(method: DescMethod): boolean {
  return isSideEffectFree(method) || requestIdField(method.input) !== undefined;
}

export function isSideEffectFree(method: DescMethod): boolean {
  return method.idempotency === IdempotencyLevel.NO_SIDE_EFFECTS;
}
