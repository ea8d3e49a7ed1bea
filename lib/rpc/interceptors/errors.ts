import type { Logger } from "../../log/logger.ts";
import type { Call } from "../call.ts";
import { type Detail, fail, RpcError } from "../error.ts";
import { fitted } from "../fitted.ts";
import { type Batches, type Interceptor, serverStreams } from "../handler.ts";

export interface ErrorOptions {
  readonly logger: Logger;
  /** Knows the errors of the layer below, such as the store's. */
  readonly translate: (error: unknown) => RpcError | undefined;
}

/**
 * Makes an RpcError of everything a handler throws. What nobody expected goes to the log with its stack; the caller is
 * told INTERNAL and the request id, and nothing more.
 */
export function errors({ logger, translate }: ErrorOptions): Interceptor {
  const toRpcError = (error: unknown, call: Call): RpcError => {
    const known = error instanceof RpcError ? error : translate(error);
    if (known) return withRequestInfo(known, call);
    logger.log("error", `unexpected error in ${call.method.path}`, {
      request: call.requestId,
      error: error instanceof Error ? error.stack ?? error.message : String(error),
    });
    return withRequestInfo(fail("INTERNAL", { requestId: call.requestId }, { cause: error }), call);
  };
  return (next) => async (call, input) => {
    try {
      const output = await next(call, input);
      return serverStreams(call.method) ? guarded(output as Batches<unknown>, call, toRpcError) : output;
    } catch (error) {
      throw toRpcError(error, call);
    }
  };
}

function withRequestInfo(thrown: RpcError, call: Call): RpcError {
  const error = fitted(thrown);
  const info: Detail = { type: "google.rpc.RequestInfo", value: { request_id: call.requestId } };
  return new RpcError(error.code, error.message, [...error.details, info], { cause: error.cause });
}

function guarded<T>(
  batches: Batches<T>,
  call: Call,
  toRpcError: (error: unknown, call: Call) => RpcError,
): Batches<T> {
  return {
    [Symbol.asyncIterator]() {
      const source = batches[Symbol.asyncIterator]();
      return {
        next: () =>
          source.next().catch((error) => {
            throw toRpcError(error, call);
          }),
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
