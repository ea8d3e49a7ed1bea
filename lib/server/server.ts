/**
 * A whole server: the store, the services on it, the interceptors around them and a lane beneath.
 *
 * @module
 */
import type { Config } from "../config/mod.ts";
import type { Logger } from "../log/logger.ts";
import { Metrics } from "../metrics/metrics.ts";
import {
  bind,
  type Call,
  createRouter,
  deadline,
  errors,
  LiveCalls,
  logCalls,
  requestId,
  trackCall,
} from "../rpc/mod.ts";
import { loadSchema } from "../schema/mod.ts";
import { translateStoreError } from "../services/errors.ts";
import { Health, healthService } from "../services/health.ts";
import { inventoryService } from "../services/inventory.ts";
import { reflectionService } from "../services/reflection.ts";
import { taskManagerService } from "../services/task_manager.ts";
import { openStore, type Store, StoreError } from "../store/mod.ts";
import type { ListenOptions } from "../transport/transport.ts";
import { chooseLane, type Lane } from "./lane.ts";
import { pagesOf } from "./pages.ts";
import { readTls } from "./tls.ts";

const HEALTH = "grpc.health.v1.Health";

export interface Server {
  readonly hostname: string;
  readonly port: number;
  readonly lane: Lane["name"];
  readonly store: Store;
  /**
   * Stops: NOT_SERVING first, then streams end and the other calls finish, at most for the grace time; then the
   * store closes. Calling it again gives the same promise.
   */
  stop(): Promise<void>;
}

/**
 * Starts a server. It serves when the promise resolves.
 *
 * @param protoDirectory The folder of .proto files.
 * @throws ConfigError, StoreOpenError, LaneError or ListenError with a sentence for people; nothing is left open then.
 */
export async function startServer(config: Config, logger: Logger, protoDirectory: string): Promise<Server> {
  const tls = readTls(config);
  const schema = loadSchema(protoDirectory);
  const store = await openStore({
    onCommit: (operations, ms) => metrics.committed(operations, ms),
    directory: config.data,
    maxQueuedOperations: config.maxQueuedWrites,
    commitMaxOperations: config.commitOperations,
    commitMaxBytes: config.commitBytes,
    maxSnapshots: config.maxSnapshots,
    snapshotIdleMs: config.snapshotIdle,
    maxWatchers: config.maxWatchers,
    compactAgeMs: config.compactAge,
    compactRevisions: config.compactRevisions,
    log: (message, error) => logStore(logger, message, error),
  });
  // Whoever watches the health is told that it ends before it ends.
  const liveCalls = new LiveCalls(config.maxConcurrentCalls, ({ method }) => method.service === HEALTH);
  const metrics = new Metrics({ callsInFlight: () => liveCalls.size, store: () => store.status() });
  try {
    const flagships = [
      bind(schema, "inventory.Inventory", inventoryService(store)),
      bind(schema, "taskmanager.TaskManager", taskManagerService(store)),
    ];
    const health = new Health(
      [HEALTH, "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"],
      flagships.map(({ name }) => name),
    );
    const reflection = reflectionService(schema, health.names.filter((name) => name !== ""));
    const router = createRouter(
      [
        ...flagships,
        bind(schema, HEALTH, healthService(health)),
        bind(schema, "grpc.reflection.v1.ServerReflection", reflection),
        bind(schema, "grpc.reflection.v1alpha.ServerReflection", reflection),
      ],
      [
        requestId(crypto.randomUUID().slice(0, 8)),
        logCalls(logger),
        metrics.intercept,
        errors({ logger, translate: translateStoreError }),
        trackCall,
        liveCalls.intercept,
        deadline,
      ],
    );
    const options: ListenOptions = {
      ...config.listen,
      router,
      schema,
      maxMessageBytes: config.maxMessageBytes,
      maxAnswerBytes: config.maxMessageBytes,
      compressFromBytes: config.compressFromBytes,
      corsOrigins: config.corsOrigins,
      pages: pagesOf(health, metrics),
      ...tls,
      onFault: (error, call) => logFault(logger, error, call),
    };
    const lane = await chooseLane(config.transport, options);
    for (const notice of lane.notices) logger.log("warn", notice);
    const listener = await lane.listen(options);
    const stopHealth = store.onHealth((failure) => health.set("store", failure !== null));
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      health.set("shutdown", true);
      const cutOff = await liveCalls.drain(config.grace);
      if (cutOff > 0) logger.log("warn", `${cutOff} calls were cut off after the grace time`);
      await closeListener(listener);
      stopHealth();
      await store.close();
    };
    const { hostname, port } = listener;
    return { hostname, port, lane: lane.name, store, stop: () => stopping ??= stop() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

const LAST_BYTES_MS = 1000;

/** Lets the last answers leave, then ends the connections: a client may keep an idle one open for ever. */
async function closeListener(listener: { shutdown(): Promise<void>; close(): Promise<void> }): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_BYTES_MS));
  await Promise.race([listener.shutdown(), late]);
  clearTimeout(timer);
  await listener.close();
}

/** What the store says without an error, such as that writing succeeds again, is to be seen beside its failures. */
function logStore(logger: Logger, message: string, error: unknown): void {
  if (error === undefined) logger.log("warn", message);
  else logger.log("error", message, { error: error instanceof StoreError ? error.message : traceOf(error) });
}

function logFault(logger: Logger, error: unknown, call?: Call): void {
  const where = call ? `unexpected error in the answer of ${call.method.path}` : "unexpected error outside a call";
  logger.log("error", where, { request: call?.requestId, error: traceOf(error) });
}

function traceOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
