/**
 * The standard health service.
 *
 * @module
 */
import { type Batches, fail, type Implementation, type Init } from "../rpc/mod.ts";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../schema/mod.ts";
import type * as pb from "../schema/mod.ts";

/** Whether the server as a whole, and each of its services, can take calls. */
export class Health {
  readonly #services: ReadonlySet<string>;
  readonly #waiting = new Set<() => void>();
  /** What speaks against serving; empty when all is well. */
  readonly #obstacles = new Set<string>();

  /** @param services The full names of the services that depend on the state; the others always serve. */
  constructor(readonly others: readonly string[], services: readonly string[]) {
    this.#services = new Set(["", ...services]);
  }

  get stopping(): boolean {
    return this.#obstacles.has("shutdown");
  }

  get serving(): boolean {
    return this.#obstacles.size === 0;
  }

  /** What speaks against serving, in words. */
  get obstacles(): string[] {
    return [...this.#obstacles];
  }

  /** Notes that something speaks against serving, or no longer does. */
  set(obstacle: "store" | "shutdown", present: boolean): void {
    const [serving, stopping] = [this.serving, this.stopping];
    if (present) this.#obstacles.add(obstacle);
    else this.#obstacles.delete(obstacle);
    if (this.serving === serving && this.stopping === stopping) return;
    for (const wake of this.#waiting) wake();
  }

  /** The status of a service; undefined when it is not known. */
  status(service: string): number | undefined {
    if (this.others.includes(service)) return ServingStatus.SERVING;
    if (!this.#services.has(service)) return undefined;
    return this.serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  get names(): string[] {
    return [...this.#services, ...this.others];
  }

  /** Resolves at the next change; rejects with the signal's reason. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", onAbort);
      };
      const wake = () => {
        stop();
        resolve();
      };
      const onAbort = () => {
        stop();
        reject(signal.reason);
      };
      if (signal.aborted) return reject(signal.reason);
      this.#waiting.add(wake);
      signal.addEventListener("abort", onAbort);
    });
  }
}

export function healthService(health: Health): Implementation<"grpc.health.v1.Health"> {
  return {
    Check({ service }) {
      const status = health.status(service);
      if (status === undefined) throw fail("SERVICE_NOT_FOUND", { service });
      return { status };
    },

    List() {
      return { statuses: Object.fromEntries(health.names.map((name) => [name, { status: health.status(name)! }])) };
    },

    Watch: ({ service }, { signal }) => statuses(health, service, signal),
  };
}

async function* statuses(
  health: Health,
  service: string,
  signal: AbortSignal,
): Batches<Init<pb.HealthCheckResponse>> {
  let last: number | undefined;
  for (;;) {
    const status = health.status(service) ?? ServingStatus.SERVICE_UNKNOWN;
    if (status !== last) {
      yield [{ status: last = status }];
      // It may have changed while that was taken.
      continue;
    }
    if (health.stopping) throw fail("SHUTTING_DOWN", {});
    await health.changed(signal);
  }
}
