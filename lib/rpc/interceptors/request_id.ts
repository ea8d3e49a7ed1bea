import type { Interceptor } from "../handler.ts";

const VALID = /^[\w.:/+=-]{1,128}$/;

/**
 * Gives every call an id for the log and for error details: the caller's `x-request-id` if it is up to 128 harmless
 * characters, else one of this process.
 *
 * @param seed Sets this process apart from others.
 */
export function requestId(seed: string): Interceptor {
  let count = 0;
  return (next) => (call, input) => {
    const given = call.header("x-request-id");
    call.requestId = given !== undefined && VALID.test(given) ? given : `${seed}-${(++count).toString(36)}`;
    return next(call, input);
  };
}
