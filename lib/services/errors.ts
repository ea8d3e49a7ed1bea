/**
 * What the store's errors are to a caller.
 *
 * @module
 */
import { type Detail, type Facts, fail, type RpcError } from "../rpc/mod.ts";
import { StoreError, type StoreFailures, type StoreReason } from "../store/mod.ts";

/** The catalogue answers every reason of the store from the store's own facts: checked by the compiler. */
type Answered = { [R in StoreReason]: StoreFailures[R] extends Facts<R> ? R : never };

/** How long a caller should wait before it tries again. */
const RETRY_MS: Partial<Record<StoreReason, number>> = {
  WRITE_QUEUE_FULL: 100,
  TOO_MANY_SNAPSHOTS: 1000,
  STORAGE_FULL: 5000,
  STORAGE_UNAVAILABLE: 1000,
};

/** The answer to an error of the store; undefined for any other. */
export function translateStoreError(error: unknown): RpcError | undefined {
  if (!(error instanceof StoreError)) return undefined;
  const reason: Answered[StoreReason] = error.reason;
  return fail(reason, error.facts as Facts<typeof reason>, { details: detailsOf(error), cause: error });
}

function detailsOf(error: StoreError): Detail[] {
  const retryMs = RETRY_MS[error.reason];
  if (retryMs !== undefined) {
    const retry_delay = { seconds: Math.floor(retryMs / 1000), nanos: retryMs % 1000 * 1_000_000 };
    return [{ type: "google.rpc.RetryInfo", value: { retry_delay } }];
  }
  if (is(error, "ITEM_NOT_FOUND") || is(error, "ITEM_EXISTS")) return [itemResource(error.facts.name)];
  if (is(error, "TASK_NOT_FOUND")) return [taskResource(error.facts.id)];
  if (is(error, "STOCK_SHORT")) {
    return precondition(error.reason, error.facts.items, ({ name, wanted, available }) => [
      name,
      available === null ? `needs ${wanted}, not in the inventory` : `needs ${wanted}, has ${available}`,
    ]);
  }
  if (is(error, "STOCK_OVERFLOW")) {
    return precondition(error.reason, error.facts.items, ({ name, delta, available }) => [
      name,
      `has ${available}, cannot take ${delta} more`,
    ]);
  }
  if (is(error, "MATERIAL_GONE")) {
    return precondition(error.reason, error.facts.names, (name) => [name, "not in the inventory"]);
  }
  if (is(error, "TASK_DONE")) return precondition(error.reason, [error.facts.id], (id) => [id, "the task is done"]);
  return [];
}

function is<R extends StoreReason>(error: StoreError, reason: R): error is StoreError<R> {
  return error.reason === reason;
}

/** Names the item that an error is about. */
export function itemResource(name: string): Detail {
  return resource("inventory.Item", name);
}

/** Names the task that an error is about. */
export function taskResource(id: string): Detail {
  return resource("taskmanager.Task", id);
}

function resource(resource_type: string, resource_name: string): Detail {
  return { type: "google.rpc.ResourceInfo", value: { resource_type, resource_name } };
}

function precondition<T>(
  type: StoreReason,
  things: readonly T[],
  describe: (thing: T) => [subject: string, description: string],
): Detail[] {
  const violations = things.map((thing) => {
    const [subject, description] = describe(thing);
    return { type, subject, description };
  });
  return [{ type: "google.rpc.PreconditionFailure", value: { violations } }];
}
