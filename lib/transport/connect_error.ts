/**
 * Errors and metadata in the way of Connect. https://connectrpc.com/docs/protocol
 *
 * @module
 */
import { Code, codeName, type RpcError } from "../rpc/mod.ts";
import type { Call } from "../rpc/mod.ts";
import { base64, type HeaderPair, metadataPairs } from "./headers.ts";
import type { StatusEncoder } from "./status.ts";

const HTTP_STATUS: Readonly<Record<Code, number>> = {
  [Code.OK]: 200,
  [Code.CANCELLED]: 499,
  [Code.UNKNOWN]: 500,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.INTERNAL]: 500,
  [Code.UNAVAILABLE]: 503,
  [Code.DATA_LOSS]: 500,
  [Code.UNAUTHENTICATED]: 401,
};

/** The status of HTTP that goes with a code. */
export function httpStatus(code: Code): number {
  return HTTP_STATUS[code] ?? 500;
}

/** Connect's word for a code: in lower case, and with one l in `canceled`. */
function connectCode(code: Code): string {
  return code === Code.CANCELLED ? "canceled" : codeName(code).toLowerCase();
}

/** An error as the JSON object that clients of Connect expect. `debug` is for people: what `value` says, readable. */
export function connectError(error: RpcError, status: StatusEncoder): object {
  return {
    code: connectCode(error.code),
    ...(error.message !== "" && { message: error.message }),
    ...(error.details.length > 0 && {
      details: error.details.map((detail) => ({
        type: detail.type,
        value: base64(status.detail(detail)),
        debug: status.readableDetail(detail),
      })),
    }),
  };
}

/** The trailers of a call as the `metadata` object of a stream's end. */
export function endMetadata(call: Call | undefined): Record<string, string[]> | undefined {
  if (!call?.hasTrailers) return undefined;
  const metadata: Record<string, string[]> = {};
  for (const [name, value] of metadataPairs(call.trailers)) (metadata[name] ??= []).push(value);
  return metadata;
}

/** The trailers of a unary call, which come as headers. */
export function trailerHeaders(call: Call): HeaderPair[] {
  return call.hasTrailers ? metadataPairs(call.trailers).map(([name, value]) => [`trailer-${name}`, value]) : [];
}
