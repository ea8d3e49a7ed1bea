/**
 * A service that does what its requests say, on a real lane, for the suites of the wires.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { createLogger } from "../../lib/log/logger.ts";
import {
  type Batches,
  bindMethods,
  type Call,
  type Code,
  createRouter,
  deadline,
  errors,
  LiveCalls,
  requestId,
  RpcError,
} from "../../lib/rpc/mod.ts";
import { loadSchema, type Schema } from "../../lib/schema/mod.ts";
import type { Listener, ListenOptions } from "../../lib/transport/transport.ts";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface EchoRequest {
  text: string;
  fail_code: number;
  crash: boolean;
  count: number;
  hang: boolean;
  delay_ms: number;
  payload: Uint8Array;
}

/** What happened inside the handlers. */
export interface EchoLog {
  /** The reason that the signal of each hanging or endless call aborted with. */
  readonly aborted: unknown[];
  /** Messages that endless streams have produced. */
  produced: number;
  /** Requests that have been taken from client streams. */
  taken: number;
  /** Set to hold client streams up after their first batch. */
  hold: Promise<void> | undefined;
  readonly calls: Call[];
  readonly lines: string[];
}

export interface EchoServer {
  readonly address: string;
  readonly schema: Schema;
  readonly log: EchoLog;
  readonly live: LiveCalls;
  stop(): Promise<void>;
}

export type Listen = (options: ListenOptions) => Listener | Promise<Listener>;

/** Starts the service on a lane, on a free port of the loopback. */
export async function startEcho(listen: Listen, { maxMessageBytes = 64 * 1024 } = {}): Promise<EchoServer> {
  const schema = loadSchema(folder("../../proto"), folder("../fixtures/proto"));
  const log: EchoLog = { aborted: [], produced: 0, taken: 0, hold: undefined, calls: [], lines: [] };
  const logger = createLogger({
    format: "json",
    level: "debug",
    color: false,
    write: (text) => log.lines.push(...text.trim().split("\n")),
    now: Date.now,
  });
  const live = new LiveCalls(1000);
  const router = createRouter([bindMethods(schema, "echo.Echo", handlers(log))], [
    requestId("test"),
    errors({ logger, translate: () => undefined }),
    live.intercept,
    deadline,
  ]);
  const onFault = (error: unknown, call?: Call) => log.lines.push(`${call?.requestId ?? "no call"}: ${error}`);
  const listener = await listen({
    hostname: "127.0.0.1",
    port: 0,
    router,
    schema,
    maxMessageBytes,
    maxAnswerBytes: maxMessageBytes,
    compressFromBytes: 1024,
    corsOrigins: [],
    pages: new Map(),
    onFault,
  });
  return {
    address: `127.0.0.1:${listener.port}`,
    schema,
    log,
    live,
    async stop() {
      await live.drain(0);
      await listener.close();
      logger.flush();
    },
  };
}

/** A request for this is answered with a message that cannot be encoded. */
export const UNENCODABLE = "unencodable";

function response({ text, payload }: EchoRequest, number: number) {
  return {
    get text() {
      if (text === UNENCODABLE) throw new TypeError("a bug in a message");
      return text;
    },
    number,
    payload,
  };
}

function handlers(log: EchoLog) {
  const obey = async (request: EchoRequest, call: Call) => {
    log.calls.push(call);
    for (const [name, value] of call.metadata) {
      if (name.startsWith("echo-")) {
        call.headers.add(name, value);
        call.trailers.add(`trailing-${name}`, value);
      }
    }
    if (request.hang) {
      await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve(), { once: true }));
      log.aborted.push(call.signal.reason);
      throw call.signal.reason;
    }
    if (request.delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, request.delay_ms));
    if (request.crash) throw new Error("a secret of the server");
  };
  const failIfAsked = ({ fail_code, text }: EchoRequest) => {
    if (fail_code === 0) return;
    const value = { reason: "ASKED", domain: "test", metadata: { text } };
    throw new RpcError(fail_code as Code, text, [{ type: "google.rpc.ErrorInfo", value }]);
  };
  async function* numbered(request: EchoRequest, call: Call) {
    try {
      for (let number = 1; request.count < 0 || number <= request.count; number++) {
        log.produced++;
        yield [response(request, number)];
        call.signal.throwIfAborted();
      }
    } finally {
      if (call.signal.aborted) log.aborted.push(call.signal.reason);
    }
    failIfAsked(request);
  }
  return {
    async Unary(request: EchoRequest, call: Call) {
      await obey(request, call);
      failIfAsked(request);
      return response(request, 1);
    },
    async ServerStream(request: EchoRequest, call: Call) {
      await obey(request, call);
      return numbered(request, call);
    },
    async ClientStream(requests: Batches<EchoRequest>, call: Call) {
      let text = "";
      let number = 0;
      for await (const batch of requests) {
        for (const request of batch) {
          await obey(request, call);
          failIfAsked(request);
          text += request.text;
          number++;
        }
        log.taken += batch.length;
        await log.hold;
      }
      return { text, number };
    },
    async *Bidi(requests: Batches<EchoRequest>, call: Call) {
      let number = 0;
      for await (const batch of requests) {
        for (const request of batch) {
          await obey(request, call);
          failIfAsked(request);
        }
        yield batch.map(({ text, payload }) => ({ text, payload, number: ++number }));
      }
    },
  };
}
