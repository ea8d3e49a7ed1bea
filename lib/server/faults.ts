import type { Logger } from "../log/logger.ts";
import { currentCall } from "../rpc/mod.ts";

/**
 * Lets the process live on after what no handler caught, and logs it with the call it came from.
 *
 * @returns How to stop that.
 */
export function surviveFaults(logger: Logger): () => void {
  const log = (what: string, error: unknown) => {
    const call = currentCall();
    logger.log("error", what, {
      request: call?.requestId,
      method: call?.method.path,
      error: error instanceof Error ? error.stack ?? error.message : String(error),
    });
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    log("unhandled rejection", event.reason);
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    log("uncaught error", event.error);
  };
  addEventListener("unhandledrejection", onRejection);
  addEventListener("error", onError);
  return () => {
    removeEventListener("unhandledrejection", onRejection);
    removeEventListener("error", onError);
  };
}
