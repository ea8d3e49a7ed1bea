/**
 * Figures of the running server, in the text format that Prometheus reads.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { codeName, type Interceptor, type Route } from "../rpc/mod.ts";

/** What is read when somebody asks, rather than counted. */
export interface Readings {
  readonly callsInFlight: () => number;
  readonly store: () => {
    revision: number;
    oldestRevision: number;
    queued: number;
    watchers: number;
    snapshots: number;
  };
}

/** Half a millisecond to ten seconds: a read from memory to a call that waits for a slow disk. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const OPERATIONS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** The figures of a method, looked up once: finding them by their labels costs more than counting. */
interface MethodMetrics {
  readonly calls: Map<number, Counter.Internal>;
  readonly seconds: Histogram.Internal<"method">;
  readonly received: Counter.Internal;
  readonly sent: Counter.Internal;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #calls: Counter<"method" | "code">;
  readonly #seconds: Histogram<"method">;
  readonly #bytes: Counter<"method" | "direction">;
  readonly #commitSeconds: Histogram;
  readonly #commitOperations: Histogram;

  constructor(readings: Readings) {
    const registers = [this.#registry];
    this.#calls = new Counter({
      name: "steward_calls_total",
      help: "Calls that ended, by method and code.",
      labelNames: ["method", "code"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "steward_call_seconds",
      help: "How long unary calls took, by method.",
      labelNames: ["method"],
      buckets: SECONDS,
      registers,
    });
    this.#bytes = new Counter({
      name: "steward_message_bytes_total",
      help: "Bytes of messages, before compression, by method and direction.",
      labelNames: ["method", "direction"],
      registers,
    });
    this.#commitSeconds = new Histogram({
      name: "steward_commit_seconds",
      help: "How long commits took, the disk's part included.",
      buckets: SECONDS,
      registers,
    });
    this.#commitOperations = new Histogram({
      name: "steward_commit_operations",
      help: "How many writes shared a commit.",
      buckets: OPERATIONS,
      registers,
    });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    // prom-client's own reads of /proc are forbidden to a Deno without all permissions, and then say 0.
    gauge("process_resident_memory_bytes", "Memory of the process.", () => Deno.memoryUsage().rss);
    gauge("process_start_time_seconds", "When the process started, since 1970.", () => performance.timeOrigin / 1000);
    gauge("steward_calls_in_flight", "Calls that run, open streams among them.", readings.callsInFlight);
    gauge("steward_store_revision", "The store's revision.", () => readings.store().revision);
    gauge(
      "steward_store_oldest_revision",
      "The oldest revision to resume from.",
      () => readings.store().oldestRevision,
    );
    gauge("steward_store_queued_writes", "Writes that wait for the disk.", () => readings.store().queued);
    gauge("steward_store_watchers", "Open watches.", () => readings.store().watchers);
    gauge("steward_store_snapshots", "Lists that hold a snapshot.", () => readings.store().snapshots);
  }

  /** Counts every call when it has ended. */
  readonly intercept: Interceptor = (next) => {
    const known = new WeakMap<Route["method"], MethodMetrics>();
    return (call, input) => {
      call.onEnd(({ code }) => {
        const { method, received, sent } = call;
        let metrics = known.get(method);
        if (!metrics) known.set(method, metrics = this.#of(method));
        let counter = metrics.calls.get(code);
        if (!counter) metrics.calls.set(code, counter = this.#calls.labels(method.path, codeName(code)));
        counter.inc();
        if (method.kind === "unary") metrics.seconds.observe((performance.now() - call.startedAt) / 1000);
        if (received > 0) metrics.received.inc(received);
        if (sent > 0) metrics.sent.inc(sent);
      });
      return next(call, input);
    };
  };

  #of({ path }: Route["method"]): MethodMetrics {
    return {
      calls: new Map(),
      seconds: this.#seconds.labels(path),
      received: this.#bytes.labels(path, "in"),
      sent: this.#bytes.labels(path, "out"),
    };
  }

  /** Counts a commit of the store. */
  readonly committed = (operations: number, ms: number): void => {
    this.#commitSeconds.observe(ms / 1000);
    this.#commitOperations.observe(operations);
  };

  /** The answer to a scrape. */
  async page(): Promise<Response> {
    return new Response(await this.#registry.metrics(), { headers: { "content-type": this.#registry.contentType } });
  }
}
