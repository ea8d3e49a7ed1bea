/**
 * Checks of the fields of an item.
 *
 * @module
 */
import type * as pb from "../schema/mod.ts";
import type { ItemInput, ItemPatch } from "../store/mod.ts";
import { checkAttributes, checkName, checkPrice, checkQuantity, type Checks, checkTags, checkText } from "./checks.ts";

type ItemFields = Pick<
  pb.Item,
  "name" | "quantity" | "price" | "location" | "tags" | "reorder_level" | "attributes"
>;

/** Every field of an item that a caller decides. */
export function checkItem(checks: Checks, item: ItemFields, prefix = ""): ItemInput {
  checkName(checks, `${prefix}name`, item.name);
  return { name: item.name, ...checkItemValues(checks, item, prefix) };
}

/** As {@linkcode checkItem}, without the name. */
export function checkItemValues(
  checks: Checks,
  item: Omit<ItemFields, "name">,
  prefix: string,
): Required<ItemPatch> {
  checkQuantity(checks, `${prefix}quantity`, item.quantity);
  const priceMicros = checkPrice(checks, `${prefix}price`, item.price);
  checkText(checks, `${prefix}location`, item.location, { most: 200 });
  checkTags(checks, `${prefix}tags`, item.tags);
  checkQuantity(checks, `${prefix}reorder_level`, item.reorder_level);
  checkAttributes(checks, `${prefix}attributes`, item.attributes);
  const { quantity, location, tags, reorder_level: reorderLevel, attributes } = item;
  return { quantity, priceMicros, location, tags, reorderLevel, attributes };
}
