/**
 * What every wire does alike: reading a message, and naming an error.
 *
 * @module
 */
import { type Call, fail, RpcError } from "../rpc/mod.ts";
import type { Codec } from "../schema/mod.ts";

/** @throws MALFORMED_MESSAGE when the bytes are not a message of that type. */
export function decodeMessage(codec: Codec, bytes: Uint8Array): object {
  try {
    return codec.decode(bytes);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw fail("MALFORMED_MESSAGE", { type: codec.type, detail }, { cause: error });
  }
}

/** Interceptors leave nothing but RpcErrors; this is for what fails outside them, such as encoding an answer. */
export function knownError(error: unknown, call: Call, onFault: (error: unknown, call: Call) => void): RpcError {
  if (error instanceof RpcError) return error;
  onFault(error, call);
  return fail("INTERNAL", { requestId: call.requestId }, { cause: error });
}

/** Lets go of a body that nobody will read. */
export function refusedBody(request: Request): void {
  request.body?.cancel().catch(() => {});
}

/** A promise whose rejection is not unhandled if a call is refused before its input is looked at. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
