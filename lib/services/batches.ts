import type { Batches } from "../rpc/mod.ts";

/** Batches with each entry turned into one message. */
export async function* mapBatches<A, B>(batches: Batches<A>, map: (entry: A) => B): Batches<B> {
  for await (const batch of batches) yield batch.map(map);
}

/** Batches with each entry turned into any number of messages. */
export async function* flatMapBatches<A, B>(batches: Batches<A>, map: (entry: A) => readonly B[]): Batches<B> {
  for await (const batch of batches) yield batch.flatMap(map);
}
