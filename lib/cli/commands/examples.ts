/**
 * Examples of the commands that come from the contract.
 *
 * @module
 */
import { fieldFlags, positionalFlag } from "../flags/fields.ts";
import type { Flag } from "../flags/parse.ts";
import type { Group, MethodCommand } from "../groups.ts";

/** Better than what can be derived. A test parses each of them with the flags of its command. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "inventory add": [
    "inventory add Widget --quantity 100 --price 9.99",
    "inventory add 'M4 screw' --quantity 500 --price 0.04 --location 'Shelf B3' --tags fastener,metric",
    "inventory add Bearing --quantity 8 --price 3.5 --attributes maker=SKF --attributes size=608",
  ],
  "inventory get": ["inventory get Widget", "inventory get Widget -o json"],
  "inventory list": [
    "inventory list",
    "inventory list --filter 'quantity < 10 AND tags:fastener'",
    "inventory list --prefix M4 -o jsonl",
  ],
  "inventory update": [
    "inventory update Widget --price 10.49",
    "inventory update Widget --tags '' --location 'Shelf A1'",
  ],
  "inventory remove": ["inventory remove Widget"],
  "inventory adjust": ["inventory adjust Widget --delta -5 --reason sold --reference 'order 117'"],
  "inventory list-movements": [
    "inventory list-movements Widget",
    "inventory list-movements --filter 'delta < 0' --all",
  ],
  "inventory import-items": [
    `inventory import-items -d '{"rows":[{"line":1,"item":{"name":"Nut","quantity":9}}]}'`,
  ],
  "inventory watch": [
    "inventory watch",
    "inventory watch --snapshot --prefix M4",
    "inventory watch -o jsonl --since-revision 120",
  ],
  "tasks create": [
    "tasks create 'Fix the drill' --priority high --due-at +3d",
    "tasks create 'Build a shelf' --team carpentry --materials item=Board,quantity=4 --materials item=Screw,quantity=16",
  ],
  "tasks get": ["tasks get ID"],
  "tasks update": ["tasks update ID --status done", "tasks update ID --due-at 2026-12-24T17:00 --tags urgent,workshop"],
  "tasks delete": ["tasks delete ID"],
  "tasks list": [
    "tasks list --filter 'status != DONE' --order-by 'priority desc, due_at'",
    "tasks list --all -o jsonl",
  ],
  "tasks watch": ["tasks watch", "tasks watch --snapshot --filter 'status = IN_PROGRESS'"],
  "health check": ["health check", "health check inventory.Inventory"],
  "health list": ["health list"],
  "health watch": ["health watch"],
};

/** Examples of a command, without the `steward` in front. */
export function rpcExamples(group: Group, { name, short, method }: MethodCommand): readonly string[] {
  const known = EXAMPLES[`${group.name} ${short}`] ?? EXAMPLES[`${group.name} ${name}`];
  if (known !== undefined) return known;
  const flags = fieldFlags(method.input, () => "").filter(({ hidden }) => !hidden);
  const positional = positionalFlag(flags);
  const [other] = flags.filter((flag) => flag !== positional);
  const parts = [positional && positional.path.at(-1)!.name.toUpperCase(), other && sample(other)];
  return [[group.name, short, ...parts.filter((part) => part !== undefined)].join(" ")];
}

function sample(flag: Flag): string {
  return flag.switch ? `--${flag.name}` : `--${flag.name} '${flag.values?.[0] ?? flag.placeholder}'`;
}
