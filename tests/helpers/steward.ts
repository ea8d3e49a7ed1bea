/**
 * The whole server in this process, on a real port and a real database, once on each lane.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { status as codes } from "@grpc/grpc-js";
import { type Config, readConfig } from "../../lib/config/mod.ts";
import { createLogger } from "../../lib/log/logger.ts";
import type { Init } from "../../lib/rpc/mod.ts";
import { loadSchema, type Schema, type Services } from "../../lib/schema/mod.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import { type CallOptions, detailsOf, type Received, TestClient } from "./grpc_client.ts";
import { ROOT } from "./process.ts";

export const LANES = ["native", "grpc-js"] as const;
export type LaneName = (typeof LANES)[number];

/** The unary methods of a service as functions that give the answer or throw. */
export type Asking<S extends keyof Services> = {
  [M in keyof Services[S]]: Services[S][M] extends { kind: "unary"; input: infer I; output: infer O }
    ? (request: Init<I>, options?: CallOptions) => Promise<O>
    : never;
};

/** How a call failed. */
export interface Refusal {
  /** The name of the code. */
  readonly code: string;
  readonly message: string;
  readonly reason: string;
  /** Of google.rpc.BadRequest: `field REASON`. */
  readonly violations: readonly string[];
  /** Of google.rpc.PreconditionFailure: `subject: description`. */
  readonly preconditions: readonly string[];
  readonly details: Record<string, Record<string, unknown>>;
}

export interface Steward {
  readonly lane: LaneName;
  readonly address: string;
  readonly schema: Schema;
  readonly server: Server;
  readonly client: TestClient;
  readonly inventory: Asking<"inventory.Inventory">;
  readonly tasks: Asking<"taskmanager.TaskManager">;
  /** What the server logged. */
  readonly log: string[];
  /** The failure of a call, which must fail. */
  refusal(path: string, request?: object | readonly object[], options?: CallOptions): Promise<Refusal>;
}

let loaded: Schema | undefined;

/** The contract. */
export function contractSchema(): Schema {
  return loaded ??= loadSchema(`${ROOT}proto`);
}

/** The configuration that flags give, on a free port of the loopback. */
export function configOf(lane: LaneName, data: string, flags: readonly string[] = []): Config {
  const args = ["--listen", "127.0.0.1:0", "--transport", lane, "--data", data, "--log", "json", ...flags];
  const request = readConfig(args, {});
  if (request.command !== "serve") throw new Error("the flags ask for no server");
  return request.config;
}

/** Starts a server in a directory, calls `use` and stops it. */
export async function withSteward(
  lane: LaneName,
  data: string,
  flags: readonly string[],
  use: (steward: Steward) => Promise<void>,
): Promise<void> {
  const log: string[] = [];
  const logger = createLogger({
    format: "json",
    level: "debug",
    color: false,
    write: (text) => log.push(...text.trim().split("\n")),
    now: Date.now,
  });
  const server = await startServer(configOf(lane, data, flags), logger, `${ROOT}proto`);
  const schema = contractSchema();
  const address = `127.0.0.1:${server.port}`;
  const client = new TestClient(address, schema);
  try {
    await use({
      lane,
      address,
      schema,
      server,
      client,
      inventory: asking(client, schema, "inventory.Inventory"),
      tasks: asking(client, schema, "taskmanager.TaskManager"),
      log,
      refusal: async (path, request, options) => refusalOf(await client.call(path, request, options), schema),
    });
  } finally {
    client.close();
    await server.stop();
    logger.flush();
  }
}

/** Registers a test for each lane, each with a server of its own on an empty database. */
export function eachLane(
  name: string,
  body: (steward: Steward) => Promise<void>,
  { flags = [], ignore = false }: { readonly flags?: readonly string[]; readonly ignore?: boolean } = {},
): void {
  for (const lane of LANES) {
    Deno.test({
      name: `${lane} lane: ${name}`,
      ignore,
      fn: () => withDirectory((data) => withSteward(lane, data, flags, body)),
    });
  }
}

/** A new directory, gone after `use`. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "steward-" });
  try {
    return await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The unary methods of a service, called through a client. */
export function asking<S extends keyof Services>(client: TestClient, schema: Schema, service: S): Asking<S> {
  const methods = schema.services.get(service)!.methods.filter(({ kind }) => kind === "unary");
  return Object.fromEntries(
    methods.map(({ name }) => [
      name,
      (request: object, options?: CallOptions) => client.ask(`${service}/${name}`, request, options),
    ]),
  ) as unknown as Asking<S>;
}

/** The failure of a call that must have failed. */
export function refusalOf({ status }: Pick<Received, "status">, schema: Schema): Refusal {
  if (status.code === codes.OK) throw new Error("the call succeeded");
  const details = detailsOf(status, schema);
  const info = details["google.rpc.ErrorInfo"];
  if (info !== undefined) assertEquals(info.domain, "steward");
  const of = (type: string, list: string) => (details[type]?.[list] ?? []) as Record<string, string>[];
  return {
    code: codes[status.code]!,
    message: status.details,
    reason: String(info?.reason ?? ""),
    violations: of("google.rpc.BadRequest", "field_violations").map(({ field, reason }) => `${field} ${reason}`),
    preconditions: of("google.rpc.PreconditionFailure", "violations")
      .map(({ subject, description }) => `${subject}: ${description}`),
    details,
  };
}

interface ReflectedMessage {
  readonly $type?: { toObject(message: object, options: object): Record<string, unknown> };
}

/** A decoded message as a plain object with all its fields, for comparing. */
export function plain<T extends object>(message: T): T {
  const type = (message as ReflectedMessage).$type;
  return (type ? type.toObject(message, { defaults: true, longs: Number, oneofs: true }) : message) as T;
}
