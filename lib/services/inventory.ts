/**
 * The Inventory service: check the request, call the store, answer.
 *
 * @module
 */
import { parseFilter } from "../filter/mod.ts";
import { fail, type Implementation } from "../rpc/mod.ts";
import type * as pb from "../schema/mod.ts";
import type { Item, ItemInput, ItemPatch, Store } from "../store/mod.ts";
import { flatMapBatches, mapBatches } from "./batches.ts";
import { checkMask, checkPageSize, checkParsed, checkRequestId, Checks, checkText } from "./checks.ts";
import { itemFields, movementFields } from "./filter_fields.ts";
import { importItems } from "./inventory_import.ts";
import { checkItem, checkItemValues } from "./item_checks.ts";
import { itemMessage, itemWatchMessages, movementMessage } from "./inventory_messages.ts";
import { mutationOf } from "./mutation.ts";
import { decodePageToken, encodePageToken } from "./page_token.ts";
import { itemResource } from "./errors.ts";
import { announcePosition, checkWatchPosition } from "./watch_position.ts";

const UPDATABLE = ["quantity", "price", "location", "tags", "reorder_level", "attributes"] as const;

export function inventoryService(store: Store): Implementation<"inventory.Inventory"> {
  const { items } = store;
  return {
    async AddItem(request, call) {
      const input = checkAddItem(request);
      const item = await items.add(input, mutationOf(request, call));
      return { name: item.name, status: "created", item: itemMessage(item) };
    },

    async GetItem({ name }) {
      return itemMessage(found(await items.get(checkExistingName(name)), name));
    },

    async ListItems(request, call) {
      const { prefix, where } = checkListItems(request);
      const batches = await items.scan({ prefix, where, signal: call.signal });
      return mapBatches(batches, itemMessage);
    },

    async UpdateItem(request, call) {
      const { name, patch } = checkUpdateItem(request);
      return { item: itemMessage(await items.update(name, patch, mutationOf(request, call))) };
    },

    async RemoveItem(request, call) {
      const name = checkTarget(request);
      return { item: itemMessage(await items.remove(name, mutationOf(request, call))) };
    },

    async AdjustStock(request, call) {
      const { delta, reason, reference } = checkAdjustStock(request);
      const change = { delta, reason, reference };
      const { item, movement } = await items.adjust(request.name, change, mutationOf(request, call));
      return { item: itemMessage(item), movement: movementMessage(movement) };
    },

    async ListMovements(request, call) {
      const { parameters, ...options } = checkListMovements(request);
      const { entries, next } = await items.movements({ ...options, signal: call.signal });
      return {
        movements: entries.map(movementMessage),
        next_page_token: next === null ? "" : encodePageToken(next, parameters),
      };
    },

    ImportItems: (requests, call) => importItems(items, requests, call.signal),

    async WatchItems(request, call) {
      const options = checkWatchItems(request);
      announcePosition(call, store, options);
      const events = await store.watch({ ...options, kind: "item", signal: call.signal });
      return flatMapBatches(events, itemWatchMessages);
    },
  };
}

/** The name of an item that should exist: what could never have been added is simply not found. */
function checkExistingName(name: string): string {
  const checks = new Checks();
  checkText(checks, "name", name, { least: 1, most: 200 });
  checks.done();
  return name;
}

function found(item: Item | null, name: string): Item {
  if (item === null) throw fail("ITEM_NOT_FOUND", { name }, { details: [itemResource(name)] });
  return item;
}

function checkAddItem(request: pb.AddItemRequest): ItemInput {
  const checks = new Checks();
  const input = checkItem(checks, request);
  checkRequestId(checks, request.request_id);
  checks.done();
  return input;
}

function checkListItems({ filter, prefix }: pb.ListItemsRequest) {
  const checks = new Checks();
  const where = checkParsed(checks, "filter", "INVALID_FILTER", () => parseFilter(filter, itemFields));
  checkText(checks, "prefix", prefix, { most: 200 });
  checks.done();
  return { prefix: prefix === "" ? undefined : prefix, where };
}

function checkUpdateItem({ item, update_mask, request_id }: pb.UpdateItemRequest): { name: string; patch: ItemPatch } {
  const checks = new Checks();
  checkRequestId(checks, request_id);
  const mask = checkMask(checks, update_mask, UPDATABLE);
  if (!item) {
    checks.add("item", "REQUIRED", "item is required");
    checks.done();
  }
  const given = item!;
  checkText(checks, "item.name", given.name, { least: 1, most: 200 });
  const named = mask ?? new Set(UPDATABLE.filter((field) => !isDefault(given[field])));
  const values = checkItemValues(checks, { ...NOTHING, ...chosen(given, named) }, "item.");
  checks.done();
  const all: Record<(typeof UPDATABLE)[number], ItemPatch> = {
    quantity: { quantity: values.quantity },
    price: { priceMicros: values.priceMicros },
    location: { location: values.location },
    tags: { tags: values.tags },
    reorder_level: { reorderLevel: values.reorderLevel },
    attributes: { attributes: values.attributes },
  };
  return {
    name: given.name,
    patch: Object.assign({}, ...UPDATABLE.filter((field) => named.has(field)).map((field) => all[field])),
  };
}

const NOTHING = { quantity: 0, price: 0, location: "", tags: [], reorder_level: 0, attributes: {} };

function chosen(item: pb.Item, named: ReadonlySet<string>): Partial<pb.Item> {
  return Object.fromEntries(UPDATABLE.filter((field) => named.has(field)).map((field) => [field, item[field]]));
}

function isDefault(value: pb.Item[(typeof UPDATABLE)[number]]): boolean {
  return typeof value === "object" ? Object.keys(value).length === 0 : value === 0 || value === "";
}

function checkTarget({ name, request_id }: pb.RemoveItemRequest): string {
  const checks = new Checks();
  checkText(checks, "name", name, { least: 1, most: 200 });
  checkRequestId(checks, request_id);
  checks.done();
  return name;
}

function checkAdjustStock(request: pb.AdjustStockRequest): pb.AdjustStockRequest {
  const checks = new Checks();
  checkText(checks, "name", request.name, { least: 1, most: 200 });
  if (request.delta === 0) checks.add("delta", "REQUIRED", "delta must not be zero");
  checkText(checks, "reason", request.reason, { most: 200 });
  checkText(checks, "reference", request.reference, { most: 200 });
  checkRequestId(checks, request.request_id);
  checks.done();
  return request;
}

function checkListMovements({ name, page_size, page_token, filter }: pb.ListMovementsRequest) {
  const checks = new Checks();
  checkText(checks, "name", name, { most: 200 });
  const limit = checkPageSize(checks, page_size);
  const where = checkParsed(checks, "filter", "INVALID_FILTER", () => parseFilter(filter, movementFields));
  const parameters = { method: "ListMovements", name, filter };
  const after = page_token === ""
    ? undefined
    : checkParsed(checks, "page_token", "INVALID_PAGE_TOKEN", () =>
      decodePageToken(page_token, parameters, isMovementId));
  checks.done();
  return { item: name === "" ? undefined : name, limit, where, after, parameters };
}

function isMovementId(cursor: unknown): cursor is number {
  return Number.isSafeInteger(cursor);
}

function checkWatchItems(request: pb.WatchItemsRequest) {
  const checks = new Checks();
  const position = checkWatchPosition(checks, request);
  const { filter, prefix } = request;
  const matches = checkParsed(checks, "filter", "INVALID_FILTER", () => parseFilter(filter, itemFields));
  checkText(checks, "prefix", prefix, { most: 200 });
  checks.done();
  const where = prefix === ""
    ? matches
    : (item: Item) => item.name.startsWith(prefix) && (matches === undefined || matches(item));
  return { ...position, where };
}
