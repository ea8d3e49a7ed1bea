import type { Logger, LogLevel } from "../../log/logger.ts";
import { Code, codeName } from "../code.ts";
import type { Interceptor } from "../handler.ts";

/** Codes that are the server's trouble and not the caller's. */
const SERVER_FAULTS = new Set<Code>([Code.UNKNOWN, Code.INTERNAL, Code.UNAVAILABLE, Code.DATA_LOSS]);

/** Logs every call when it has ended: method, peer, code, milliseconds. Never what was in its messages. */
export function logCalls(logger: Logger): Interceptor {
  return (next) => (call, input) => {
    call.onEnd(({ code, message }) => {
      const level: LogLevel = SERVER_FAULTS.has(code) ? "warn" : "info";
      if (!logger.enabled(level)) return;
      logger.log(level, call.method.path, {
        code: codeName(code),
        ms: Math.round((performance.now() - call.startedAt) * 100) / 100,
        peer: call.peer,
        request: call.requestId,
        error: message || undefined,
      });
    });
    return next(call, input);
  };
}
