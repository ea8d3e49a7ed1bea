import { assertEquals } from "@std/assert";
import protobuf from "protobufjs";
import { findGroup, findMethod, groupsOf } from "../../lib/cli/groups.ts";
import { kebab, plural, singular } from "../../lib/cli/names.ts";
import { fileDescriptors, typeRegistry } from "../../lib/schema/mod.ts";
import { contract } from "../helpers/contract.ts";

function shorts(name: string): Record<string, string> {
  return Object.fromEntries(findGroup(contract().groups, name)!.methods.map((one) => [one.method.name, one.short]));
}

Deno.test("methods about the group's noun go by their verb, others by it only when nobody else has it", () => {
  assertEquals(shorts("inventory"), {
    AddItem: "add",
    GetItem: "get",
    ListItems: "list",
    UpdateItem: "update",
    RemoveItem: "remove",
    AdjustStock: "adjust",
    ListMovements: "list-movements",
    ImportItems: "import",
    WatchItems: "watch",
  });
  assertEquals(shorts("tasks"), {
    CreateTask: "create",
    GetTask: "get",
    UpdateTask: "update",
    DeleteTask: "delete",
    ListTasks: "list",
    WatchTasks: "watch",
  });
  assertEquals(shorts("health"), { Check: "check", List: "list", Watch: "watch" });
});

Deno.test("no two methods of a group share a name", () => {
  for (const group of contract().groups) {
    const names = group.methods.flatMap(({ name, short }) => [...new Set([name, short])]);
    assertEquals(new Set(names).size, names.length, group.name);
  }
});

Deno.test("a group is found by its name, its number and its service", () => {
  for (const name of ["tasks", "task", "taskmanager.TaskManager"]) {
    assertEquals(findGroup(contract().groups, name)?.service.typeName, "taskmanager.TaskManager");
  }
  const tasks = findGroup(contract().groups, "tasks")!;
  for (const name of ["create", "create-task", "CreateTask"]) {
    assertEquals(findMethod(tasks, name)?.method.name, "CreateTask");
  }
});

Deno.test("services that are not known yet get a derived name, the second of the same name its full one", () => {
  const source = `syntax = "proto3"; package a; message M {}
    service PaintShopService { rpc PaintDoor(M) returns (M); rpc PaintWall(M) returns (M); rpc Open(M) returns (M); }
    service PaintShop { rpc Open(M) returns (M); }`;
  const root = protobuf.parse(source, { keepCase: true }).root;
  const stamp = (object: protobuf.ReflectionObject) => {
    object.filename = "a.proto";
    if (object instanceof protobuf.Namespace) object.nestedArray.forEach(stamp);
  };
  stamp(root);
  root.resolveAll();
  const groups = groupsOf([...typeRegistry(fileDescriptors(root))].filter((type) => type.kind === "service"));
  assertEquals(groups.map(({ name }) => name), ["paint-shop", "a.PaintShop"]);
  assertEquals(groups[0]!.methods.map(({ short }) => short), ["paint-door", "paint-wall", "open"]);
});

Deno.test("names are taken apart at capitals, digits and separators", () => {
  assertEquals(kebab("AddItem"), "add-item");
  assertEquals(kebab("page_token"), "page-token");
  assertEquals(kebab("GetHTTPServer"), "get-http-server");
  assertEquals([singular("tasks"), singular("entries"), singular("glass")], ["task", "entry", "glass"]);
  assertEquals([plural("task"), plural("entry"), plural("tray")], ["tasks", "entries", "trays"]);
});
