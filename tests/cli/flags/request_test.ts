/**
 * From a command line to a request, for the methods of the contract.
 *
 * @module
 */
import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { rpcExamples } from "../../../lib/cli/commands/examples.ts";
import { rpcCommand } from "../../../lib/cli/commands/rpc.ts";
import { UsageError } from "../../../lib/cli/failure.ts";
import { fieldFlags } from "../../../lib/cli/flags/fields.ts";
import { parseFlags } from "../../../lib/cli/flags/parse.ts";
import { applyFields, fillRequestId, fillUpdateMask, givenFields } from "../../../lib/cli/flags/request.ts";
import { GLOBAL_FLAGS } from "../../../lib/cli/settings.ts";
import { contract, method } from "../../helpers/contract.ts";

const AROUND = {
  now: () => new Date("2026-05-04T08:30:00.000Z"),
  readFile: (path: string) => new TextEncoder().encode(`content of ${path}`),
};

function request(path: string, args: string[], base: JsonObject = {}, mask = false): unknown {
  const { input } = method(path);
  const { registry, comment } = contract();
  const flags = fieldFlags(input, comment);
  const given = givenFields(parseFlags(args, flags), flags, AROUND);
  const message = applyFields(fromJson(input, base, { registry }), input, given, registry);
  if (mask) fillUpdateMask(message, input, given);
  return toJson(input, message, { registry });
}

const ADD = "inventory.Inventory/AddItem";
const UPDATE = "inventory.Inventory/UpdateItem";
const ADJUST = "inventory.Inventory/AdjustStock";
const CREATE = "taskmanager.TaskManager/CreateTask";
const CHANGE = "taskmanager.TaskManager/UpdateTask";
const WATCH = "inventory.Inventory/WatchItems";
const IMPORT = "inventory.Inventory/ImportItems";

const GOOD: [string, string, string[], unknown, JsonObject?][] = [
  ["scalars", ADD, ["--name", "Widget", "--quantity", "100", "--price", "9.99"], {
    name: "Widget",
    quantity: 100,
    price: 9.99,
  }],
  ["a positional argument as the name", ADD, ["Widget"], { name: "Widget" }],
  ["a positional argument as the title", CREATE, ["Fix it"], { title: "Fix it" }],
  ["a positional argument as the id before the title", CHANGE, ["7", "--title", "t"], { id: "7", title: "t" }],
  ["lists from commas and repetition", ADD, ["--tags", "a,b", "--tags", "c"], { tags: ["a", "b", "c"] }],
  ["a comma within a list", ADD, ["--tags", "a\\,b"], { tags: ["a,b"] }],
  ["a list as JSON", ADD, ["--tags", '["a,b","c"]'], { tags: ["a,b", "c"] }],
  ["maps", ADD, ["--attributes", "k=v", "--attributes", "m=a=b,c"], { attributes: { k: "v", m: "a=b,c" } }],
  ["short names of enums", CHANGE, ["--status", "Done"], { status: "TASK_STATUS_DONE" }],
  ["names of several words", CHANGE, ["--status", "in_progress"], { status: "TASK_STATUS_IN_PROGRESS" }],
  ["full names of enums", CHANGE, ["--status", "TASK_STATUS_TODO"], { status: "TASK_STATUS_TODO" }],
  ["dates", CREATE, ["--due-at", "2026-12-24"], { dueAt: "2026-12-24T00:00:00Z" }],
  ["relative times", CREATE, ["--due-at", "+3d"], { dueAt: "2026-05-07T08:30:00Z" }],
  ["durations", WATCH, ["--progress-interval", "500ms"], { progressInterval: "0.500s" }],
  ["switches", WATCH, ["--snapshot"], { snapshot: true }],
  ["64-bit numbers beyond those of JSON", WATCH, ["--since-revision", "9007199254740993"], {
    sinceRevision: "9007199254740993",
  }],
  ["negative numbers", ADJUST, ["Widget", "--delta", "-5"], { name: "Widget", delta: -5 }],
  ["masks", UPDATE, ["--update-mask", "price,reorder_level"], { updateMask: "price,reorderLevel" }],
  ["messages by pairs", CREATE, ["--materials", "item=Bolt,quantity=4", "--materials", "item=Nut"], {
    materials: [{ item: "Bolt", quantity: 4 }, { item: "Nut" }],
  }],
  ["messages as JSON", CREATE, ["--materials", '{"item":"Bolt","quantity":4}'], {
    materials: [{ item: "Bolt", quantity: 4 }],
  }],
  ["fields of the one message within, plainly", UPDATE, ["Widget", "--price", "3"], {
    item: { name: "Widget", price: 3 },
  }],
  ["the same with dots", UPDATE, ["--item.name", "Widget", "--item.tags", "a"], {
    item: { name: "Widget", tags: ["a"] },
  }],
  ["the request's own field where both have it", UPDATE, ["--etag", "e", "--item.etag", "i"], {
    item: { etag: "i" },
    etag: "e",
  }],
  ["options within", IMPORT, ["--mode", "skip", "--dry-run"], { options: { mode: "IMPORT_MODE_SKIP", dryRun: true } }],
  ["one of a oneof", CREATE, ["--user-id", "3"], { userId: "3" }],
  ["flags over -d", ADD, ["--price", "2", "--tags", "b"], { name: "W", price: 2, tags: ["b"] }, {
    name: "W",
    price: 1,
    tags: ["a"],
  }],
  ["a flag that clears what -d gave", ADD, ["--tags", "", "--quantity", "0"], {}, { tags: ["a"], quantity: 5 }],
  ["another member of a oneof than -d gave", CREATE, ["--team", "a"], { team: "a" }, { userId: "3" }],
  ["a field within beside what -d gave", UPDATE, ["--price", "2"], { item: { name: "W", price: 2 } }, {
    item: { name: "W" },
  }],
];

for (const [what, path, args, expected, base] of GOOD) {
  Deno.test(`a request takes ${what}`, () => assertEquals(request(path, args, base), expected));
}

const BAD: [string, string[], string][] = [
  [ADD, ["--quantity", "1.5"], "--quantity is a whole number, not '1.5'"],
  [ADD, ["--quantity", "2147483648"], "--quantity lies between -2147483648 and 2147483647, not 2147483648"],
  [ADD, ["--quantity", "0x10"], "--quantity is a whole number"],
  [ADD, ["--price", "9,99"], "--price is a number, not '9,99'"],
  [ADD, ["--price", ""], "--price is a number, not ''"],
  [ADD, ["--attributes", "k"], "--attributes takes KEY=VALUE, not 'k'"],
  [ADD, ["a", "--name", "b"], "'a' and --name both give the name"],
  [ADD, ["a", "b"], "unexpected argument 'b'"],
  [WATCH, ["a"], "unexpected argument 'a'"],
  [CHANGE, ["--status", "finished"], "--status is one of todo, in-progress, done, not 'finished'"],
  [CREATE, ["--due-at", "soon"], "--due-at is a time such as"],
  [WATCH, ["--progress-interval", "1"], "--progress-interval is a duration such as"],
  [CREATE, ["--user-id", "3", "--team", "a"], "--user-id and --team exclude each other: both are the assignee"],
  [CREATE, ["--materials", "Bolt"], "--materials takes item=TEXT,quantity=NUMBER or JSON, not 'Bolt'"],
  [CREATE, ["--materials", "itm=Bolt"], "--materials has no field 'itm', only item, quantity"],
  [CREATE, ["--materials", "item=Bolt,quantity=x"], "--materials quantity is a whole number, not 'x'"],
  [UPDATE, ["--name", "a", "--item.name", "b"], "--name and --item.name set the same field"],
  [UPDATE, ["--item", "{"], "--item is not valid JSON"],
];

for (const [path, args, sentence] of BAD) {
  Deno.test(`a request refuses ${args.join(" ")}`, () => {
    assertThrows(() => request(path, args), UsageError, sentence);
  });
}

Deno.test("an enum's unknown value names the nearest", () => {
  assertEquals(assertThrows(() => request(CHANGE, ["--status", "dnoe"]), UsageError).hint, "did you mean done?");
});

const MASKS: [string, string, string[], JsonObject][] = [
  ["what flags set in the message within", UPDATE, ["W", "--quantity", "0"], {
    item: { name: "W" },
    updateMask: "quantity",
  }],
  ["what flags set in the request", CHANGE, ["7", "--description", ""], { id: "7", updateMask: "description" }],
  ["neither id nor etag nor request_id", CHANGE, ["7", "--etag", "e", "--request-id", "r"], {
    id: "7",
    etag: "e",
    requestId: "r",
  }],
  ["only what was said when it is given", UPDATE, ["W", "--price", "1", "--update-mask", "*"], {
    item: { name: "W", price: 1 },
    updateMask: "*",
  }],
  ["nothing in a request without one", ADD, ["W", "--quantity", "0"], { name: "W" }],
];

for (const [what, path, args, expected] of MASKS) {
  Deno.test(`the update mask names ${what}`, () => assertEquals(request(path, args, {}, true), expected));
}

Deno.test("a request gets an id of its own, unless it has one or no field for it", () => {
  const { registry } = contract();
  const idOf = (path: string, json: JsonObject) => {
    const { input } = method(path);
    const message = fromJson(input, json, { registry });
    fillRequestId(message, input);
    return (toJson(input, message, { registry }) as JsonObject).requestId;
  };
  assertMatch(String(idOf(ADD, {})), /^[0-9a-f-]{36}$/);
  assertEquals(idOf(ADD, { requestId: "mine" }), "mine");
  assertEquals(idOf("inventory.Inventory/GetItem", {}), undefined);
});

Deno.test("every example of every command parses with its flags and names existing fields", () => {
  let count = 0;
  for (const group of contract().groups) {
    for (const names of group.methods) {
      const command = rpcCommand(group, names, contract());
      // `import` is a command of its own; the plain method then goes by its full name.
      const path = names.short === "import" ? `${group.name} ${names.name}` : command.path;
      const fields = fieldFlags(names.method.input, contract().comment);
      for (const example of rpcExamples(group, names)) {
        const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
        assertEquals(words.slice(0, 2).join(" "), path, example);
        const parsed = parseFlags(words.slice(2), [...command.flags, ...GLOBAL_FLAGS]);
        if (EXPLICIT.has(group.name)) givenFields(parsed, fields, AROUND);
        count++;
      }
    }
  }
  assert(count > 20);
});

/** Groups whose examples are written by hand, and so must have values that fit too. */
const EXPLICIT = new Set(["inventory", "tasks", "health"]);
