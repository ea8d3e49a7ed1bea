/**
 * Items and movements of the store as messages of the contract.
 *
 * @module
 */
import type { Init } from "../rpc/mod.ts";
import { ItemEventType } from "../schema/mod.ts";
import type * as pb from "../schema/mod.ts";
import type { Change, Item, Movement, WatchEvent } from "../store/mod.ts";
import { SharedMessages } from "./batches.ts";
import { etagOf } from "./mutation.ts";
import { timestamp } from "./times.ts";

/** Item, GetItemResponse and ListItemsResponse have the same fields. */
export function itemMessage(item: Item): Init<pb.Item> {
  return {
    name: item.name,
    quantity: item.quantity,
    price: item.priceMicros / 1_000_000,
    location: item.location,
    tags: item.tags,
    reorder_level: item.reorderLevel,
    attributes: item.attributes,
    created_at: timestamp(item.createdAt),
    updated_at: timestamp(item.updatedAt),
    etag: etagOf(item.revision),
    revision: item.revision,
  };
}

export function movementMessage(movement: Movement): Init<pb.Movement> {
  const { id, item, delta, quantity, reason, reference, revision } = movement;
  return {
    id,
    item,
    delta,
    quantity,
    reason,
    reference,
    task_id: movement.taskId,
    created_at: timestamp(movement.createdAt),
    revision,
  };
}

/** So many of the largest events fit into one message of 4 MiB. */
const EVENTS_A_MESSAGE = 8;
const EVENT_TYPES = {
  created: ItemEventType.ITEM_EVENT_TYPE_ADDED,
  updated: ItemEventType.ITEM_EVENT_TYPE_UPDATED,
  deleted: ItemEventType.ITEM_EVENT_TYPE_REMOVED,
};

/** The messages for what a watch gives. */
export function itemWatchMessages(event: WatchEvent<"item">): readonly Init<pb.WatchItemsResponse>[] {
  switch (event.type) {
    case "progress":
      return [{ revision: event.revision }];
    case "snapshot":
      return event.entries.map((item) => ({
        events: [{ event_type: ItemEventType.ITEM_EVENT_TYPE_SNAPSHOT, item: itemMessage(item) }],
      }));
    case "changes":
      return CHANGES.of(event);
  }
}

const CHANGES = new SharedMessages(({ changes, revision }: Extract<WatchEvent<"item">, { type: "changes" }>) => {
  const messages: Init<pb.WatchItemsResponse>[] = [];
  for (let start = 0; start < changes.length; start += EVENTS_A_MESSAGE) {
    const part = changes.slice(start, start + EVENTS_A_MESSAGE);
    const last = start + part.length === changes.length;
    const time = timestamp(part[0]!.time);
    messages.push({ events: part.map(itemEvent), time, revision: last ? revision : 0 });
  }
  return messages;
});

function itemEvent({ type, before, after }: Change<"item">): Init<pb.ItemEvent> {
  return {
    event_type: EVENT_TYPES[type],
    item: itemMessage((after ?? before)!),
    previous: type === "updated" ? itemMessage(before!) : null,
  };
}
