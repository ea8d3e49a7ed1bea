/**
 * What a handler is, and how handlers become routes.
 *
 * Streams move in batches: an iteration step gives several messages, so that a long list costs one await a page and
 * not one a message. Batches are of any size; an empty one is allowed.
 *
 * @module
 */
import type { Method, Schema, Services } from "../schema/mod.ts";
import type { Call } from "./call.ts";

export type Batches<T> = AsyncIterable<readonly T[]>;

/** What may be given for a message of type T: what is absent takes its default. */
export type Init<T> = T extends Uint8Array | string | number | boolean | null ? T
  : T extends readonly (infer E)[] ? readonly Init<E>[]
  : { readonly [K in keyof T]?: Init<T[K]> | null | undefined };

type MaybePromise<T> = T | Promise<T>;

/** The handler of a method, by its kind. */
export type Handler<M> = M extends { kind: infer Kind; input: infer I; output: infer O }
  ? Kind extends "unary" ? (request: I, call: Call) => MaybePromise<Init<O>>
  : Kind extends "server_streaming" ? (request: I, call: Call) => MaybePromise<Batches<Init<O>>>
  : Kind extends "client_streaming" ? (requests: Batches<I>, call: Call) => MaybePromise<Init<O>>
  : (requests: Batches<I>, call: Call) => MaybePromise<Batches<Init<O>>>
  : never;

/** A handler for every method of a service. */
export type Implementation<S extends keyof Services> = { [M in keyof Services[S]]: Handler<Services[S][M]> };

/**
 * A handler with its types erased, as wires call it. The input is the promise of a message or, if the client streams,
 * Batches: reading it is part of the call, under its deadline and limits. The output is a message or Batches.
 */
export type Invoke = (call: Call, input: unknown) => Promise<unknown>;

/** Wraps what comes after it. */
export type Interceptor = (next: Invoke) => Invoke;

/** A method that can be called. */
export interface Route {
  readonly method: Method;
  readonly invoke: Invoke;
}

/** The routes of a service, before interceptors. */
export interface BoundService {
  readonly name: string;
  readonly routes: readonly Route[];
}

/** Binds a service of the contract to its implementation. */
export function bind<S extends keyof Services>(
  schema: Schema,
  name: S,
  implementation: Implementation<S>,
): BoundService {
  return bindMethods(schema, name, implementation as unknown as Record<string, Handler<never>>);
}

/** As {@linkcode bind}, for a service that is not part of the published contract. */
export function bindMethods(
  schema: Schema,
  name: string,
  handlers: Readonly<Record<string, (input: never, call: Call) => unknown>>,
): BoundService {
  const service = schema.services.get(name);
  if (!service) throw new Error(`the contract has no service ${name}`);
  const routes = service.methods.map((method): Route => {
    const handler = handlers[method.name] as ((input: unknown, call: Call) => unknown) | undefined;
    if (!handler) throw new Error(`${name} has no handler for ${method.name}`);
    // Awaiting Batches gives the Batches.
    return { method, invoke: async (call, input) => await handler(await input, call) };
  });
  return { name, routes };
}

export interface Router {
  /** By path, such as `/inventory.Inventory/GetItem`. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Where calls go that have no route: through the same interceptors, to be refused. */
  readonly unknown: Route;
}

const NO_CODEC: Method["input"] = { type: "", encode: () => new Uint8Array(), decode: () => ({}) };
/** Stands for every method that is not there. */
const UNKNOWN: Method = {
  path: "unknown",
  service: "",
  name: "",
  kind: "unary",
  input: NO_CODEC,
  output: NO_CODEC,
  sideEffectFree: false,
  comment: "",
};

/**
 * Puts interceptors around every method.
 *
 * @param interceptors The outermost first.
 */
export function createRouter(services: readonly BoundService[], interceptors: readonly Interceptor[]): Router {
  const wrap = ({ method, invoke }: Route): Route => ({
    method,
    invoke: interceptors.reduceRight((next, interceptor) => interceptor(next), invoke),
  });
  const routes = services.flatMap((service) =>
    service.routes.map((route) => [route.method.path, wrap(route)] as const)
  );
  return {
    routes: new Map(routes),
    // The input of a call that is refused rejects with the reason.
    unknown: wrap({ method: UNKNOWN, invoke: async (_call, input) => await input }),
  };
}

/** Whether the client sends a stream. */
export function clientStreams({ kind }: Method): boolean {
  return kind === "client_streaming" || kind === "bidi_streaming";
}

/** Whether the server sends a stream. */
export function serverStreams({ kind }: Method): boolean {
  return kind === "server_streaming" || kind === "bidi_streaming";
}
