/**
 * Calls without a wire, for suites of what stands around handlers.
 *
 * @module
 */
import { Call, type CallOrigin, Metadata } from "../../lib/rpc/mod.ts";
import type { Method } from "../../lib/schema/mod.ts";
import { contractSchema } from "./steward.ts";

/** A method of each kind. */
export const UNARY = "inventory.Inventory/GetItem";
export const SERVER_STREAM = "inventory.Inventory/ListItems";
export const CLIENT_STREAM = "inventory.Inventory/ImportItems";
export const BIDI = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
export const KINDS = [UNARY, SERVER_STREAM, CLIENT_STREAM, BIDI] as const;

export function methodOf(path: string): Method {
  const [service, name] = path.split("/") as [string, string];
  return contractSchema().services.get(service)!.methods.find((method) => method.name === name)!;
}

export function newCall(
  path: string = UNARY,
  { metadata = {}, ...origin }: Partial<Omit<CallOrigin, "method" | "metadata">> & {
    readonly metadata?: Readonly<Record<string, string>>;
  } = {},
): Call {
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.add(name, value);
  return new Call({ method: methodOf(path), peer: "127.0.0.1:1234", metadata: () => sent, ...origin });
}

/** Batches of one message each. */
export async function* batchesOf<T>(...messages: readonly T[]): AsyncGenerator<readonly T[]> {
  for (const message of messages) yield [message];
}

/** All messages of batches. */
export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}
