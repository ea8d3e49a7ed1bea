/**
 * The Inventory service over the wire: the frozen contract and every promise of the comments in proto/inventory.proto.
 * Imports and watches have suites of their own.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type * as pb from "../../lib/schema/mod.ts";
import { eachLane, plain, type Steward } from "../helpers/steward.ts";

const MAX = 2147483647;
const at = "inventory.Inventory/";

async function list(steward: Steward, request: object = {}): Promise<pb.ListItemsResponse[]> {
  const { messages, status } = await steward.client.call(`${at}ListItems`, request);
  assertEquals(status.code, 0, status.details);
  return messages as unknown as pb.ListItemsResponse[];
}

const names = (items: readonly { name: string }[]) => items.map(({ name }) => name);

/** `reason delta -> quantity` of all movements of an item, the oldest first. */
async function ledger({ inventory }: Steward, name: string): Promise<string[]> {
  const { movements } = await inventory.ListMovements({ name });
  return movements.map(({ reason, delta, quantity }) => `${reason} ${delta} -> ${quantity}`).reverse();
}

eachLane("an item is added, read and listed with what the first contract has", async (steward) => {
  const { inventory } = steward;
  const added = await inventory.AddItem({ name: "Widget", quantity: 100, price: 9.99 });
  assertEquals([added.name, added.status], ["Widget", "created"]);
  const read = await inventory.GetItem({ name: "Widget" });
  assertEquals([read.name, read.quantity, read.price], ["Widget", 100, 9.99]);
  await inventory.AddItem({ name: "Gadget", quantity: 0, price: 0 });
  assertEquals((await list(steward)).map(({ name, quantity, price }) => [name, quantity, price]), [
    ["Gadget", 0, 0],
    ["Widget", 100, 9.99],
  ]);
});

eachLane("a second item of a name is ALREADY_EXISTS and changes nothing", async ({ inventory, refusal }) => {
  const { item } = await inventory.AddItem({ name: "Widget", quantity: 1 });
  const { code, message, reason, details } = await refusal(`${at}AddItem`, { name: "Widget", quantity: 2 });
  assertEquals([code, message, reason], ["ALREADY_EXISTS", "item 'Widget' already exists", "ITEM_EXISTS"]);
  assertEquals(details["google.rpc.ResourceInfo"]!.resource_name, "Widget");
  assertEquals(plain((await inventory.GetItem({ name: "Widget" })) as pb.Item), plain(item!));
});

eachLane("a missing item is NOT_FOUND by every method that takes a name", async ({ refusal }) => {
  for (
    const [method, request] of [
      ["GetItem", { name: "X" }],
      ["UpdateItem", { item: { name: "X", quantity: 1 } }],
      ["RemoveItem", { name: "X" }],
      ["AdjustStock", { name: "X", delta: 1 }],
    ] as const
  ) {
    const { code, message, reason } = await refusal(at + method, request);
    assertEquals([code, message, reason], ["NOT_FOUND", "item 'X' not found", "ITEM_NOT_FOUND"], method);
  }
});

eachLane("every field of an item comes back as it was given", async ({ inventory }) => {
  const given = {
    name: "Hex bolt M6×20 🔩",
    quantity: MAX,
    price: 9007199254,
    location: "Shelf B3",
    tags: ["fastener", "metric"],
    reorder_level: MAX,
    attributes: { material: "Steel 8.8", note: "line one\nline two\ttabbed", empty: "", toString: "a name like any" },
  };
  const before = Date.now();
  const { item } = await inventory.AddItem(given);
  const { created_at, updated_at, etag, revision, ...fields } = plain(item!);
  assertEquals(fields, given);
  assertEquals(updated_at, created_at);
  assert(Math.abs(created_at!.seconds * 1000 - before) < 60_000);
  assertEquals(revision, 1);
  assertNotEquals(etag, "");
  assertEquals(plain(await inventory.GetItem({ name: given.name })) as pb.Item, plain(item!));
});

eachLane("prices are exact decimals", async ({ inventory, refusal }) => {
  for (const price of [0, 0.000001, 0.01, 0.1, 0.3, 9.99, 19.95, 1234567.891234, 9007199253.5, 9007199254]) {
    await inventory.AddItem({ name: `at ${price}`, price });
    assertEquals((await inventory.GetItem({ name: `at ${price}` })).price, price);
  }
  for (
    const [price, problem] of [
      [NaN, "NOT_FINITE"],
      [Infinity, "NOT_FINITE"],
      [-Infinity, "NOT_FINITE"],
      [-0.01, "OUT_OF_RANGE"],
      [9007199254.5, "OUT_OF_RANGE"],
      [1e-7, "TOO_PRECISE"],
      [0.1234567, "TOO_PRECISE"],
    ] as const
  ) assertEquals((await refusal(`${at}AddItem`, { name: "x", price })).violations, [`price ${problem}`], `${price}`);
});

/** Fields of an item at their bounds and one above, with how the latter is refused. */
const BOUNDS: [field: string, most: unknown, beyond: unknown, violation: string][] = [
  ["name", "🔩".repeat(200), "🔩".repeat(201), "name TOO_LONG"],
  ["quantity", MAX, -1, "quantity OUT_OF_RANGE"],
  ["price", 9007199254, 9007199255, "price OUT_OF_RANGE"],
  ["location", "é".repeat(200), "é".repeat(201), "location TOO_LONG"],
  ["tags", Array.from({ length: 50 }, (_, n) => `${n}`), Array.from({ length: 51 }, (_, n) => `${n}`), "tags TOO_MANY"],
  ["tags", ["t".repeat(100)], ["t".repeat(101)], "tags[0] TOO_LONG"],
  ["tags", ["a"], [""], "tags[0] REQUIRED"],
  ["tags", ["a", "A"], ["a", "a"], "tags[1] DUPLICATE"],
  ["reorder_level", MAX, -1, "reorder_level OUT_OF_RANGE"],
  ["attributes", entries(50), entries(51), "attributes TOO_MANY"],
  ["attributes", { ["k".repeat(100)]: "" }, { ["k".repeat(101)]: "" }, /^attributes\["k+\S* TOO_LONG$/],
  ["attributes", { k: "v".repeat(1000) }, { k: "v".repeat(1001) }, 'attributes["k"] TOO_LONG'],
  ["attributes", { k: "" }, { "": "v" }, 'attributes[""] REQUIRED'],
].map(([field, most, beyond, violation]) => [field, most, beyond, violation] as never);

function entries(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`key ${n}`, `${n}`]));
}

eachLane("each field of an item is taken at its bound and refused above it", async ({ inventory, refusal }) => {
  for (const [index, [field, most, beyond, violation]] of BOUNDS.entries()) {
    const base = { name: `bound ${index}` };
    const { item } = await inventory.AddItem({ ...base, [field]: most });
    assertEquals(plain(item!)[field as keyof pb.Item], most as never);
    const { code, reason, violations } = await refusal(`${at}AddItem`, { ...base, [field]: beyond });
    assertEquals([code, reason, violations.length], ["INVALID_ARGUMENT", "INVALID_REQUEST", 1], field);
    if (typeof violation === "string") assertEquals(violations, [violation]);
    else assertMatch(violations[0]!, violation);
  }
});

eachLane("names have no control characters and no spaces around them", async ({ refusal }) => {
  for (
    const [name, violation] of [
      ["", "REQUIRED"],
      ["a\nb", "CONTROL_CHARACTER"],
      ["a\u0000", "CONTROL_CHARACTER"],
      ["a\u009bb", "CONTROL_CHARACTER"],
      [" a", "SURROUNDING_SPACE"],
      ["a\u00a0", "SURROUNDING_SPACE"],
    ]
  ) {
    assertEquals(
      (await refusal(`${at}AddItem`, { name })).violations,
      [`name ${violation}`],
      JSON.stringify(name),
    );
  }
});

eachLane("every wrong field is named at once", async ({ refusal }) => {
  const { code, message, violations } = await refusal(`${at}AddItem`, {
    name: "",
    quantity: -1,
    price: NaN,
    location: "x".repeat(201),
    tags: ["", "b\u0007"],
    reorder_level: -5,
    attributes: { a: "x".repeat(1001) },
    request_id: "r".repeat(101),
  });
  assertEquals(code, "INVALID_ARGUMENT");
  assertEquals(message, "name is required (and 8 more)");
  assertEquals(violations, [
    "name REQUIRED",
    "quantity OUT_OF_RANGE",
    "price NOT_FINITE",
    "location TOO_LONG",
    "tags[0] REQUIRED",
    "tags[1] CONTROL_CHARACTER",
    "reorder_level OUT_OF_RANGE",
    'attributes["a"] TOO_LONG',
    "request_id TOO_LONG",
  ]);
});

eachLane("a list is in the order of code points, with its filter and its prefix", async (steward) => {
  const all = ["Zebra", "a", "ab", "b", "é", "\uffee", "🔩"];
  for (const [quantity, name] of all.entries()) {
    await steward.inventory.AddItem({ name, quantity, tags: quantity % 2 === 0 ? ["even"] : [] });
  }
  assertEquals(names(await list(steward)), all);
  assertEquals(names(await list(steward, { prefix: "a" })), ["a", "ab"]);
  assertEquals(names(await list(steward, { prefix: "A" })), []);
  assertEquals(names(await list(steward, { filter: "quantity > 3 AND tags:even" })), ["é", "🔩"]);
  assertEquals(names(await list(steward, { filter: "tags:even", prefix: "a" })), ["ab"]);
});

eachLane("a filter that cannot be used is refused with the place", async ({ refusal }) => {
  for (
    const [filter, message] of [
      ["quantity >", /^filter: column 11: /],
      ["quantit > 1", /^filter: column 1: unknown field 'quantit'; did you mean 'quantity'\?/],
      ["quantity < 10 AND tags = a", /^filter: column 24: tags is a list/],
      ["(quantity < 10", /^filter: column /],
    ] as const
  ) {
    const refused = await refusal(`${at}ListItems`, { filter });
    assertEquals([refused.code, refused.violations], ["INVALID_ARGUMENT", ["filter INVALID_FILTER"]]);
    assertMatch(refused.message, message);
  }
  assertEquals((await refusal(`${at}ListItems`, { prefix: "x".repeat(201) })).violations, ["prefix TOO_LONG"]);
});

eachLane("a list shows one state, whatever is written while it runs", async (steward) => {
  const { inventory, client } = steward;
  const rows = Array.from({ length: 3000 }, (_, n) => ({ item: { name: `item ${10_000 + n}`, quantity: n } }));
  await client.call(`${at}ImportItems`, { rows });
  const call = client.open(`${at}ListItems`);
  call.send({});
  call.finish();
  await call.headers;
  await inventory.AddItem({ name: "item 99999" });
  await inventory.RemoveItem({ name: "item 12999" });
  await inventory.AdjustStock({ name: "item 12998", delta: 1 });
  const { messages, status } = await call.received;
  assertEquals([status.code, messages.length], [0, 3000]);
  assertEquals([messages[2998]!.quantity, messages[2999]!.name], [2998, "item 12999"]);
  assertEquals((await list(steward)).length, 3000);
});

eachLane("an update sets what its mask names and nothing else", async ({ inventory }) => {
  const first = (await inventory.AddItem({
    name: "Widget",
    quantity: 5,
    price: 1,
    location: "A",
    tags: ["t"],
    reorder_level: 2,
    attributes: { k: "v" },
  })).item!;
  const values = {
    quantity: 7,
    price: 2.5,
    location: "B",
    tags: ["u", "v"],
    reorder_level: 3,
    attributes: { l: "w" },
  };
  let last = plain(first);
  for (const [field, value] of Object.entries(values)) {
    const { item } = await inventory.UpdateItem({
      item: { name: "Widget", ...values, quantity: 7 },
      update_mask: { paths: [field] },
    });
    const { updated_at, etag, revision, ...rest } = plain(item!);
    assertEquals(rest as unknown, { ...withoutState(last), [field]: value });
    assert(revision > last.revision && etag !== last.etag && updated_at !== null);
    last = plain(item!);
  }
  assertEquals(last.created_at, plain(first).created_at);
});

function withoutState({ updated_at: _updated, etag: _etag, revision: _revision, ...rest }: pb.Item) {
  return rest;
}

eachLane("an update without a mask sets what is not at its default", async ({ inventory }) => {
  await inventory.AddItem({ name: "Widget", quantity: 5, price: 1, tags: ["t"], attributes: { k: "v" } });
  const { item } = await inventory.UpdateItem({ item: { name: "Widget", price: 2, location: "B" } });
  assertEquals([item!.quantity, item!.price, item!.location], [5, 2, "B"]);
  assertEquals([[...item!.tags], { ...item!.attributes }], [["t"], { k: "v" }]);
});

eachLane("a mask clears fields, and * sets all of them", async ({ inventory }) => {
  await inventory.AddItem({
    name: "Widget",
    quantity: 5,
    price: 1,
    location: "A",
    tags: ["t"],
    attributes: { k: "v" },
  });
  const cleared = await inventory.UpdateItem({
    item: { name: "Widget" },
    update_mask: { paths: ["tags", "quantity"] },
  });
  assertEquals([cleared.item!.tags.length, cleared.item!.quantity, cleared.item!.price], [0, 0, 1]);
  const all = await inventory.UpdateItem({ item: { name: "Widget", price: 3 }, update_mask: { paths: ["*"] } });
  const { name, quantity, price, location, attributes } = plain(all.item!);
  assertEquals({ name, quantity, price, location, attributes }, {
    name: "Widget",
    quantity: 0,
    price: 3,
    location: "",
    attributes: {},
  });
});

eachLane("an update checks what it sets, by path, and ignores the rest", async ({ inventory, refusal }) => {
  await inventory.AddItem({ name: "Widget", quantity: 5 });
  const item = { name: "Widget", quantity: -1, price: NaN, location: "new" };
  const { violations } = await refusal(`${at}UpdateItem`, { item });
  assertEquals(violations, ["item.quantity OUT_OF_RANGE", "item.price NOT_FINITE"]);
  const updated = await inventory.UpdateItem({ item, update_mask: { paths: ["location"] } });
  assertEquals([updated.item!.quantity, updated.item!.location], [5, "new"]);
});

eachLane("a mask with an unknown path, a name that is missing and no item at all are refused", async ({ refusal }) => {
  const masked = async (...paths: string[]) =>
    (await refusal(`${at}UpdateItem`, { item: { name: "W" }, update_mask: { paths } })).violations;
  for (const path of ["name", "etag", "created_at", "item.price", "Price", ""]) {
    assertEquals(await masked("price", path), ["update_mask UNKNOWN_FIELD"], path);
  }
  assertEquals(await masked("*", "price"), ["update_mask MIXED_WILDCARD"]);
  assertEquals((await refusal(`${at}UpdateItem`, {})).violations, ["item REQUIRED"]);
  assertEquals((await refusal(`${at}UpdateItem`, { item: { price: 1 } })).violations, ["item.name REQUIRED"]);
});

eachLane("an update that changes nothing keeps the etag", async ({ inventory }) => {
  const { item } = await inventory.AddItem({ name: "Widget", quantity: 5 });
  const same = await inventory.UpdateItem({ item: { name: "Widget", quantity: 5 } });
  assertEquals(plain(same.item!), plain(item!));
});

eachLane("an etag that was never given out matches nothing", async ({ inventory, refusal }) => {
  const { item } = await inventory.AddItem({ name: "Widget" });
  for (const etag of [`0${item!.etag}`, `${item!.etag} `, `+${item!.etag}`, "NaN", "nan", "-1", "zzzzzzzzzzzzzzz"]) {
    const { code } = await refusal(`${at}RemoveItem`, { name: "Widget", etag });
    assertEquals(code, "ABORTED", etag);
  }
});

eachLane("an etag lets exactly one of two changes through", async ({ inventory, refusal }) => {
  const { item } = await inventory.AddItem({ name: "Widget", quantity: 5 });
  const { etag } = item!;
  const { item: updated } = await inventory.UpdateItem({ item: { name: "Widget", quantity: 6 }, etag });
  for (
    const [method, request] of [
      ["UpdateItem", { item: { name: "Widget", quantity: 7 }, etag }],
      ["AdjustStock", { name: "Widget", delta: 1, etag }],
      ["RemoveItem", { name: "Widget", etag }],
      ["RemoveItem", { name: "Widget", etag: "no such etag" }],
    ] as const
  ) {
    const { code, reason, message } = await refusal(at + method, request);
    assertEquals([code, reason], ["ABORTED", "ETAG_MISMATCH"], method);
    assertMatch(message, /^item 'Widget' was changed by somebody else/);
  }
  const adjusted = await inventory.AdjustStock({ name: "Widget", delta: 1, etag: updated!.etag });
  await inventory.RemoveItem({ name: "Widget", etag: adjusted.item!.etag });
});

eachLane("an item is removed and answered as it last was; its ledger stays", async (steward) => {
  const { inventory, refusal } = steward;
  const { item } = await inventory.AddItem({ name: "Widget", quantity: 5 });
  assertEquals(plain((await inventory.RemoveItem({ name: "Widget" })).item!), plain(item!));
  assertEquals((await refusal(`${at}GetItem`, { name: "Widget" })).code, "NOT_FOUND");
  await inventory.AddItem({ name: "Widget", quantity: 2 });
  assertEquals(await ledger(steward, "Widget"), ["added 5 -> 5", "removed -5 -> 0", "added 2 -> 2"]);
});

eachLane("stock is adjusted up and down and each movement tells why", async ({ inventory }) => {
  await inventory.AddItem({ name: "Widget", quantity: 5 });
  const up = await inventory.AdjustStock({ name: "Widget", delta: 10, reason: "delivery", reference: "PO-7" });
  assertEquals(up.item!.quantity, 15);
  const { id, created_at, revision, ...movement } = plain(up.movement!);
  assertEquals(movement, {
    item: "Widget",
    delta: 10,
    quantity: 15,
    reason: "delivery",
    reference: "PO-7",
    task_id: "",
  });
  assertEquals([id, revision], [2, up.item!.revision]);
  assert(created_at !== null);
  const down = await inventory.AdjustStock({ name: "Widget", delta: -15 });
  assertEquals([down.item!.quantity, down.movement!.delta, down.movement!.id], [0, -15, 3]);
});

eachLane("stock goes neither below zero nor above an int32, and nothing changes then", async (steward) => {
  const { inventory, refusal } = steward;
  await inventory.AddItem({ name: "Widget", quantity: 5 });
  const short = await refusal(`${at}AdjustStock`, { name: "Widget", delta: -6 });
  assertEquals([short.code, short.reason], ["FAILED_PRECONDITION", "STOCK_SHORT"]);
  assertEquals(short.message, "not enough in stock: 'Widget' needs 6, has 5");
  assertEquals(short.preconditions, ["Widget: needs 6, has 5"]);
  const over = await refusal(`${at}AdjustStock`, { name: "Widget", delta: MAX - 4 });
  assertEquals([over.code, over.reason], ["FAILED_PRECONDITION", "STOCK_OVERFLOW"]);
  assertEquals((await inventory.GetItem({ name: "Widget" })).revision, 1);
  assertEquals((await inventory.AdjustStock({ name: "Widget", delta: MAX - 5 })).item!.quantity, MAX);
  assertEquals((await ledger(steward, "Widget")).length, 2);
});

eachLane("an adjustment is checked whole", async ({ refusal }) => {
  const { violations } = await refusal(`${at}AdjustStock`, {
    name: "",
    delta: 0,
    reason: "r".repeat(201),
    reference: "a\nb",
    request_id: "\u0001",
  });
  assertEquals(violations, [
    "name REQUIRED",
    "delta REQUIRED",
    "reason TOO_LONG",
    "reference CONTROL_CHARACTER",
    "request_id CONTROL_CHARACTER",
  ]);
});

eachLane("an update of the quantity is a movement, other updates are none", async (steward) => {
  const { inventory } = steward;
  await inventory.AddItem({ name: "Widget" });
  await inventory.UpdateItem({ item: { name: "Widget", price: 2 } });
  await inventory.UpdateItem({ item: { name: "Widget", quantity: 4 } });
  assertEquals(await ledger(steward, "Widget"), ["updated 4 -> 4"]);
});

eachLane("the ledger is paged from the newest, each movement once", async ({ inventory }) => {
  await inventory.AddItem({ name: "A", quantity: 1 });
  await inventory.AddItem({ name: "B", quantity: 1 });
  for (let n = 0; n < 20; n++) await inventory.AdjustStock({ name: n % 2 ? "A" : "B", delta: n + 1, reason: `n${n}` });
  const ids: number[] = [];
  let token = "";
  let pages = 0;
  do {
    // The page size may change from page to page.
    const page = await inventory.ListMovements({ page_size: 4 + pages++ % 2, page_token: token });
    ids.push(...page.movements.map(({ id }) => id));
    token = page.next_page_token;
    // What comes later stands before all pages and disturbs none.
    await inventory.AdjustStock({ name: "A", delta: 1 });
  } while (token !== "");
  assertEquals(ids, Array.from({ length: 22 }, (_, n) => 22 - n));
  const ofB = await inventory.ListMovements({ name: "B", filter: "delta > 10" });
  assertEquals(ofB.movements.map(({ delta }) => delta), [19, 17, 15, 13, 11]);
  assertEquals(ofB.next_page_token, "");
  assertEquals((await inventory.ListMovements({ name: "never there" })).movements.length, 0);
});

eachLane("a page has 100 entries by default and never more than 1000", async ({ inventory, client, refusal }) => {
  const rows = Array.from({ length: 1001 }, (_, n) => ({ item: { name: `${n}`, quantity: 1 } }));
  await client.call(`${at}ImportItems`, { rows });
  assertEquals((await inventory.ListMovements({})).movements.length, 100);
  for (const page_size of [1000, 1001, MAX]) {
    const { movements, next_page_token } = await inventory.ListMovements({ page_size });
    assertEquals(movements.length, 1000);
    assertEquals((await inventory.ListMovements({ page_size, page_token: next_page_token })).movements.length, 1);
  }
  assertEquals((await refusal(`${at}ListMovements`, { page_size: -1 })).violations, ["page_size OUT_OF_RANGE"]);
});

eachLane("a page token is refused when mangled or given to another list", async ({ inventory, tasks, refusal }) => {
  for (const name of ["A", "B", "C"]) await inventory.AddItem({ name, quantity: 1 });
  for (const title of ["a", "b"]) await tasks.CreateTask({ title });
  const { next_page_token: token } = await inventory.ListMovements({ page_size: 1, filter: "delta > 0" });
  const other = (await tasks.ListTasks({ page_size: 1 })).next_page_token;
  for (
    const request of [
      { page_token: "nonsense", filter: "delta > 0" },
      { page_token: token.slice(0, -1), filter: "delta > 0" },
      { page_token: token },
      { page_token: token, filter: "delta > 1" },
      { page_token: token, filter: "delta > 0", name: "A" },
      { page_token: other },
    ]
  ) {
    const { code, violations } = await refusal(`${at}ListMovements`, request);
    assertEquals([code, violations], ["INVALID_ARGUMENT", ["page_token INVALID_PAGE_TOKEN"]]);
  }
  const next = await inventory.ListMovements({ page_token: token, filter: "delta > 0", page_size: 1 });
  assertEquals(next.movements.map(({ item }) => item), ["B"]);
});

eachLane("a request id makes each kind of change happen once", async ({ inventory, refusal }) => {
  const added = await inventory.AddItem({ name: "Widget", quantity: 5, request_id: "1" });
  assertEquals(plain(await inventory.AddItem({ name: "Widget", quantity: 5, request_id: "1" })), plain(added));
  const adjusted = await inventory.AdjustStock({ name: "Widget", delta: 2, request_id: "2" });
  assertEquals(plain(await inventory.AdjustStock({ name: "Widget", delta: 2, request_id: "2" })), plain(adjusted));
  const update = { item: { name: "Widget", price: 3 }, etag: adjusted.item!.etag, request_id: "3" };
  const updated = await inventory.UpdateItem(update);
  assertEquals(plain(await inventory.UpdateItem(update)), plain(updated));
  assertEquals((await inventory.GetItem({ name: "Widget" })).quantity, 7);
  const removed = await inventory.RemoveItem({ name: "Widget", request_id: "4" });
  assertEquals(plain(await inventory.RemoveItem({ name: "Widget", request_id: "4" })), plain(removed));
  assertEquals((await refusal(`${at}RemoveItem`, { name: "Widget" })).code, "NOT_FOUND");
});

eachLane("a request id is refused for another request or another method", async ({ inventory, refusal }) => {
  await inventory.AddItem({ name: "Widget", quantity: 5, request_id: "id" });
  for (
    const [method, request] of [
      ["AddItem", { name: "Widget", quantity: 6, request_id: "id" }],
      ["AddItem", { name: "Other", quantity: 5, request_id: "id" }],
      ["AdjustStock", { name: "Widget", delta: 1, request_id: "id" }],
      ["RemoveItem", { name: "Widget", request_id: "id" }],
    ] as const
  ) {
    const { code, reason, message } = await refusal(at + method, request);
    assertEquals([code, reason], ["INVALID_ARGUMENT", "REQUEST_ID_REUSED"], method);
    assertEquals(message, "request_id 'id' was used for another request");
  }
  assertEquals((await inventory.GetItem({ name: "Widget" })).revision, 1);
});

eachLane("a request that failed is not remembered by its id", async ({ inventory, refusal }) => {
  const take = { name: "Widget", delta: -3, request_id: "take" };
  await inventory.AddItem({ name: "Widget", quantity: 2 });
  assertEquals((await refusal(`${at}AdjustStock`, take)).code, "FAILED_PRECONDITION");
  await inventory.AdjustStock({ name: "Widget", delta: 1 });
  assertEquals((await inventory.AdjustStock(take)).item!.quantity, 0);
});

eachLane("a retry is the same request in whatever order a client writes its map", async ({ inventory }) => {
  const request = (attributes: Record<string, string>) => ({ name: "Widget", attributes, request_id: "map" });
  const first = await inventory.AddItem(request({ a: "1", b: "2", c: "3" }));
  assertEquals(plain(await inventory.AddItem(request({ c: "3", a: "1", b: "2" }))), plain(first));
});

eachLane("a refusal fits into the trailers that any client takes, however much is wrong", async (steward) => {
  const { inventory, refusal } = steward;
  const long = "🔩".repeat(3000);
  const worst = {
    item: {
      name: long,
      tags: Array.from({ length: 50 }, (_, n) => `${n}${long}`),
      attributes: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}${long}`, ""])),
    },
    update_mask: { paths: Array.from({ length: 100 }, (_, n) => `path ${n} ${long}`) },
  };
  const { code, violations, details } = await refusal(`${at}UpdateItem`, worst);
  assertEquals(code, "INVALID_ARGUMENT");
  assert(violations.length >= 5, `${violations.length} violations`);
  assert(JSON.stringify(details).length < 8192);
  assertEquals((await refusal("grpc.health.v1.Health/Check", { service: long.repeat(10) })).code, "NOT_FOUND");
  assertEquals((await inventory.ListMovements({})).movements.length, 0);
});
