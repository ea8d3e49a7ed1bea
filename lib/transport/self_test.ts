/**
 * Proves at startup that this runtime sends trailers: a real call over a real loopback connection.
 *
 * @module
 */
import { connect } from "node:http2";
import { bind, createRouter } from "../rpc/mod.ts";
import { HealthCheckResponse_ServingStatus as ServingStatus, type Schema } from "../schema/mod.ts";
import { frame } from "./framing.ts";
import { listenNative } from "./native.ts";

const TIMEOUT_MS = 3000;

/**
 * Makes a health check through the native lane.
 *
 * @returns Null when the answer came whole with its trailers, else what was wrong.
 */
export async function nativeLaneFault(schema: Schema): Promise<string | null> {
  const status = ServingStatus.SERVING;
  const health = bind(schema, "grpc.health.v1.Health", {
    Check: () => ({ status }),
    List: () => ({}),
    Watch: async function* () {},
  });
  const faults: unknown[] = [];
  const listener = listenNative({
    hostname: "127.0.0.1",
    port: 0,
    router: createRouter([health], []),
    schema,
    maxMessageBytes: 1024,
    maxAnswerBytes: 1024,
    compressFromBytes: 1024,
    corsOrigins: [],
    pages: new Map(),
    onFault: (error) => faults.push(error),
  });
  try {
    const trailers = await callCheck(listener.port, schema);
    if (trailers["grpc-status"] === "0") return null;
    return faults.length > 0 ? String(faults[0]) : "the answer came without grpc-status in its trailers";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await listener.close();
  }
}

function callCheck(port: number, schema: Schema): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const timer = setTimeout(() => finish(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`))), TIMEOUT_MS);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      session.destroy();
    };
    session.on("error", (error) => finish(() => reject(error)));
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    let trailers: Record<string, unknown> = {};
    stream.on("trailers", (received) => trailers = received);
    stream.on("error", (error) => finish(() => reject(error)));
    stream.on("end", () => finish(() => resolve(trailers)));
    stream.resume();
    stream.end(frame(schema.codec("grpc.health.v1.HealthCheckRequest").encode({})));
  });
}
