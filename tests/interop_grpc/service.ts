/**
 * The services that gRPC's interop clients call: grpc.testing.TestService, and the load reports of ORCA.
 *
 * @module
 */
import { type Batches, bindMethods, type BoundService, type Call, Code, RpcError } from "../../lib/rpc/mod.ts";
import type { Schema } from "../../lib/schema/mod.ts";

const ECHO_INITIAL = "x-grpc-test-echo-initial";
const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";
const LOAD_REPORT = "xds.data.orca.v3.OrcaLoadReport";

interface TestOrcaReport {
  cpu_utilization: number;
  memory_utilization: number;
  request_cost: Record<string, number>;
  utilization: Record<string, number>;
}
interface EchoStatus {
  code: number;
  message: string;
}
interface SimpleRequest {
  response_size: number;
  response_status: EchoStatus | null;
  fill_server_id: boolean;
  orca_per_query_report: TestOrcaReport | null;
}
interface InputRequest {
  payload: { body: Uint8Array } | null;
}
interface OutputRequest {
  response_parameters: { size: number; interval_us: number }[];
  response_status: EchoStatus | null;
  orca_oob_report: TestOrcaReport | null;
}
interface LoadReportRequest {
  report_interval: { seconds: number | { toNumber(): number }; nanos: number } | null;
}

/** The services, ready for a router. */
export function bindInterop(schema: Schema): BoundService[] {
  const serverId = crypto.randomUUID();
  /** What is reported out of band. */
  let load: object = {};

  const unary = (request: SimpleRequest, call: Call) => {
    echoMetadata(call);
    throwIfAsked(request.response_status);
    if (request.orca_per_query_report) {
      const report = schema.codec(LOAD_REPORT).encode(loadReport(request.orca_per_query_report));
      call.trailers.add("endpoint-load-metrics-bin", report);
    }
    return {
      payload: payload(request.response_size),
      server_id: request.fill_server_id ? serverId : "",
    };
  };

  async function* answers(request: OutputRequest, call: Call): Batches<object> {
    throwIfAsked(request.response_status);
    if (request.orca_oob_report) load = loadReport(request.orca_oob_report);
    for (const { size, interval_us } of request.response_parameters) {
      if (interval_us > 0) await delay(interval_us / 1000, call.signal);
      yield [{ payload: payload(size) }];
    }
  }

  async function* answerEach(requests: Batches<OutputRequest>, call: Call): Batches<object> {
    for await (const batch of requests) {
      for (const request of batch) yield* answers(request, call);
    }
  }

  async function* answerAfterAll(requests: Batches<OutputRequest>, call: Call): Batches<object> {
    const held: OutputRequest[] = [];
    for await (const batch of requests) held.push(...batch);
    for (const request of held) yield* answers(request, call);
  }

  async function* loadReports({ report_interval }: LoadReportRequest, call: Call): Batches<object> {
    const { seconds = 0, nanos = 0 } = report_interval ?? {};
    const intervalMs = Math.max(100, Number(seconds) * 1000 + nanos / 1e6);
    while (true) {
      yield [load];
      await delay(intervalMs, call.signal);
    }
  }

  return [
    bindMethods(schema, "grpc.testing.TestService", {
      EmptyCall: () => ({}),
      UnaryCall: unary,
      CacheableUnaryCall: unary,
      StreamingOutputCall: answers,
      async StreamingInputCall(requests: Batches<InputRequest>) {
        let size = 0;
        for await (const batch of requests) {
          for (const { payload } of batch) size += payload?.body.length ?? 0;
        }
        return { aggregated_payload_size: size };
      },
      FullDuplexCall(requests: Batches<OutputRequest>, call: Call) {
        echoMetadata(call);
        return answerEach(requests, call);
      },
      HalfDuplexCall: answerAfterAll,
    }),
    bindMethods(schema, "xds.service.orca.v3.OpenRcaService", { StreamCoreMetrics: loadReports }),
  ];
}

function echoMetadata({ metadata, headers, trailers }: Call): void {
  for (const value of metadata.getAll(ECHO_INITIAL)) headers.add(ECHO_INITIAL, value);
  for (const value of metadata.getAll(ECHO_TRAILING)) trailers.add(ECHO_TRAILING, value);
}

function throwIfAsked(status: EchoStatus | null): void {
  if (status && status.code !== 0) throw new RpcError(status.code as Code, status.message);
}

function payload(size: number): { body: Uint8Array } {
  if (size < 0) throw new RpcError(Code.INVALID_ARGUMENT, `${size} is no size of a payload`);
  return { body: new Uint8Array(size) };
}

function loadReport({ cpu_utilization, memory_utilization, request_cost, utilization }: TestOrcaReport): object {
  return { cpu_utilization, mem_utilization: memory_utilization, request_cost, utilization };
}

/** Waits, unless the call is over before. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
