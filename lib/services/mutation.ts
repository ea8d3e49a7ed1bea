/**
 * What every mutation of the contract carries besides its own fields: a request id, an etag, a deadline.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Call } from "../rpc/mod.ts";
import type { GuardedMutation } from "../store/mod.ts";

interface MutationRequest {
  readonly request_id: string;
  readonly etag?: string;
}

/** An etag is the revision in base 36; callers are to see no meaning in it. */
export function etagOf(revision: number): string {
  return revision.toString(36);
}

/** The store's side of a request's request_id and etag. */
export function mutationOf(request: MutationRequest, call: Call): GuardedMutation {
  const { request_id, etag = "" } = request;
  return {
    // Only a caller that set a deadline or sends a stream can go away in a way that matters before the write begins.
    ...(call.timeoutMs !== undefined && { signal: call.signal }),
    request: request_id === "" ? undefined : { id: request_id, fingerprint: fingerprint(request, call) },
    expectedRevision: etag === "" ? undefined : revisionOf(etag),
  };
}

/** An etag that was never given out matches no revision. */
function revisionOf(etag: string): number {
  const revision = parseInt(etag, 36);
  return etagOf(revision) === etag ? revision : -1;
}

function fingerprint(request: MutationRequest, { method }: Call): string {
  const bytes = method.input.encode(inOrder({ ...request, request_id: "" }) as object);
  return createHash("sha256").update(method.path).update(bytes).digest("base64url");
}

/** With the keys of every map in order: a client may write them in another one when it sends a request again. */
function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inOrder((value as Record<string, unknown>)[key])]));
}
