import type { Config } from "../config/mod.ts";
import { grpcJsVerdict } from "../transport/runtimes.ts";
import { nativeLaneFault } from "../transport/self_test.ts";
import { listenNative } from "../transport/native.ts";
import type { Listener, ListenOptions } from "../transport/transport.ts";

/** Thrown when no lane can serve; its message is a sentence for people. */
export class LaneError extends Error {
  override readonly name = "LaneError";
}

/** A lane that was found fit for this runtime. */
export interface Lane {
  readonly name: Config["transport"];
  listen(options: ListenOptions): Listener | Promise<Listener>;
  /** What the operator should know of the choice. */
  readonly notices: readonly string[];
}

/**
 * Chooses the lane that was asked for, if this runtime can carry it; in place of the native one the other.
 *
 * @throws LaneError when the runtime is known to be unsound for the lane.
 */
export async function chooseLane(wanted: Config["transport"], options: ListenOptions): Promise<Lane> {
  if (wanted === "native") {
    const fault = await nativeLaneFault(options.schema);
    if (fault === null) return { name: "native", listen: listenNative, notices: [] };
    const failed = `the native lane failed its self-test (${fault})`;
    try {
      const lane = await grpcJsLane(options);
      return { ...lane, notices: [`${failed}: using grpc-js`, ...lane.notices] };
    } catch (error) {
      throw error instanceof LaneError ? new LaneError(`${failed}, and ${error.message}`) : error;
    }
  }
  return await grpcJsLane(options);
}

async function grpcJsLane({ tls }: ListenOptions): Promise<Lane> {
  // grpc-js 1.14 answers a TLS handshake in plain text on node:http2 of Deno 2.9.3.
  if (tls) throw new LaneError("TLS is served by the native lane only: leave out --transport grpc-js");
  const { refusal, warning } = grpcJsVerdict(Deno.version.deno);
  if (refusal) throw new LaneError(refusal);
  const { listenGrpcJs } = await import("../transport/grpc_js.ts");
  return { name: "grpc-js", listen: listenGrpcJs, notices: warning ? [warning] : [] };
}
