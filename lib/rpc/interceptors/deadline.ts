import { abortable, abortableBatches } from "../abortable.ts";
import type { Call } from "../call.ts";
import { fail } from "../error.ts";
import { type Batches, clientStreams, type Interceptor, type Invoke, serverStreams } from "../handler.ts";
import { startTimer } from "../timer.ts";

/**
 * Ends a call when its deadline passes, when its caller goes away or when the server has to stop, whether or not the
 * handler listens. The signal of the call tells the handler.
 */
export const deadline: Interceptor = (next) => (call, input) =>
  call.timeoutMs === undefined && call.method.kind === "unary"
    ? unhurried(next, call, input)
    : raced(next, call, input);

/** A unary call without a deadline, which only a server that stops will end. */
function unhurried(next: Invoke, call: Call, input: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call.onAbort(reject);
    next(call, input).then(resolve, reject);
  });
}

async function raced(next: Invoke, call: Call, input: unknown): Promise<unknown> {
  if (call.timeoutMs !== undefined) armTimer(call, call.timeoutMs);
  const { method } = call;
  const received = clientStreams(method) ? abortableBatches(input as Batches<unknown>, call.signal) : input;
  if (serverStreams(method)) {
    const output = await abortable(next(call, received) as Promise<Batches<unknown>>, call.signal);
    return abortableBatches(output, call.signal);
  }
  return abortable(next(call, received), call.signal);
}

function armTimer(call: Call, timeoutMs: number): void {
  const stop = startTimer(timeoutMs, () => call.abort(fail("DEADLINE_EXCEEDED", {})));
  call.onEnd(stop);
}
