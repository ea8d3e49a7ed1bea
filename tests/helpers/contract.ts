/**
 * The contract, as the client loads it.
 *
 * @module
 */
import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import { type Contract, loadContract } from "../../lib/cli/contract.ts";
import { ROOT } from "./process.ts";

let loaded: Contract | undefined;

export function contract(): Contract {
  return loaded ??= loadContract(`${ROOT}proto`);
}

/** The method of a full name such as `inventory.Inventory/GetItem`. */
export function method(path: string): DescMethod {
  const [service = "", name] = path.split("/");
  const found = contract().registry.getService(service)?.methods.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no method ${path}`);
  return found;
}

export function message(name: string): DescMessage {
  const found = contract().registry.getMessage(name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
}
